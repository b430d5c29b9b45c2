# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the engine listens, found as the docker command finds it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.client import DEFAULT_SOCKET

_UNIX = "unix://"


class NoSocketError(ValueError):
    """Where an engine should listen there is nothing; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sockets:
    """The socket to ask, and those of other engines on this host."""

    chosen: str
    others: tuple[str, ...]


def find(asked: str, *, environment: Mapping[str, str] | None = None, home: Path | None = None, root: Path = Path("/")) -> Sockets:
    """Return the engine's socket: the one that was `asked` for, else DOCKER_HOST's, the current context's, the default, or a rootless engine's.

    Raises `ValueError` with one sentence where the user's settings name an engine that is not on this host.
    Source: Docker documentation, docker contexts and rootless mode.
    """
    variables = os.environ if environment is None else environment
    there = [path for path in _usual(root) if _is_socket(root / path.lstrip("/"))]
    chosen = asked or _host(variables) or _context(variables, home or Path.home()) or next(iter(there), DEFAULT_SOCKET)
    same = {os.path.realpath(root / chosen.lstrip("/"))}
    others = []
    for path in there:
        real = os.path.realpath(root / path.lstrip("/"))
        if real not in same:
            same.add(real)
            others.append(path)
    return Sockets(chosen=chosen, others=tuple(others))


def _is_socket(path: Path) -> bool:
    try:
        return path.is_socket()
    except OSError:
        # Of another user, whose directory is closed.
        return False


def usable(socket: str) -> None:
    """Raise `ValueError` with one sentence where there is no such socket (`NoSocketError`), or where this user may not use it."""
    path = Path(socket)
    try:
        there = path.exists()
    except OSError:
        there = True
    if not there:
        raise NoSocketError(f"there is no engine socket at {socket}; start Docker, or name its socket with audit_socket")
    if not os.access(path, os.W_OK):
        raise ValueError(f"this user may not use {socket}; add the user to group docker, or run the audit with --become")


def _usual(root: Path) -> Iterator[str]:
    yield DEFAULT_SOCKET
    try:
        yield from sorted(f"/{path.relative_to(root)}" for path in (root / "run/user").glob("*/docker.sock"))
    except OSError:
        return


def _host(variables: Mapping[str, str]) -> str:
    return _path(variables.get("DOCKER_HOST", ""), "DOCKER_HOST")


def _context(variables: Mapping[str, str], home: Path) -> str:
    config = Path(variables.get("DOCKER_CONFIG") or home / ".docker")
    name = variables.get("DOCKER_CONTEXT") or str(_json(config / "config.json").get("currentContext") or "")
    if name in ("", "default"):
        return ""
    described = _json(config / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json")
    endpoint = (described.get("Endpoints") or {}).get("docker") or {}
    if not endpoint.get("Host"):
        raise ValueError(f"the Docker context '{name}' has no endpoint; set audit_socket to the engine's socket")
    return _path(str(endpoint["Host"]), f"the Docker context '{name}'")


def _path(address: str, source: str) -> str:
    if address and not address.startswith(_UNIX):
        raise ValueError(f"{source} is {address}: that engine is not on this host; audit that host, or set audit_socket to a local socket")
    return address.removeprefix(_UNIX)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

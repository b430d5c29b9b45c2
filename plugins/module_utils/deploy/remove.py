# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers of services stopped and removed, all at once."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from ..engine.client import Engine, EngineError
from ..engine.container import service
from ..engine.unknown_tasks import end_unknown_tasks

# A little more than the longest grace period of the catalog.
_TIMEOUT = 360.0
_AT_ONCE = 8


class RemoveError(Exception):
    """Containers cannot be removed; the text is one sentence."""


def remove(socket: str, project: str, services: Collection[str], *, check: bool = False) -> list[str]:
    """Stop and remove the containers of these services; return their names. With `check` it only names them. Raises `RemoveError`."""
    engine = Engine(socket)
    names: list[str] = []
    try:
        chosen = [container for container in engine.containers(project) if service(container) in services]
        names = [str(container["Name"]).lstrip("/") for container in chosen]
        if not check:
            end_unknown_tasks(engine, [str(container["Id"]) for container in chosen if container["State"]["Status"] != "running"])
            remove_containers(socket, [str(container["Id"]) for container in chosen])
    except EngineError as error:
        raise RemoveError(f"Cannot remove {', '.join(names) or 'services'}: {error}.") from error
    finally:
        engine.close()
    return names


def remove_containers(socket: str, identifiers: Collection[str]) -> None:
    """Stop and remove containers, each given its time to end what it does. Raises `EngineError`."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda identifier: _remove(socket, identifier), identifiers))


def _remove(socket: str, container: str) -> None:
    engine = Engine(socket, _TIMEOUT)
    try:
        engine.post(f"/containers/{container}/stop")
        engine.delete(f"/containers/{container}?force=true")
    except EngineError as error:
        # A container that is gone is removed.
        if error.status != 404:
            raise
    finally:
        engine.close()

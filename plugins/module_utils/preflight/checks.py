# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that would stop a run on this host, found before anything on it is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.client import RESTART
from ..host import codes
from ..host.facts import Engine, Facts
from ..host_prep.capabilities import major
from ..problems import Finding, Severity
from ..units import CORE, cores, mib, shown
from .capacity import held, memory_left
from .network import taken, unfit

# 20.10, the line before 23.0, is no longer maintained; of Compose, nothing older than 2.18 is supported or was tried.
MINIMUM_ENGINE = (23, 0)
MINIMUM_COMPOSE = (2, 18)

PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a run asks of a host: free bytes where the engine keeps images, and the capacity that was declared, if any.

    `builtin` tells whether the built-in catalog is part of the stack.
    """

    disk_free: int | None
    declared_memory: int | None
    declared_cpus: int | None
    declared_disk: int | None
    pretend: bool
    builtin: bool = True


def check(facts: Facts, compose: Mapping[str, Any], requirements: Requirements) -> list[Finding]:
    """Return every problem of a host, for a Compose definition."""
    return [
        *_root(facts),
        *_project(facts.project),
        *_engine(facts.engine),
        # Whose networks and ports there are, only the engine tells.
        *(() if facts.engine.hung else (*unfit(facts, compose), *taken(facts, compose))),
        *_disk(facts, requirements.disk_free),
        *_capacity(facts, requirements),
        *(() if requirements.builtin else _beside_itself(facts, str(compose.get("name") or ""))),
    ]


def _beside_itself(facts: Facts, name: str) -> Iterator[Finding]:
    """Find the adopted project running as another one: two servers on one volume destroy its data."""
    running = sorted(one.name for one in facts.neighbours if name and one.project == name)
    if running:
        yield _error(
            codes.PROJECT_RUNS,
            "stack_project",
            f"{facts.project!r} would start beside the project {name!r}, whose containers run and use the same volumes: {', '.join(running)}",
            f"write stack_project: {name}, or stop them first: docker compose --project-name {name} down",
        )


def _project(name: str) -> Iterator[Finding]:
    if name and not PROJECT.fullmatch(name):
        message = f"Compose does not accept {shown(name)} as a project's name"
        yield _error(codes.PROJECT_INVALID, "stack_project", message, "use lower-case letters, digits, _ and -, a letter or digit first")


def _root(facts: Facts) -> Iterator[Finding]:
    if not facts.root:
        yield _error(codes.NOT_ROOT, "host.user", "the run is not root on the host", "set ansible_become: true or connect as root")


def _engine(engine: Engine) -> Iterator[Finding]:
    if engine.daemon_config_invalid:
        yield _error(
            codes.DAEMON_CONFIG_INVALID,
            "host:/etc/docker/daemon.json",
            "the file is not a JSON mapping, and would be lost if it were written again",
            "correct it or move it away",
        )
    if engine.hung:
        yield _error(codes.ENGINE_HUNG, "host.docker_engine", engine.error, RESTART)
    if not engine.running:
        # An engine that is absent or stopped is installed or started by the run itself.
        return
    for name, text, minimum, code in (
        ("Docker Engine", engine.version, MINIMUM_ENGINE, codes.ENGINE_TOO_OLD),
        ("Docker Compose", engine.compose_version, MINIMUM_COMPOSE, codes.COMPOSE_TOO_OLD),
    ):
        if _version(text) < minimum:
            wanted = ".".join(str(part) for part in minimum)
            path = f"host.{name.lower().replace(' ', '_')}"
            if text:
                yield _error(code, path, f"{name} {text} is too old", f"upgrade it to {wanted} or newer")
            else:
                yield _error(code, path, f"{name} is not installed", f"install {wanted} or newer, as a plugin of the docker command")


def _version(text: str) -> tuple[int, int]:
    parts = [*text.split("."), "0"]
    return major(text), major(parts[1])


def _disk(facts: Facts, needed: int | None) -> Iterator[Finding]:
    if needed is None or facts.own:
        # Where the stack runs already, its images are already there.
        return
    root = facts.engine.root
    disk = facts.disks.get(root)
    if disk and disk.free < needed:
        yield _error(
            codes.DISK_TOO_SMALL,
            f"host:{root}",
            f"{disk.free // _MIB} MiB are free on {disk.device or disk.mount}, the run needs {needed // _MIB} MiB",
            "free some room or lower preflight_disk_free",
        )


def _capacity(facts: Facts, requirements: Requirements) -> Iterator[Finding]:
    severity: Severity = "warning" if requirements.pretend else "error"
    stated = (
        ("memory", requirements.declared_memory, memory_left(facts), mib),
        ("cpus", requirements.declared_cpus, len(facts.core_ids) * CORE, lambda figure: f"{cores(figure)} cores"),
        ("disk", requirements.declared_disk, _disks(facts), mib),
    )
    for name, declared, real, show in stated:
        if declared is not None and real is not None and declared > real:
            yield Finding(
                code=codes.CAPACITY_ABOVE_HOST,
                severity=severity,
                path=f"stack_capacity.{name}",
                message=f"{show(declared)} are declared, the host has {show(real)}{_beside(facts) if name == 'memory' else ''}",
                fix="remove it from stack_capacity so that the host's own figure is taken",
            )


def _beside(facts: Facts) -> str:
    names = sorted(one.title for one in held(facts))
    return f" beside {', '.join(names)}" if names else ""


def _disks(facts: Facts) -> int | None:
    """Return the bytes of the filesystems that may be used, each once; nothing where none is known."""
    return sum({disk.key: disk.usable for disk in facts.disks.values() if disk.key}.values()) or None


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)

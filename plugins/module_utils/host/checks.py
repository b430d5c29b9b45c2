# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that would stop a run on this host, found before anything on it is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.problems import Finding
from . import codes
from .capabilities import major
from .ports import taken
from .subnets import unfit

# 20.10, the line before 23.0, is no longer maintained; community.docker's docker_compose_v2 asks for Compose 2.18.
MINIMUM_ENGINE = (23, 0)
MINIMUM_COMPOSE = (2, 18)

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a run asks of a host: free bytes where the engine keeps images, and the capacity that was declared, if any."""

    disk_free: int | None
    declared_memory: int | None
    declared_cpus: int | None
    pretend: bool


def check(host: Mapping[str, Any], compose: Mapping[str, Any], requirements: Requirements) -> list[Finding]:
    """Return every problem of a host as `host_info` describes it, for a Compose definition."""
    return [
        *_root(host),
        *_engine(host["engine"]),
        *unfit(host, compose),
        *taken(host, compose),
        *_disk(host, requirements.disk_free),
        *_capacity(host, requirements),
    ]


def _root(host: Mapping[str, Any]) -> Iterator[Finding]:
    if not host["root"]:
        yield _error(codes.NOT_ROOT, "host.user", "the run is not root on the host", "set ansible_become: true or connect as root")


def _engine(engine: Mapping[str, Any]) -> Iterator[Finding]:
    if "_invalid" in engine["daemon_config"]:
        yield _error(
            codes.DAEMON_CONFIG_INVALID,
            "host:/etc/docker/daemon.json",
            "the file is no JSON mapping, and would be lost if it were written anew",
            "correct it or move it away",
        )
    if not engine["running"]:
        # An engine that is absent or stopped is installed or started by the run itself.
        return
    for name, text, minimum, code in (
        ("Docker Engine", engine["version"], MINIMUM_ENGINE, codes.ENGINE_TOO_OLD),
        ("Docker Compose", engine["compose_version"], MINIMUM_COMPOSE, codes.COMPOSE_TOO_OLD),
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


def _disk(host: Mapping[str, Any], needed: int | None) -> Iterator[Finding]:
    if needed is None or host["engine"]["containers"]:
        # Where the stack runs already, its images are already there.
        return
    root = host["engine"]["root"]
    disk = host["disks"].get(root)
    if disk and disk["free"] < needed:
        yield _error(
            codes.DISK_TOO_SMALL,
            f"host:{root}",
            f"{disk['free'] // _MIB} MiB are free on {disk['device'] or disk['mount']}, the run needs {needed // _MIB} MiB",
            "free some room or lower preflight_disk_free",
        )


def _capacity(host: Mapping[str, Any], requirements: Requirements) -> Iterator[Finding]:
    real = host["memory"]["total"]
    declared = requirements.declared_memory
    if declared is not None and declared > real:
        yield Finding(
            code=codes.CAPACITY_ABOVE_HOST,
            severity="warning" if requirements.pretend else "error",
            path="stack_capacity.memory",
            message=f"{declared // _MIB} MiB are declared, the kernel reports {real // _MIB} MiB",
            fix="remove stack_capacity so that the kernel's figure is taken",
        )
    if requirements.declared_cpus is not None and requirements.declared_cpus > host["cores"] * 1000:
        yield Finding(
            code=codes.CAPACITY_ABOVE_HOST,
            severity="warning" if requirements.pretend else "error",
            path="stack_capacity.cpus",
            message=f"{requirements.declared_cpus / 1000:g} cores are declared, the host has {host['cores']}",
            fix="remove stack_capacity so that the kernel's figure is taken",
        )


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)

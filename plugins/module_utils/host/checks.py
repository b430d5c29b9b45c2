# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that would stop a run on this host, found before anything on it is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.problems import Finding, Severity
from ..budget.units import CORE, cores, mib
from . import codes
from .capabilities import major
from .ports import taken
from .subnets import unfit

# 20.10, the line before 23.0, is no longer maintained; of Compose, nothing older than 2.18 is supported or was tried.
MINIMUM_ENGINE = (23, 0)
MINIMUM_COMPOSE = (2, 18)

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a run asks of a host: free bytes where the engine keeps images, and the capacity that was declared, if any."""

    disk_free: int | None
    declared_memory: int | None
    declared_cpus: int | None
    declared_disk: int | None
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
    severity: Severity = "warning" if requirements.pretend else "error"
    stated = (
        ("memory", requirements.declared_memory, host["memory"]["total"], mib),
        ("cpus", requirements.declared_cpus, host["cores"] * CORE, lambda figure: f"{cores(figure)} cores"),
        ("disk", requirements.declared_disk, _disks(host), mib),
    )
    for name, declared, real, show in stated:
        if declared is not None and real is not None and declared > real:
            yield Finding(
                code=codes.CAPACITY_ABOVE_HOST,
                severity=severity,
                path=f"stack_capacity.{name}",
                message=f"{show(declared)} are declared, the host has {show(real)}",
                fix="remove it from stack_capacity so that the host's own figure is taken",
            )


def _disks(host: Mapping[str, Any]) -> int | None:
    """Return the bytes of the filesystems that may be used, each once; nothing where none is known."""
    found = {(disk["device"], disk["mount"]): disk.get("usable", 0) for disk in host["disks"].values()}
    devices = {device if device.startswith("/dev/") else mount: usable for (device, mount), usable in found.items()}
    return sum(devices.values()) or None


def _error(code: str, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)

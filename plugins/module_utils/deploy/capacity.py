# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a budget is made for: what is declared, and what a host reports of everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.problems import Finding
from ..budget.units import mib
from ..host.codes import DISK_TAKEN


def capacity_of(host: Mapping[str, Any], declared: Mapping[str, Any], classes: Mapping[str, str]) -> dict[str, Any]:
    """Return a capacity as `budget.solve` takes it.

    `host` is what `host_info` returns, `classes` maps storage classes to directories. A plain `disk` that is declared stands for
    all of the host's filesystems.
    """
    ceilings = host["ceilings"]
    reported = {
        "memory": host["memory"]["total"],
        "cpus": host["cores"],
        # An imagined host has the cores that are declared.
        "cores": host["cores"] or None,
        "swap": host["memory"].get("swap_total"),
        "pids": ceilings.get("pids") or None,
        "files": ceilings.get("files") or None,
        "disks": {} if "disk" in declared else filesystems(host, classes),
    }
    return {name: figure for name, figure in reported.items() if figure not in (None, {})} | dict(declared)


def filesystems(host: Mapping[str, Any], classes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the filesystems that hold storage classes, the engine's root or the system, by mount, as a capacity takes them.

    Two mounts of one device are one filesystem; without a class and the engine, it is none of the budget's.
    """
    root = str(host["engine"]["root"])
    keys = {path: _key(host, path) for path in sorted({*classes.values(), root})}
    return {
        host["disks"][path]["mount"]: {
            "size": host["disks"][path]["usable"],
            "classes": sorted(name for name, directory in classes.items() if keys[directory] == key),
            "engine": key == keys[root],
            "system": key == _key(host, "/"),
        }
        # The last path of a filesystem stands for it.
        for key, path in {key: path for path, key in keys.items() if key}.items()
    }


def others(host: Mapping[str, Any], budget: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding for each filesystem on which more lies than the budget knows of."""
    ours = bool(host["engine"]["containers"])
    for mount, taken in budget.get("totals", {}).get("disks", {}).items():
        disk = next((disk for disk in host["disks"].values() if disk["mount"] == mount), None)
        if disk is None:
            continue
        known = taken["reserve"] + (taken["volumes"] + taken["images"] + taken["logs"] if ours else 0)
        used = disk["usable"] - disk["free"]
        if used - known > max(0, taken["left"]):
            yield Finding(
                code=DISK_TAKEN,
                severity="warning",
                path=f"host:{mount}",
                message=f"{mib(used)} are in use, {mib(used - known)} more than the budget knows of and can spare",
                fix="free some room, or raise policy.reserve.disk by as much",
                amount=used - known,
            )


def _key(host: Mapping[str, Any], path: str) -> str:
    """Return what tells filesystems apart, empty where nothing is known of one."""
    disk = host["disks"].get(path)
    if not disk or not disk.get("usable"):
        return ""
    device = str(disk["device"])
    return device if device.startswith("/dev/") else str(disk["mount"])

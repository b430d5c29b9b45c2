# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control groups of the experiment: one around all of its containers, so that the machine is never at stake, and one for the load."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.engine.group import CGROUPS, Group

_CONTROLLERS = ("memory", "cpu", "cpuacct", "pids", "blkio", "cpuset")
_SLICE = "ziggieisolation.slice"
_PARENT = "ziggie-isolation"
_LOAD = "ziggie-isolation-load"
V1 = (CGROUPS / "memory").is_dir()


def parent_name(driver: str) -> str:
    """Return what a container calls its parent, by the engine's cgroup driver."""
    return _SLICE if driver == "systemd" else f"/{_PARENT}"


def make_parent(driver: str, memory: int, pids: int) -> Group:
    """Make the group that holds all containers of an arm, with the host's share of memory and processes."""
    if driver == "systemd":
        subprocess.run(["systemctl", "start", _SLICE], check=True)
        limits = [f"MemoryMax={memory}", "MemorySwapMax=0", f"TasksMax={pids}"]
        subprocess.run(["systemctl", "set-property", "--runtime", _SLICE, *limits], check=True)
        return _group(_SLICE)
    for place in _places(_PARENT):
        place.mkdir(exist_ok=True)
    _write(_PARENT, "memory", "memory.limit_in_bytes" if V1 else "memory.max", str(memory))
    _write(_PARENT, "pids", "pids.max", str(pids))
    return _group(_PARENT)


def join_load() -> None:
    """Put this process into the group of the load, which has as much weight as there is."""
    for place in _places(_LOAD)[: None if V1 else 1]:
        if V1 and place.parent.name != "cpu":
            continue
        place.mkdir(exist_ok=True)
        (place / ("cpu.shares" if V1 else "cpu.weight")).write_text("262144" if V1 else "10000", encoding="ascii")
        (place / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


def remove(driver: str) -> bool:
    """Take the groups away, in every hierarchy that the engine made them in; return whether all are gone."""
    if driver == "systemd":
        subprocess.run(["systemctl", "stop", _SLICE], check=False)
    left = False
    for place in {path.resolve() for name in (_LOAD, _PARENT) for path in (CGROUPS / name, *CGROUPS.glob(f"*/{name}"))}:
        with contextlib.suppress(FileNotFoundError):
            try:
                place.rmdir()
            except OSError:
                # A process in it is not gone yet.
                left = left or place.exists()
    return not left


def _places(name: str) -> list[Path]:
    found = {(CGROUPS / controller).resolve() / name: None for controller in _CONTROLLERS if (CGROUPS / controller).is_dir()}
    return list(found) if V1 else [CGROUPS / name]


def _group(name: str) -> Group:
    return Group(dict.fromkeys(_CONTROLLERS, name) if V1 else {"": name}, CGROUPS)


def _write(name: str, controller: str, file: str, text: str) -> None:
    place = CGROUPS / controller / name if V1 else CGROUPS / name
    (place / file).write_text(text, encoding="ascii")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control groups of the experiment: one around all of its containers, so that the machine is never at stake, and one for the load."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.engine.cgroup import CGROUPS, Group
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.document import DAEMON_RELOAD, in_force

_CONTROLLERS = ("memory", "cpu", "cpuacct", "pids", "blkio", "cpuset")
_SLICE = "ziggieisolation.slice"
_PARENT = "ziggie-isolation"
_LOAD = "ziggie-isolation-load"
_IDLE = "ziggie-isolation-idle"
_ENGINE = "ziggie-isolation-engine"
# The engine's units, and the programs that run in them on a host whose version of cgroups does not let a unit choose its cores.
UNITS = ("docker.service", "containerd.service")
PROGRAMS = ("dockerd", "containerd")
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
    _join(_LOAD, *(("cpu.shares", "262144") if V1 else ("cpu.weight", "10000")))


def join_idle() -> None:
    """Put this process into a group that gets the processor when nobody else wants it, and gives it back at once."""
    _join(_IDLE, "cpu.idle", "1")


def _join(name: str, file: str, text: str) -> None:
    place = (CGROUPS / "cpu").resolve() / name if V1 else CGROUPS / name
    place.mkdir(exist_ok=True)
    (place / file).write_text(text, encoding="ascii")
    (place / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


def confine_engine(cores: str) -> None:
    """Let the engine run on these cores alone; an empty list: on those that the host gives it otherwise.

    On v2 it is the property of its units that host preparation writes. On v1 a unit has none, and the same group is made by hand.
    """
    if not V1:
        for unit in UNITS:
            # What is set at run time is in no file, so the unit's own say what was there before.
            subprocess.run(in_force(unit, {"AllowedCPUs": cores or _written(unit)}), check=True)
        return
    top = (CGROUPS / "cpuset").resolve()
    place = top / _ENGINE
    if cores:
        place.mkdir(exist_ok=True)
        (place / "cpuset.mems").write_text((top / "cpuset.mems").read_text(encoding="ascii"), encoding="ascii")
        (place / "cpuset.cpus").write_text(cores, encoding="ascii")
        for process in _named(PROGRAMS):
            (place / "cgroup.procs").write_text(process, encoding="ascii")
    elif place.is_dir():
        # A program may start another one meanwhile.
        while inside := (place / "cgroup.procs").read_text(encoding="ascii").split():
            for process in inside:
                with contextlib.suppress(ProcessLookupError):
                    (top / "cgroup.procs").write_text(process, encoding="ascii")
        place.rmdir()


def _written(unit: str) -> str:
    subprocess.run(DAEMON_RELOAD, check=True)
    order = ["systemctl", "show", "--property=AllowedCPUs", "--value", unit]
    # Shown with spaces between the parts, where a list of cores has commas.
    return ",".join(subprocess.run(order, capture_output=True, text=True, check=True).stdout.split())


def engine_cpu() -> float:
    """Return the seconds of processor that the engine has had."""
    total = 0
    for process in _named(PROGRAMS):
        with contextlib.suppress(OSError):
            # After the name: state, 10 more, utime, stime (proc_pid_stat(5)).
            fields = Path("/proc", process, "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def _named(names: tuple[str, ...]) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (place / "comm").read_text(encoding="utf-8").strip() in names:
                found.append(place.name)
    return found


def remove(driver: str) -> bool:
    """Take the groups away, in every hierarchy that the engine made them in; return whether all are gone."""
    if driver == "systemd":
        subprocess.run(["systemctl", "stop", _SLICE], check=False)
    left = False
    for place in {path.resolve() for name in (_LOAD, _IDLE, _PARENT) for path in (CGROUPS / name, *CGROUPS.glob(f"*/{name}"))}:
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

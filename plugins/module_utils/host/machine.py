# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine: its id, memory, cores, limits of processes, pressure, kind, distribution, clock."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import os
import resource
from collections.abc import Callable

from .facts import Ceilings, Clock, Distribution, Memory
from .root import Root

_KIB = 1024
_CAP_SYS_RESOURCE = 1 << 24
# Programs that set the clock, by the name that the kernel shows.
_CLOCKS = {"systemd-timesyn": "systemd-timesyncd", "chronyd": "chrony", "ntpd": "ntpd", "openntpd": "openntpd", "ptp4l": "ptp4l"}
# What adjtimex(2) answers while the clock is not synchronized, and more than the size of what it fills in on any machine.
_UNSYNCHRONIZED = 5
_TIMEX = 512


def identity(root: Root) -> str:
    """Return an id of this machine that is ours alone, empty where it has none: machine-id(5) is not to be shown to others."""
    own = root.text("/etc/machine-id")
    return "" if own in ("", "uninitialized") else hmac.new(own.encode(), b"ziggie.stack", hashlib.sha256).hexdigest()


def memory(root: Root) -> Memory:
    """Return memory and swap in bytes."""
    fields = root.fields("/proc/meminfo")

    def size(name: str) -> int:
        return int(fields.get(name, "0 kB").split()[0]) * _KIB

    total = size("MemTotal")
    for limit in (root.number("/sys/fs/cgroup/memory/memory.limit_in_bytes"), root.number("/sys/fs/cgroup/memory.max")):
        if limit and limit < total:
            total = limit
    return Memory(total=total, available=size("MemAvailable"), swap_total=size("SwapTotal"), swap_free=size("SwapFree"))


def core_ids() -> tuple[int, ...]:
    """Return the numbers of the cores that this host may use."""
    return tuple(sorted(os.sched_getaffinity(0)))


def ceilings(root: Root) -> Ceilings:
    """Return the most that a container, and all of them together, may be given."""
    effective = int(root.fields("/proc/self/status").get("CapEff", "0"), 16)
    can_raise = bool(effective & _CAP_SYS_RESOURCE)
    nofile, memlock = _rlimit(resource.RLIMIT_NOFILE), _rlimit(resource.RLIMIT_MEMLOCK)
    if can_raise:
        nofile, memlock = root.number("/proc/sys/fs/nr_open") or nofile, -1
    files = root.number("/proc/sys/fs/file-max") or 0
    return Ceilings(nofile=nofile, memlock=memlock, can_raise=can_raise, pids=_pids(root), files=files)


def _pids(root: Root) -> int:
    """Return the least of what the kernel and the groups that hold all containers allow."""
    kernel = ("/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max")
    groups = [f"/sys/fs/cgroup{controller}{group}/pids.max" for controller in ("", "/pids") for group in ("", "/system.slice")]
    found = [root.number(path) for path in (*kernel, *groups)]
    return min((most for most in found if most), default=0)


def _rlimit(kind: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return -1 if hard == resource.RLIM_INFINITY else hard


def pressure(root: Root) -> dict[str, str]:
    """Return the PSI lines of cpu, memory and io; empty where the kernel keeps none."""
    found = {name: root.text(f"/proc/pressure/{name}") for name in ("cpu", "memory", "io")}
    return {name: text for name, text in found.items() if text}


def virtualization(root: Root) -> str:
    """Return `container`, `kvm` and the like as DMI and init tell; `none` on bare metal, `unknown` where nothing tells."""
    environment = root.text("/proc/1/environ").split("\0")
    if any(entry.startswith("container=") for entry in environment) or root.exists("/.dockerenv"):
        return "container"
    vendor = root.text("/sys/class/dmi/id/sys_vendor").lower()
    for word, name in (("qemu", "kvm"), ("kvm", "kvm"), ("vmware", "vmware"), ("xen", "xen"), ("microsoft", "hyperv")):
        if word in vendor:
            return name
    if "hypervisor" in root.text("/proc/cpuinfo"):
        return "vm"
    return "none" if vendor else "unknown"


def distribution(root: Root) -> Distribution:
    """Return the distribution. Source: os-release(5)."""
    pairs = (line.split("=", 1) for line in root.text("/etc/os-release").splitlines() if "=" in line)
    fields = {key: value.strip('"') for key, value in pairs}
    return Distribution(id=fields.get("ID", ""), version=fields.get("VERSION_ID", ""), codename=fields.get("VERSION_CODENAME", ""))


def clock(root: Root, kernel: Callable[[], int] | None = None) -> Clock:
    """Return whether the clock is synchronized, and the service that sets it."""
    state = (kernel or _clock_state)()
    names = sorted(_CLOCKS[name] for name in root.programs() & set(_CLOCKS))
    return Clock(synchronized=None if state < 0 else state != _UNSYNCHRONIZED, service=names[0] if names else "")


def _clock_state() -> int:
    try:
        # All zero asks and changes nothing.
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX)))
    except (OSError, AttributeError):
        return -1

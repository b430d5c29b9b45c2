# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory, cores, swap and ceilings of a host, as its kernel reports them."""

from __future__ import annotations

import os
import resource
from typing import Any

from .tree import Tree

_KIB = 1024
_CAP_SYS_RESOURCE = 1 << 24


def memory(tree: Tree) -> dict[str, int]:
    """Return `total`, `available`, `swap_total`, `swap_free` in bytes; `total` is the smaller of RAM and our cgroup's limit."""
    fields = tree.fields("/proc/meminfo")

    def size(name: str) -> int:
        return int(fields.get(name, "0 kB").split()[0]) * _KIB

    total = size("MemTotal")
    for limit in (tree.number("/sys/fs/cgroup/memory/memory.limit_in_bytes"), tree.number("/sys/fs/cgroup/memory.max")):
        if limit and limit < total:
            total = limit
    return {
        "total": total,
        "available": size("MemAvailable"),
        "swap_total": size("SwapTotal"),
        "swap_free": size("SwapFree"),
    }


def cores() -> list[int]:
    """Return the numbers of the cores that this host may use."""
    return sorted(os.sched_getaffinity(0))


def ceilings(tree: Tree) -> dict[str, Any]:
    """Return the most that a container may be given: `nofile` (count), `memlock` (bytes, -1 = no ceiling), `can_raise`.

    And the most that all of them together may have: `pids` (processes and threads) and `files` (0 where the kernel does not tell).
    """
    effective = int(tree.fields("/proc/self/status").get("CapEff", "0"), 16)
    can_raise = bool(effective & _CAP_SYS_RESOURCE)
    nofile = _rlimit(resource.RLIMIT_NOFILE)
    memlock = _rlimit(resource.RLIMIT_MEMLOCK)
    if can_raise:
        nofile, memlock = tree.number("/proc/sys/fs/nr_open") or nofile, -1
    return {
        "nofile": nofile,
        "memlock": memlock,
        "can_raise": can_raise,
        "pids": _pids(tree),
        "files": tree.number("/proc/sys/fs/file-max") or 0,
    }


def _pids(tree: Tree) -> int:
    """Return the least of what the kernel and the groups that hold all containers allow."""
    kernel = ("/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max")
    groups = [f"/sys/fs/cgroup{controller}{group}/pids.max" for controller in ("", "/pids") for group in ("", "/system.slice")]
    found = [tree.number(path) for path in (*kernel, *groups)]
    return min((most for most in found if most), default=0)


def _rlimit(kind: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return -1 if hard == resource.RLIM_INFINITY else hard


def pressure(tree: Tree) -> dict[str, str]:
    """Return the PSI lines of cpu, memory and io; empty where the kernel keeps none."""
    found = {name: tree.text(f"/proc/pressure/{name}") for name in ("cpu", "memory", "io")}
    return {name: text for name, text in found.items() if text}


def virtualization(tree: Tree) -> str:
    """Return `container`, `kvm` and the like as DMI and init say it; `none` on bare metal, `unknown` where nothing tells."""
    environment = tree.text("/proc/1/environ").split("\0")
    if any(entry.startswith("container=") for entry in environment) or tree.exists("/.dockerenv"):
        return "container"
    vendor = tree.text("/sys/class/dmi/id/sys_vendor").lower()
    for word, name in (("qemu", "kvm"), ("kvm", "kvm"), ("vmware", "vmware"), ("xen", "xen"), ("microsoft", "hyperv")):
        if word in vendor:
            return name
    if "hypervisor" in tree.text("/proc/cpuinfo"):
        return "vm"
    return "none" if vendor else "unknown"

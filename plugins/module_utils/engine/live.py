# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container as it really is: what the engine was asked for, and what the kernel enforces."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ..budget.core_list import read as read_cores
from . import cgroup
from .moment import seconds

LABEL_PREFIX = "ziggie.stack."

# A lab's image that imitates the real one says so; whoever prints results prints that too.
STAND_IN_LABEL = "org.ziggie.lab.stand-in"


def describe(
    container: dict[str, Any],
    *,
    proc: Path = Path("/proc"),
    cgroups: Path = Path("/sys/fs/cgroup"),
    cores: Collection[int] | None = None,
) -> dict[str, Any]:
    """Turn an engine's inspect answer into the words of the stack; `cores` are those of the host.

    Returns a dict with `service`, `number` (which of its service's containers, from 1), `name`, `id`, `image`, `state`, `health`
    (`none` where no probe is set), `restarts`, `oom_killed`, `created` and `started` (seconds since 1970), `exit_code`, `labels` (ours, without
    their prefix), `stand_in`, `limits` (bytes, millicores, counts, and `cpuset`, a list of cores, empty for all, as the engine holds
    them), `kernel` (the same names as the cgroup files say; empty when the container does not run), `cgroup_parent` (the slice or
    group that it was put into, empty for the engine's own) and `ports`.
    """
    state = container["State"]
    host = container["HostConfig"]
    labels = container["Config"].get("Labels") or {}
    return {
        "service": service(container),
        "number": number(container),
        "name": container["Name"].lstrip("/"),
        "id": container["Id"],
        "image": container["Config"]["Image"],
        "image_id": container["Image"],
        "state": state["Status"],
        "health": (state.get("Health") or {}).get("Status", "none"),
        "health_output": _last_probe(state),
        "restarts": container.get("RestartCount", 0),
        "oom_killed": bool(state.get("OOMKilled")),
        "created": seconds(container.get("Created", "")),
        "started": seconds(state.get("StartedAt", "")),
        "exit_code": state.get("ExitCode", 0),
        "labels": {key[len(LABEL_PREFIX) :]: value for key, value in labels.items() if key.startswith(LABEL_PREFIX)},
        "limits": _limits(host, os.sched_getaffinity(0) if cores is None else cores),
        "kernel": cgroup.limits(state["Pid"], proc=proc, cgroups=cgroups) if state.get("Pid") else {},
        "cgroup_parent": host.get("CgroupParent") or "",
        "ports": _ports(container),
        "stand_in": labels.get(STAND_IN_LABEL) == "true",
    }


def service(container: Mapping[str, Any]) -> str:
    """Return the name of the service that a container, as the engine describes it, belongs to."""
    return str((container["Config"].get("Labels") or {}).get("com.docker.compose.service", ""))


def number(container: Mapping[str, Any]) -> int:
    """Return which of its service's containers one is."""
    written = str((container["Config"].get("Labels") or {}).get("com.docker.compose.container-number", ""))
    return int(written) if written.isdecimal() else 1


def title(service_name: str, which: int, of: int) -> str:
    """Return what a container is called among `of` containers of its service: the service, or `ziggie-api/2`."""
    return service_name if of == 1 else f"{service_name}/{which}"


def _limits(host: dict[str, Any], cores: Collection[int]) -> dict[str, int | str]:
    quota = host.get("NanoCpus") or 0
    return {
        "memory": host.get("Memory") or 0,
        "memory_swap": host.get("MemorySwap") or 0,
        "memory_reservation": host.get("MemoryReservation") or 0,
        "cpu_shares": host.get("CpuShares") or 0,
        "cpu_quota": quota // 1_000_000,
        "pids": max(host.get("PidsLimit") or 0, 0),
        "io_weight": host.get("BlkioWeight") or 0,
        "oom_score_adj": host.get("OomScoreAdj") or 0,
        "cpuset": _confined(host.get("CpusetCpus") or "", cores),
    }


def _confined(cpuset: str, cores: Collection[int]) -> str:
    """Return a list of cores, or nothing where it is all of them: the engine cannot take a list away, only make it longer."""
    try:
        return "" if read_cores(cpuset).issuperset(cores) else cpuset
    except ValueError:
        return cpuset


def _last_probe(state: dict[str, Any]) -> str:
    log = (state.get("Health") or {}).get("Log") or []
    return str(log[-1].get("Output", "")).strip()[:500] if log else ""


def _ports(container: dict[str, Any]) -> list[dict[str, Any]]:
    bindings = container["HostConfig"].get("PortBindings") or {}
    return [
        {"container": inside, "address": outside.get("HostIp") or "0.0.0.0", "host": int(outside["HostPort"] or 0)}
        for inside, published in sorted(bindings.items())
        for outside in published or []
    ]

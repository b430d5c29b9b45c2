# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can do for the budget, as the keys that `render.compose` asks about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host_prep.settings import Settings
from .places import ENGINE
from .weights import Choice

# healthcheck.start_interval came with Engine 25 (API 1.44).
_START_INTERVAL_ENGINE = 25


def derive(facts: dict[str, Any], choice: Choice, settings: Settings, held: Mapping[str, str]) -> dict[str, Any]:
    """Return the capabilities from the facts of `host_info`: booleans, ceilings as numbers, and for what is not there the `reasons`.

    They are those that the host has once it is prepared as the `settings` say, with the `choice` of an I/O scheduler. `devices` maps
    each name of a block device to that of the disk which a container's I/O can be throttled on (the kernel takes no partition), and so
    each storage class, of which `held` names the device.
    """
    absent = slices_absent(facts) or ("" if settings.slices else "stack_host.slices is false")
    loose = _engine_loose(facts) or ("" if settings.plane else "stack_host.plane is false")
    groups, limits, engine = facts["cgroup"], facts["ceilings"], facts["engine"]
    return {
        "io_weight": bool(choice.scheduler),
        "oom_score_adj": not engine["rootless"],
        "memory_reservation": "memory" in groups["controllers"],
        "swap_limit": groups["swap_limit"],
        "memlock_unlimited": limits["memlock"] == -1,
        "nofile_max": None if limits["nofile"] == -1 else limits["nofile"],
        "start_interval": major(engine["version"]) >= _START_INTERVAL_ENGINE,
        "cpus": facts["cores"],
        "core_ids": facts["core_ids"],
        "live_state": facts["systemd"] and not engine["rootless"],
        "slices": not absent,
        "engine_cores": not loose,
        "devices": _devices(facts["block_devices"], held),
        "reasons": {name: reason for name, reason in (("slices", absent), ("engine_cores", loose), ("io_weight", choice.reason)) if reason},
    }


def _devices(blocks: list[dict[str, Any]], held: Mapping[str, str]) -> dict[str, str]:
    paths = {block["name"]: block["path"] for block in blocks}
    wholes = {block["name"]: paths.get(block["parent"], block["path"]) for block in blocks}
    named = {name: wholes[block["name"]] for block in blocks for name in (block["path"], *block["by_id"], *block["links"])}
    return named | {name: wholes[device] for name, device in held.items() if name != ENGINE}


def slices_absent(facts: dict[str, Any]) -> str:
    """Return why a host cannot put containers into slices of systemd, or nothing."""
    engine = facts["engine"]
    if facts["cgroup"]["version"] != 2:
        return "its kernel runs cgroup v1, which knows no protection of memory"
    if not facts["systemd"]:
        return "systemd is not its init"
    if engine["rootless"]:
        return "its engine runs without root"
    if driver(engine) != "systemd":
        return f"its engine makes control groups with the driver {driver(engine)}, not with systemd"
    return ""


def _engine_loose(facts: dict[str, Any]) -> str:
    """Return why the engine cannot be kept off some cores, or nothing."""
    if facts["cgroup"]["version"] != 2:
        return "its kernel runs cgroup v1, where a unit of systemd has no choice of cores"
    return "" if facts["systemd"] else "systemd is not its init"


def driver(engine: dict[str, Any]) -> str:
    """Return the engine's cgroup driver; of one that does not run yet, the one it will have where nothing else is configured."""
    configured = [
        option.partition("=")[2] for option in engine["daemon_config"].get("exec-opts") or [] if "native.cgroupdriver=" in str(option)
    ]
    return str(engine["cgroup_driver"] or (configured or ["systemd"])[-1])


def major(version: str) -> int:
    """Return a version's first number, 0 where there is none."""
    head = version.split(".", 1)[0]
    return int(head) if head.isdigit() else 0

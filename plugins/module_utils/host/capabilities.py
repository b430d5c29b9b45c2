# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can do for the budget, as the keys that `render.compose` asks about."""

from __future__ import annotations

from typing import Any

# healthcheck.start_interval came with Engine 25 (API 1.44).
_START_INTERVAL_ENGINE = 25


def derive(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the capabilities from the facts of `host_info`: booleans, and ceilings as numbers."""
    groups, limits, engine = facts["cgroup"], facts["ceilings"], facts["engine"]
    return {
        "io_weight": groups["bfq_weight"] or groups["io_weight"],
        "oom_score_adj": not engine["rootless"],
        "memory_reservation": "memory" in groups["controllers"],
        "swap_limit": groups["swap_limit"],
        "memlock_unlimited": limits["memlock"] == -1,
        "nofile_max": None if limits["nofile"] == -1 else limits["nofile"],
        "start_interval": major(engine["version"]) >= _START_INTERVAL_ENGINE,
        "cpus": facts["cores"],
        "core_ids": facts["core_ids"],
        "slices": not slices_absent(facts),
    }


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

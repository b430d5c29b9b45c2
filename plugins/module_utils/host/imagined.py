# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is only thought of: it can do everything."""

from __future__ import annotations

from typing import Any


def imagined() -> dict[str, Any]:
    """Return facts in the shape of `gather.gather`, for a plan that asks no host.

    Its capacity is whatever is declared; the checks of a real host find nothing wrong with it.
    """
    return {
        "root": True,
        "memory": {"total": 0, "swap_total": None},
        "cores": 0,
        "engine": {
            "running": False,
            "installed": False,
            "root": "",
            "daemon_config": {"log-driver": "local"},
            "networks": [],
            "containers": 0,
            "ports": [],
        },
        "disks": {},
        "block_devices": [],
        "storage": {},
        "systemd": True,
        "routes": [],
        "listening": [],
        "files": {},
        "sysctl": {},
        "volumes": {},
        "ceilings": {"nofile": -1, "memlock": -1, "can_raise": True, "pids": None, "files": None},
        "capabilities": {
            "io_weight": True,
            "oom_score_adj": True,
            "memory_reservation": True,
            "swap_limit": True,
            "memlock_unlimited": True,
            "nofile_max": None,
            "start_interval": True,
            "live_state": True,
            "slices": True,
        },
    }

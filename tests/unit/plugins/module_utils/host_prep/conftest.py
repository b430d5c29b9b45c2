# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host on which nothing was prepared yet."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(name="facts")
def _facts() -> dict[str, Any]:
    return {
        "project": "ziggie",
        "systemd": True,
        "virtualization": "kvm",
        "memory": {"total": 16 << 30, "available": 8 << 30},
        "cgroup": {"version": 2},
        "io": {"udev": True},
        "core_ids": [0, 1, 2, 3],
        "engine": {"containers": [], "rootless": False},
        "disks": {"/": {"free": 20 << 30, "filesystem": "ext4"}},
        "storage": {},
        "swap": {"areas": [], "zram": "loadable"},
        "sysctl": {"vm.swappiness": "60", "net.ipv4.tcp_rmem": "4096\t131072\t6291456"},
        "sysctl_fixed": [],
        "huge_pages": {"enabled": "always", "defrag": "madvise", "max_ptes_none": "511", "writable": True},
        "former": {"sysctl": {}, "huge_pages": {}},
        "firewall": {"table": "", "nft": True},
        "uplinks": ["eth0"],
    }

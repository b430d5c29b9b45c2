# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A class, a blank device, and an empty place for it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import StorageClass


@pytest.fixture(name="hot")
def _hot() -> StorageClass:
    return StorageClass(name="hot", path="/mnt/hot", device="/dev/disk/by-id/nvme-a")


@pytest.fixture(name="facts")
def _facts() -> dict[str, Any]:
    return {
        "device": {
            "exists": True,
            "block": {
                "path": "/dev/nvme1n1",
                "by_id": ["/dev/disk/by-id/nvme-a"],
                "size": 100 << 30,
                "name": "nvme1n1",
                "parent": "",
                "rotational": False,
                "scheduler": "none",
                "schedulers": ["none"],
                "read_only": False,
                "root": False,
                "partitions": [],
                "holders": [],
                "mounts": [],
                "swap": False,
                "busy": False,
            },
            "signatures": [],
            "blank": True,
        },
        "target": {"source": "", "link": False, "holds": ""},
        "unit": "",
        "enabled": False,
        "intent": 0,
        "tool": True,
    }

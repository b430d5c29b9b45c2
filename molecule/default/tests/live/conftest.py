# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel says of every container, read without the collection's own reader."""

from __future__ import annotations

import re
from typing import Any

import pytest

_FILES = "memory.limit_in_bytes memory.memsw.limit_in_bytes cpu.shares cpu.cfs_quota_us cpu.cfs_period_us pids.max memory.max memory.swap.max cpu.max"


@pytest.fixture(name="kernel", scope="session")
def _kernel(ask: Any, containers: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return cgroup files by service and name."""
    names = " -o ".join(f"-name {name}" for name in _FILES.split())
    lines = ask(f"find -L /sys/fs/cgroup -maxdepth 6 -type f \\( {names} \\) -exec grep -H . {{}} + 2>/dev/null || true").splitlines()
    services = {container["Id"]: service for service, container in containers.items()}
    found: dict[str, dict[str, str]] = {service: {} for service in services.values()}
    for line in lines:
        path, _colon, value = line.partition(":")
        scope = re.search(r"/(?:docker-)?([0-9a-f]{64})(?:\.scope)?/([a-z_.]+)$", path)
        if scope and scope[1] in services:
            found[services[scope[1]]][scope[2]] = value
    return found

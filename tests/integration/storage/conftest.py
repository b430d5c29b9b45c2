# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two blank disks for each test, and a host that is afterwards as it was."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.ziggie.stack.tests.integration.storage import disks

PLACE = "/mnt/ziggie-test"
UNITS = "/etc/systemd/system/mnt-ziggie\\x2dtest-"


@pytest.fixture(scope="session", autouse=True)
def _lab() -> None:
    listed = subprocess.run(["docker", "ps", "-q", "--filter", f"name=^{disks.HOST}$"], capture_output=True, check=False).stdout
    if not shutil.which("docker") or not listed:
        pytest.fail(f"the lab host {disks.HOST} does not run: 'make lab' starts it", pytrace=False)


@pytest.fixture(name="disk")
def _disk() -> Iterator[disks.Disk]:
    disk = disks.attach(disks.FIRST)
    yield disk
    _clean(disk)


@pytest.fixture(name="other")
def _other() -> Iterator[disks.Disk]:
    disk = disks.attach(disks.FIRST + 1)
    yield disk
    _clean(disk)


def _clean(disk: disks.Disk) -> None:
    disks.detach(disk)
    disks.ask(
        f"rm -rf {PLACE} /var/lib/ziggie/storage /etc/systemd/system/mnt-ziggie*.mount /etc/systemd/system/local-fs.target.wants/mnt-ziggie*;"
        f" rmdir {disks.IMAGES} 2>/dev/null; systemctl daemon-reload"
    )

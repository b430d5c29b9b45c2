# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The isolation experiment, killed midway, leaves the host as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults.lab import ROOT, ask, until

pytestmark = pytest.mark.integration

PROJECT = "label=com.docker.compose.project=ziggie-isolation"
LEFT = (
    f"docker ps -aq --filter {PROJECT}; docker volume ls -q --filter {PROJECT}; docker network ls -q --filter {PROJECT}; "
    "docker ps -q --filter status=paused; find /var/lib/ziggie-isolation /sys/fs/cgroup -maxdepth 2 -name 'ziggie*isolation*' 2>/dev/null; "
    "systemctl list-units --all --plain --no-legend 'ziggie-isolation*'; true"
)


def hogs() -> int:
    return len(ask("docker ps -q --filter label=ziggie.isolation.hog").split())


@pytest.mark.parametrize("victim", ["the program here", "the driver on the host"])
def test_killed_midway(victim: str) -> None:
    assert ask(LEFT) == ""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "ansible_collections.ziggie.stack.tests.bench.isolation",
            "--rounds",
            "1",
            "--rate",
            "20",
            "--memory-runs",
            "0",
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: hogs() >= 5, "the hogs run", seconds=180)
        if victim == "the program here":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            ask("systemctl kill --kill-whom=main -s KILL ziggie-isolation")
        until(lambda: ask(LEFT) == "", "nothing is left", seconds=90)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to the host is said, taken away when it is switched off, and finished by the next run when a run was killed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DROP_IN = "/etc/systemd/system/docker.service.d/60-ziggie.conf"
PENDING = "/opt/ziggie/host_prep.pending"


def test_what_the_host_cannot_keep_is_said_and_why(play: Callable[..., Any], ask: Any) -> None:
    if ask("stat -fc %T /sys/fs/cgroup").strip() == "cgroup2fs":
        return
    text = play("plan", variables={"plan_findings": "all"}).text
    assert "host.slices: the host has no slices" in text
    assert "host.io_weight: the host has no I/O weights, since its kernel runs cgroup v1" in text


def test_what_is_switched_off_is_taken_away_and_comes_back(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    before = {name: container["Id"] for name, container in inspect().items()}
    assert play(variables={"stack_host": {"services": False}}).code == 0
    assert ask(f"ls {DROP_IN} 2>/dev/null || true") == ""
    assert play().code == 0
    assert "OOMScoreAdjust=-500" in ask(f"cat {DROP_IN}")
    assert {name: container["Id"] for name, container in inspect().items()} == before


def test_what_a_killed_run_left_is_put_into_force_by_the_next(play: Callable[..., Any], ask: Any) -> None:
    # As a run leaves it that was killed after its files were written.
    ask(f"""printf '[["systemctl", "daemon-reload"], ["false"]]' > {PENDING}""")
    done = play()
    assert done.code == 0, done.text[-3000:]
    assert done.recap("changed") == 1
    assert ask(f"ls {PENDING} 2>/dev/null || true") == ""

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's own services work while the stack is at its limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from machine import PYTHON, TOOL_IMAGE, ask, inspect, login, until

UNITS = ("ssh.service", "docker.service", "systemd-journald.service")
SECONDS = 60
# Takes memory as fast as it can, and begins anew each time that it is killed for it.
_TAKE = "own = []\\nwhile True: own.append(bytearray(8 << 20)); own[-1][::4096] = bytes(2048)"


def test_what_the_machine_is_reached_by_dies_last_and_keeps_its_memory() -> None:
    stack = " ".join(str(container["State"]["Pid"]) for container in inspect().values())
    scores = [int(score) for score in ask(f"for pid in {stack}; do cat /proc/$pid/oom_score_adj; done").split()]
    for unit in UNITS:
        shown = dict(line.split("=") for line in ask(f"systemctl show {unit} --property=MainPID,MemoryMin").splitlines())
        group = f"/sys/fs/cgroup/system.slice/{unit}"
        score, kept, above = ask(f"cat /proc/{shown['MainPID']}/oom_score_adj {group}/memory.min {group}/../memory.min").split()
        assert int(score) < min(scores), unit
        assert 0 < int(shown["MemoryMin"]) == int(kept) <= int(above), unit


def test_the_engine_works_on_the_cores_that_are_not_kept_for_the_critical_tier(budget: dict[str, Any]) -> None:
    kept, others = (cores(budget["services"][name]["cpus"]) for name in ("postgres", "flowise"))
    assert kept != others
    allowed = "awk '/^Cpus_allowed_list:/ {print $2}' /proc/{}/status"
    for program in ("dockerd", "containerd"):
        assert ask(allowed.replace("{}", f"$(pidof {program})")) == others
    containers = inspect()
    # Containers are not the engine's: they have the cores that the budget gives them.
    assert ask(allowed.replace("{}", str(containers["postgres"]["State"]["Pid"]))) == kept
    assert ask(allowed.replace("{}", str(containers["flowise"]["State"]["Pid"]))) == others


def cores(share: dict[str, Any]) -> str:
    """Return the cores of a share as the kernel writes them."""
    first, last = share["first_core"], share["first_core"] + share["cores"] - 1
    return f"{first}" if first == last else f"{first}-{last}"


def test_huge_pages_go_to_those_who_ask() -> None:
    assert "[madvise]" in ask("cat /sys/kernel/mm/transparent_hugepage/enabled")


def test_the_journal_is_capped() -> None:
    assert "SystemMaxUse=" in ask("systemd-analyze cat-config systemd/journald.conf | grep -v '^#'")


def test_they_work_while_the_stack_is_at_its_limit(figure: Callable[[str, object, object], None]) -> None:
    used = int(ask("cat /sys/fs/cgroup/ziggie.slice/memory.current"))
    maximum = ask("cat /sys/fs/cgroup/ziggie.slice/memory.max")
    quiet = answered()
    ask(f"systemctl set-property --runtime ziggie.slice MemoryMax={used + (150 << 20)}")
    try:
        parent = inspect()["flowise"]["HostConfig"]["CgroupParent"]
        ask(
            f"docker run --detach --name vps-take --network none --restart always --oom-score-adj 900 --cgroup-parent={parent} "
            f"{TOOL_IMAGE} {PYTHON} -c \"$(printf '{_TAKE}')\""
        )
        kills = "awk '$1 == \"oom_kill\" {print $2}' /sys/fs/cgroup/ziggie.slice/memory.events"
        until(lambda: int(ask(kills)) > 0, 120, "the stack is at its limit")
        pressed = answered()
    finally:
        # A slice that runs keeps its figures when the unit alone changes.
        ask(f"docker rm -f vps-take; systemctl set-property --runtime ziggie.slice MemoryMax={maximum}")
    figure("sshd, engine and journald answer in (quiet, at the limit)", f"{quiet:.1f} s", f"{pressed:.1f} s")
    assert pressed < SECONDS
    assert ask("cat /sys/fs/cgroup/ziggie.slice/memory.max") == maximum


def answered() -> float:
    """Return the seconds in which a new login, the engine and the journal each answer."""
    began = time.monotonic()
    login()
    mark = f"vps-mark-{began}"
    ask(
        f"docker ps --quiet >/dev/null && logger {mark} && journalctl --sync && journalctl --quiet --boot --grep {mark} --lines 1 >/dev/null"
    )
    return time.monotonic() - began

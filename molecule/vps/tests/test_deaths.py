# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the machine's memory is given away to the last page, the kernel takes it back in the written order, and lets us in all the while."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from machine import ask, little_memory, login, unhealthy, until

# Not the kernel's choice itself; ends when the first process of the critical tier has died, as the kernel's log says.
_TAKE = """
import os, time
log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
os.lseek(log, 0, os.SEEK_END)
own, ended = [], False
end = time.time() + 240
while not ended and time.time() < end:
    own.append(bytearray(4 << 20))
    own[-1][::4096] = bytes(1024)
    try:
        while not ended:
            ended = b"ziggie-critical.slice" in os.read(log, 8192)
    except OSError:
        pass
"""
_DEATH = re.compile(r"oom-kill:.*global_oom,task_memcg=([^,]*),task=([^,]*)")
SECONDS = 60


def test_the_kernel_kills_in_the_written_order_and_sshd_answers(figure: Callable[[str, object, object], None]) -> None:
    logins: list[float] = []
    over = threading.Event()

    def keep_logging_in() -> None:
        while not over.is_set():
            logins.append(login())

    ask(f"cat >/root/take.py <<'END'\n{_TAKE}\nEND")
    since = ask("date +%s")
    caller = threading.Thread(target=keep_logging_in)
    with little_memory(1000):
        caller.start()
        try:
            ask("systemd-run --quiet --wait --property=OOMScoreAdjust=-900 python3 /root/take.py")
        finally:
            over.set()
            caller.join()
    deaths = [_DEATH.search(line) for line in ask(f"journalctl --dmesg --quiet --output=cat --since=@{since}").splitlines()]
    groups = [(death[1], death[2]) for death in deaths if death]
    order = [
        next((tier for tier in ("management", "workflow", "critical") if f"ziggie-{tier}.slice" in group), group) for group, _task in groups
    ]
    figure("killed, in order", "", ", ".join(f"{tier}: {task}" for tier, (_group, task) in zip(order, groups, strict=True)))
    figure("slowest of the logins meanwhile", "", f"{max(logins):.1f} s of {len(logins)}")
    assert [tier for number, tier in enumerate(order) if tier not in order[:number]] == ["management", "workflow", "critical"]
    assert max(logins) < SECONDS
    until(lambda: not unhealthy(), 600, "the stack is healthy again")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of I/O act where a scheduler acts by them: two readers of one disk, one in the critical tier's slice and one in the management tier's."""

from __future__ import annotations

from collections.abc import Callable

from machine import ask, inspect

QUEUE = "/sys/block/nvme0n1/queue/scheduler"
# As many at once as keep the disk busy, whatever the time is that emulation takes between one and the next.
_READ = (
    "fio --name=read --readonly --filename=/dev/nvme0n1 --rw=randread --bs=128k --direct=1 --ioengine=libaio --iodepth=16 "
    "--time_based --runtime=20 --ramp_time=5 --output-format=json"
)
_MIB = 'python3 -c \'import json, sys; print(json.load(open(sys.argv[1]))["jobs"][0]["read"]["io_bytes"] >> 20)\''


def read(scheduler: str) -> tuple[int, int]:
    """Return the MiB that a reader of the critical tier and one of the management tier read side by side."""
    ask(f"echo {scheduler} >{QUEUE}")
    stack = inspect()
    parents = [stack[name]["HostConfig"]["CgroupParent"] for name in ("postgres", "prometheus")]
    units = [
        f"systemd-run --quiet --wait --collect --slice={parent} --property=StandardOutput=truncate:/run/vps-read-{number} {_READ}"
        for number, parent in enumerate(parents)
    ]
    ask(f"{units[0]} & first=$!; {units[1]} && wait $first")
    return int(ask(f"{_MIB} /run/vps-read-0")), int(ask(f"{_MIB} /run/vps-read-1"))


def test_the_scheduler_that_was_chosen_knows_weights() -> None:
    assert "[bfq]" in ask(f"cat {QUEUE}")


def test_a_critical_reader_gets_the_larger_share(figure: Callable[[str, object, object], None]) -> None:
    try:
        critical, low = read("none")
        critical_weighed, low_weighed = read("bfq")
    finally:
        ask(f"echo bfq >{QUEUE}")
    assert min(critical, low, critical_weighed, low_weighed) > 0
    without, with_ = critical / low, critical_weighed / low_weighed
    figure(
        "critical reader : low reader", f"{critical} : {low} MiB = {without:.2f}", f"{critical_weighed} : {low_weighed} MiB = {with_:.2f}"
    )
    # 4 to 1 by the weights, while both have something waiting; the disk's own queue and slow callers take a part of it back.
    assert with_ > 1.5
    assert with_ > without * 1.3

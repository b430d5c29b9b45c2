# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a misbehaving service does: `hog.py memory | cpu | forks | disk | log | leak`. Each one is bounded in count, never in appetite."""

from __future__ import annotations

import os
import sys
import time

MIB = 1 << 20
# In the arm without limits these bounds, and the group around all containers, are what keeps the machine safe.
THREADS = 4
MOST_CHILDREN = 300
FILE = 128 * MIB
LEAKERS = 40


def memory(rate: float = 200 * MIB) -> None:
    """Grow without end."""
    held = []
    while True:
        held.append(bytearray(os.urandom(4096)) * (MIB // 4096))
        time.sleep(MIB / rate)


def cpu() -> None:
    """Spin on several threads, which in Python means processes."""
    for _child in range(THREADS - 1):
        if os.fork() == 0:
            break
    while True:
        pass


def forks() -> None:
    """Fork as fast as it goes; a child spins for a while, and for as long as there is room there is another one."""
    alive = 0
    while True:
        try:
            while alive < MOST_CHILDREN:
                if os.fork() == 0:
                    end = time.monotonic() + 2
                    while time.monotonic() < end:
                        pass
                    os._exit(0)
                alive += 1
        except OSError:
            # No more processes for us: a bomb tries again.
            time.sleep(0.001)
        try:
            while alive and os.waitpid(-1, os.WNOHANG)[0]:
                alive -= 1
        except ChildProcessError:
            alive = 0


def disk() -> None:
    """Write and wait for the disk, over and over into the same file."""
    block = os.urandom(4 * MIB)
    file = os.open("/scratch/filler", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    while True:
        os.lseek(file, 0, os.SEEK_SET)
        for _block in range(FILE // len(block)):
            os.write(file, block)
        os.fsync(file)


def log() -> None:
    """Say the same thing as fast as somebody takes it."""
    lines = (b'{"level":"error","message":"retrying, as before and for ever","attempt":%d}\n' % 7) * 64
    while True:
        os.write(1, lines)


def leak() -> None:
    """Leak slowly in many processes, as a server with workers does: none of them is large."""
    for _child in range(LEAKERS - 1):
        if os.fork() == 0:
            break
    memory(8 * MIB)


if __name__ == "__main__":
    {"memory": memory, "cpu": cpu, "forks": forks, "disk": disk, "log": log, "leak": leak}[sys.argv[1]]()

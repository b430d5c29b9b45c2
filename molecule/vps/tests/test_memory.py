# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reservation protects only where every group above it is protected, too: shown on a copy of PostgreSQL's container, in its slice and out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from machine import PYTHON, TOOL_IMAGE, ask, host, inspect, little_memory, until

WORKING_SET = 200
LEFT = 1500
_KILLED = 137
# What PostgreSQL does with its files: it reads them, and the kernel's page cache holds them on its account.
_HOLD = "import time; f = open('/files/working', 'rb')\nwhile f.read(1 << 20): pass\nprint('read', flush=True); time.sleep(3600)"
# A batch job, or a backup: some memory of its own, and a file larger than what is left.
_PRESS = (
    "import sys; own = bytearray(200 << 20); own[::4096] = bytes(len(own[::4096])); total = 0\n"
    "f = open(sys.argv[1] + '/bulk', 'rb')\n"
    "while part := f.read(1 << 20): total += len(part)\n"
    "print(total >> 20)"
)
FILES = "/var/tmp/vps"


@pytest.fixture(scope="module", autouse=True)
def _files() -> Iterator[None]:
    """Two files that no program has read yet, one larger than the memory that will be left."""
    ask(
        f"mkdir -p {FILES}; for file in working:{WORKING_SET} bulk:{LEFT * 2}; do fallocate --length ${{file#*:}}MiB {FILES}/${{file%:*}}; done"
    )
    for name, text in (("hold", _HOLD), ("press", _PRESS)):
        ask(f"cat >{FILES}/{name}.py <<'END'\n{text}\nEND")
    yield
    ask(f"docker rm -f vps-hold vps-press >/dev/null 2>&1; rm -r {FILES}")


def run(name: str, parent: str, options: str, script: str) -> str:
    slice_ = f"--cgroup-parent={parent}" if parent else ""
    return f"docker run --name {name} --network none {slice_} {options} -v {FILES}:/files {TOOL_IMAGE} {PYTHON} /files/{script}.py /files"


def kept(parent: str, presser: str) -> tuple[int, int, str]:
    """Return the MiB that a critical container holds before and after pressure from elsewhere, and what became of the one who pressed."""
    ask("docker rm -f vps-hold vps-press >/dev/null 2>&1; sync; echo 3 >/proc/sys/vm/drop_caches")
    postgres = inspect()["postgres"]["HostConfig"]
    limits = f"--memory {postgres['Memory']} --memory-reservation {postgres['MemoryReservation']}"
    ask(run("vps-hold", parent, f"--detach {limits}", "hold"))
    until(lambda: "read" in ask("docker logs vps-hold 2>&1"), 120, "the working set is read")
    group = ask("sed 's|^0::|/sys/fs/cgroup|' /proc/$(docker inspect -f '{{.State.Pid}}' vps-hold)/cgroup")
    before = int(ask(f"cat {group}/memory.current")) >> 20
    assert before >= WORKING_SET
    assert before << 20 < postgres["MemoryReservation"]
    pressed = host().run(presser)
    # Who cannot take from the critical service may be ended for want of memory; that is the order of death at work.
    assert pressed.rc in (0, _KILLED), pressed.stderr
    assert pressed.rc == _KILLED or int(pressed.stdout) == LEFT * 2
    after = int(ask(f"cat {group}/memory.current")) >> 20
    ask("docker rm -f vps-hold")
    return before, after, "which the kernel ended" if pressed.rc else "which read all it wanted"


@pytest.mark.parametrize("source", ["a batch service", "a process outside of Docker"])
def test_a_critical_service_keeps_what_it_is_promised(figure: Callable[[str, object, object], None], source: str) -> None:
    stack = inspect()
    outside = f"systemd-run --quiet --wait --pipe python3 {FILES}/press.py {FILES}"
    with little_memory(LEFT):
        found = {}
        for arm, parent, batch in (
            ("without", "", ""),
            ("with", stack["postgres"]["HostConfig"]["CgroupParent"], stack["flowise"]["HostConfig"]["CgroupParent"]),
        ):
            presser = run("vps-press", batch, "--rm --memory 2g", "press") if source == "a batch service" else outside
            found[arm] = kept(parent, presser)
    shown = {arm: f"{before} -> {after} MiB, {end}" for arm, (before, after, end) in found.items()}
    figure(f"critical container's memory under pressure from {source}", shown["without"], shown["with"])
    before, after, _end = found["with"]
    assert after >= before - 8
    # Or else the pressure would have shown nothing.
    before, after, _end = found["without"]
    assert after < before * 3 // 4

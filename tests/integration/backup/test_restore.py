# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore whose disk fills up, or that is killed at any of its steps: each place has its old data or its new ones, whole, and a second run finishes."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.tests.integration.backup.rough import (
    DISK,
    PLACE,
    PROGRAM,
    answers,
    ask,
    instead_of,
    left,
    program,
    put,
    redis,
    setup,
    sql,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.usefixtures("ledger")]

KILLED = Path(__file__).with_name("killed.py")
# What every directory says that it is: as it was backed up, or as it was changed after.
OLD, NEW = "changed since", "as backed up"
# Leaves so many bytes of the disk, once the data begin to come.
FILLS = f"""case "$1" in dump|restore) case "$*" in *manifest.json*) ;; *)
[ -e {DISK}/ballast ] || head -c $(( $(df --output=avail -B 1 {DISK} | tail -n 1) - %d )) /dev/zero > {DISK}/ballast ;;
esac ;; esac"""


def mark(text: str) -> None:
    """Write what the data are into each of the three places."""
    redis(f"SET mark '{text}'")
    ask(f"echo '{text}' > {DISK}/files/kept")
    sql(f"CREATE TABLE IF NOT EXISTS mark (text text); TRUNCATE mark; INSERT INTO mark VALUES ('{text}')")


def marks() -> dict[str, str]:
    """Return what the data in each place say that they are, once the servers answer; a part of another state would be missing beside it."""
    answers()
    found = {"redis": redis("GET mark"), "files": ask(f"cat {DISK}/files/kept"), "postgres": sql("SELECT text FROM mark")}
    whole = (redis("LLEN bulk"), sql("SELECT count(*) FROM bulk"))
    assert whole == ("20000", "20000")
    return found


def back_up(*services: str) -> None:
    """Store the data as they are, and change them afterwards."""
    setup(*services)
    mark(NEW)
    assert program("run")["failures"] == []
    mark(OLD)


@pytest.mark.parametrize("service", ["redis", "postgres"])
def test_a_disk_that_fills_up_during_a_restore_leaves_the_old_data_and_a_second_run_finishes(service: str) -> None:
    back_up(service)
    began = time.monotonic()
    try:
        with instead_of("/usr/bin/restic", FILLS % (64 << 10)):
            said = program(f"restore {service}")
        # The service is stopped meanwhile.
        assert time.monotonic() - began < 90
        assert ask(f"ls {DISK}/ballast")
        assert len(said["failures"]) == 1
        assert re.search("no space left on device", said["failures"][0], re.IGNORECASE), said
        # As much as it took is free again, and nothing is left beside.
        assert left() == []
        assert ask(f"ls -d {DISK}/{service}.before-* 2>/dev/null; true") == ""
    finally:
        ask(f"rm -f {DISK}/ballast")
    assert set(marks().values()) == {OLD}
    assert program(f"restore {service}")["failures"] == []
    assert marks()[service] == NEW
    assert program(f"remove-old {service}").get("failures", []) == []


def test_redis_comes_back_where_there_is_room_for_its_data_and_for_nothing_else() -> None:
    back_up("redis")
    began = time.monotonic()
    try:
        with instead_of("/usr/bin/restic", FILLS % (1 << 20)):
            assert program("restore redis")["failures"] == []
        assert time.monotonic() - began < 90
    finally:
        ask(f"rm -f {DISK}/ballast")
    assert marks()["redis"] == NEW


def test_a_restore_that_is_killed_before_any_of_its_steps_leaves_old_or_new_data_and_the_next_one_finishes() -> None:
    back_up("redis")
    put(f"{PLACE}/killed.py", KILLED.read_bytes())
    seen: list[tuple[int, str, dict[str, str]]] = []
    step, before = 0, {"redis": OLD, "files": OLD}
    while True:
        step += 1
        said = ask(f"python3 -I {PLACE}/killed.py {step} {PLACE}/stack/bin/backup restore redis --directory {PLACE}/stack 2>&1 || true")
        if said.startswith("{"):
            break
        event = said.splitlines()[0]
        # What systemd does when the unit has ended.
        ask(f"{PROGRAM} resume")
        found = marks()
        del found["postgres"]
        assert set(found.values()) <= {OLD, NEW}, (step, event, found)
        assert left() == [], (step, event)
        seen.append((step, event, found))
        # Data that have come back stay so: the next run begins with the old ones again.
        if found != before:
            mark(OLD)
            ask(f"{PROGRAM} remove-old redis")
    print(*seen, sep="\n")
    assert json.loads(said.splitlines()[0])["restored"]
    found = marks()
    assert (found["redis"], found["files"]) == (NEW, NEW)
    # Of both kinds, or this has shown nothing.
    assert {OLD, NEW} <= {value for _step, _event, found in seen for value in found.values()}

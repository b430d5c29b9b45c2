# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of backups, drills and restores when something fails.

Producers that die, wrong keys and containers that are OOM-killed are in molecule/default/tests/runs/test_backup.py, beside a deployed stack.
"""

from __future__ import annotations

import json
import re
import time

import pytest
from ansible_collections.ziggie.stack.tests.integration.backup.rough import (
    DISK,
    PLACE,
    PROGRAM,
    PROJECT,
    REPOSITORY,
    Ledger,
    answers,
    ask,
    backups,
    in_server,
    instead_of,
    left,
    program,
    put,
    restic,
    setup,
    status,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.usefixtures("ledger")]

RESTIC = "/usr/bin/restic"
# Changes one bit of each file.
FLIP = """
import sys
for path in sys.argv[1:]:
    with open(path, "r+b") as file:
        at = file.seek(0, 2) // 3
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
"""
REDIS, POSTGRES = f"{DISK}/redis", f"{DISK}/postgres"


def counting(volume: str = REDIS) -> set[str]:
    """Return the backups of a volume that count."""
    return {run for run, state in backups(volume).items() if state != "pending"}


def good(*services: str) -> str:
    """Back services up, which must succeed, and return the run."""
    setup(*services)
    said = program("run")
    assert said["failures"] == []
    return str(said["run"])


def test_a_second_backup_beside_one_is_refused_and_the_first_counts() -> None:
    with instead_of(RESTIC, 'case "$*" in *dump.rdb*) sleep 1.5 ;; esac'):
        said = ask(
            f"{PROGRAM} run >{PLACE}/first 2>&1 & pid=$!; sleep 1; {PROGRAM} run 2>/dev/null; wait $pid && head -n 1 {PLACE}/first"
        ).splitlines()
    second, first = (json.loads(line) for line in said)
    assert second["failures"] == [
        "another backup, drill or restore works on this host; wait for it: systemctl status 'ziggie-backup*' ziggie-drill"
    ]
    assert (first["failures"], len(first["manifests"]), first["run"] in counting()) == ([], 4, True)


def test_an_empty_dump_never_counts() -> None:
    setup("postgres")
    before = counting(POSTGRES)
    with in_server("exit 0"):
        said = program("run")
    assert re.fullmatch(r"postgres: postgres-\w+\.dump is empty", said["failures"][0]), said
    # The stack's directory was backed up all the same.
    assert [one["volume"] for one in said["manifests"]] == ["@host"]
    assert counting(POSTGRES) <= before
    assert status()[POSTGRES]["failed"]["verb"] == "run"


def test_a_server_that_a_deployment_replaces_while_it_is_dumped_makes_that_part_fail_and_the_next_run_goes_on() -> None:
    setup("postgres")
    before = counting(POSTGRES)
    with instead_of(RESTIC, f'case "$*" in *"filename postgres-"*) docker restart -t 5 {PROJECT}-postgres-1 >/dev/null 2>&1 ;; esac'):
        said = program("run")
    assert [one.partition(":")[0] for one in said["failures"]] == ["postgres"]
    assert counting(POSTGRES) <= before
    answers()
    assert good("postgres") in counting(POSTGRES)


def test_a_backup_that_is_killed_between_dump_and_manifest_never_counts_and_the_next_run_goes_on() -> None:
    setup("redis")
    before = counting()
    with instead_of(RESTIC, 'case "$*" in *"filename manifest.json"*) kill -KILL $PPID; exit 1 ;; esac'):
        ask(f"{PROGRAM} run >/dev/null 2>&1; true")
    found = backups(REDIS)
    assert found[max(found)] == "pending"
    assert {run for run, state in found.items() if state != "pending"} == before
    run = good("redis")
    # What the killed run left is gone, and this backup is one.
    found = backups(REDIS)
    assert (found[run], "pending" in found.values()) == ("stored", False)


def test_a_backup_stops_no_container_while_a_deployment_works() -> None:
    started = f"docker inspect --format '{{{{.State.StartedAt}}}}' {PROJECT}-redis-1"
    setup("redis")
    put(
        f"{PLACE}/deploys.py",
        f"""
import sys, time
sys.path.insert(0, "{PLACE}/stack/bin/backup")
from pathlib import Path
from ziggie.host.lock import PATH, Holder, Lock
from ziggie.host.run_log import PATH as LOG, RunLog
with Lock(Path(PATH), log=RunLog(Path(LOG))).held(Holder.of({{"holder": None, "verb": "deploy"}})) as work:
    time.sleep(5)
    work.failed = False
print("deployed", time.time())
""",
    )
    before = ask(started)
    said = ask(
        f"python3 {PLACE}/deploys.py >{PLACE}/deployed & pid=$!; sleep 0.5; {PROGRAM} run 2>/dev/null >{PLACE}/first & run=$!; "
        f"sleep 4; {started}; wait $pid; wait $run && head -n 1 {PLACE}/first"
    ).splitlines()
    assert said[0] == before
    answer = json.loads(said[1])
    assert (answer["failures"], len(answer["manifests"])) == ([], 3)
    # It was stopped afterwards, and runs again.
    assert ask(started) != before


def test_a_lock_of_a_run_that_was_killed_stops_nothing() -> None:
    ask(
        f"mkfifo {PLACE}/pipe; HOME=/root restic -q -r {REPOSITORY} -p {PLACE}/backup.key backup --stdin <{PLACE}/pipe >/dev/null 2>&1 & pid=$!; "
        f"exec 3>{PLACE}/pipe; timeout 30 sh -c 'until ls {REPOSITORY}/locks | grep -q .; do sleep 0.1; done'; kill -KILL $pid"
    )
    assert ask(f"ls {REPOSITORY}/locks") != ""
    good("redis")
    assert ask(f"ls {REPOSITORY}/locks") == ""


def test_a_repository_that_is_gone_is_named_and_not_made_anew_and_another_one_takes_the_backup() -> None:
    good("redis")
    ask(f"mv {REPOSITORY} {REPOSITORY}.away")
    try:
        said = program("run")
        assert len(said["failures"]) == 1
        assert said["failures"][0].startswith(f"the repository {REPOSITORY} was there and is gone: mount what it lies on;")
        assert {name for name, one in status().items() if DISK in name and one.get("failed")} == {REDIS, f"{DISK}/files"}
        setup("redis", repositories=[{"url": REPOSITORY}, {"url": f"{REPOSITORY}.second"}])
        said = program("run")
        assert (len(said["failures"]), len(said["manifests"])) == (1, 3)
        assert status()[f"{PROJECT}@host"]["failed"]["why"] == said["failures"][0]
        assert ask(f"ls -d {REPOSITORY} 2>/dev/null || true") == ""
    finally:
        ask(f"mv {REPOSITORY}.away {REPOSITORY}; rm -rf {REPOSITORY}.second")
    good("redis")


def test_a_repository_that_is_read_only_or_full_is_named_and_the_next_run_goes_on() -> None:
    good("redis")
    ask(f"mkdir -p {REPOSITORY}.small && mount -t tmpfs -o size=256k none {REPOSITORY}.small")
    try:
        setup("redis", repositories=[{"url": f"{REPOSITORY}.small"}])
        said = program("run")
        assert any("no space left on device" in one and f"{REPOSITORY}.small" in one for one in said["failures"]), said["failures"]
        ask(f"mount -o remount,ro {REPOSITORY}.small")
        said = program("run")
        assert said["failures"] == [
            f"the repository {REPOSITORY}.small cannot be written to: its file system is read-only; mount it for writing"
        ]
        # More room, and the same repository takes backups.
        ask(f"mount -o remount,rw,size=64m {REPOSITORY}.small")
        assert program("run")["failures"] == []
    finally:
        ask(f"umount {REPOSITORY}.small; rm -rf {REPOSITORY}.small")
    good("redis")


def test_a_flipped_bit_in_a_pack_is_found_by_the_drill_and_a_restore_leaves_the_old_data(ledger: Ledger) -> None:
    run = good("redis")
    ask(f"cp -a {REPOSITORY} {REPOSITORY}.whole")
    before = status()[REDIS]["states"].get("drilled")
    # In each pack that holds a dump, and in none of a manifest.
    put(f"{PLACE}/flip.py", FLIP)
    try:
        ask(f"chmod -R u+w {REPOSITORY}/data && find {REPOSITORY}/data -type f -size +100k | xargs python3 {PLACE}/flip.py")
        said = program("drill redis")
        assert said["failures"] != []
        assert status()[REDIS]["states"].get("drilled") == before
        assert backups(REDIS)[run] == "stored"
        assert program("restore redis")["failures"] != []
        answers()
        assert (ledger.lacking(), left()) == ({}, [])
        # A second place has it whole.
        setup("redis", repositories=[{"url": REPOSITORY}, {"url": f"{REPOSITORY}.whole"}])
        said = program("restore redis")
        assert said["failures"] == []
        assert any("this is the copy in another repository" in line for line in said["lines"]), said
        answers()
        assert ledger.lacking() == {}
    finally:
        setup("redis")
        ask(f"rm -rf {REPOSITORY} /var/cache/ziggie-backup && mv {REPOSITORY}.whole {REPOSITORY}")
    assert program("drill redis")["failures"] == []


def test_a_dump_of_a_newer_version_is_refused_before_anything_is_touched() -> None:
    run = good("postgres")
    found = json.loads(restic(f"snapshots --json --tag run={run},volume={POSTGRES},part=manifest.json"))
    manifest, tags = found[0]["id"], " ".join(f"--tag {tag}" for tag in found[0]["tags"])
    newer = json.loads(restic(f"dump {manifest} /manifest.json")) | {"format": "18"}
    restic(f"forget {manifest}")
    put(f"{PLACE}/manifest.json", json.dumps(newer))
    restic(f"backup --stdin --stdin-filename manifest.json --host {PROJECT} {tags} < {PLACE}/manifest.json")
    started = f"docker inspect --format '{{{{.State.StartedAt}}}}' {PROJECT}-postgres-1"
    before = ask(started)
    assert program("restore postgres")["failures"] == [
        f"{POSTGRES}: the backup is of version 18, the data in {POSTGRES} are of version 17; deploy version 18 first"
    ]
    assert ask(started) == before


def test_a_clock_that_was_ahead_hides_no_later_backup() -> None:
    setup("redis")
    said = json.loads(ask(f"FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f +3650d {PROGRAM} run 2>/dev/null || true").splitlines()[0])
    assert said["failures"] == []
    ahead = said["run"]
    assert ahead > f"{time.gmtime().tm_year + 9}"
    run = str(program("run")["run"])
    assert backups(REDIS)[run] == "stored"
    # What is drilled, and would come back, is the one of now; and that one is what the host tells of.
    assert [one["run"] for one in program("drill redis")["drilled"] if one["volume"] == REDIS] == [run]
    assert {state: one["run"] for state, one in status()[REDIS]["states"].items()} == dict.fromkeys(("stored", "verified", "drilled"), run)
    snapshots = [one["id"] for one in json.loads(restic("snapshots --json")) if f"run={ahead}" in one["tags"]]
    restic(f"forget {' '.join(snapshots)}")
    good("redis")


def test_a_clock_that_is_behind_takes_no_backup_away() -> None:
    run = good("redis")
    said = json.loads(ask(f"FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f -3650d {PROGRAM} run 2>/dev/null || true").splitlines()[0])
    assert said["failures"] == []
    assert {run, said["run"]} <= counting()

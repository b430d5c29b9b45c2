# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of runs stays readable line by line, and stays small."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.run_log import Downtime, RunLog


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> RunLog:
    return RunLog(tmp_path / "runs.jsonl", limit=1000)


def test_a_line_is_an_object_with_its_time(log: RunLog) -> None:
    log.add("begun", verb="site")
    log.add("ended", verb="site", changed={"started": ["a\nb"]})
    begun, ended = [json.loads(line) for line in log.path.read_text().splitlines()]
    assert (begun["event"], ended["changed"]) == ("begun", {"started": ["a\nb"]})
    assert begun["at"].endswith("Z")
    assert log.path.stat().st_mode & 0o777 == 0o640


def test_half_a_line_spoils_no_other(log: RunLog) -> None:
    log.path.write_text('{"event": "beg')
    log.add("begun")
    assert json.loads(log.path.read_text().splitlines()[1])["event"] == "begun"


def test_two_files_of_the_limit_are_all_there_is(log: RunLog) -> None:
    for number in range(200):
        log.add("begun", number=number)
    assert sorted(path.name for path in log.path.parent.iterdir()) == ["runs.jsonl", "runs.jsonl.1"]
    assert all(path.stat().st_size < 1200 for path in log.path.parent.iterdir())
    kept = [
        json.loads(line)["number"] for name in ("runs.jsonl.1", "runs.jsonl") for line in (log.path.parent / name).read_text().splitlines()
    ]
    assert kept == list(range(kept[0], 200))


def test_too_many_names_are_counted(log: RunLog) -> None:
    log.add("ended", changed={"started": [f"service-{number}" for number in range(10_000)]})
    [path] = log.path.parent.iterdir()
    assert json.loads(path.read_text())["changed"] == {"started": 10_000}


def _linked_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, _linked_to_itself])
def test_what_is_no_file_is_left_alone(log: RunLog, make: object) -> None:
    make(log.path)  # type: ignore[operator]
    log.add("begun")
    assert [path.name for path in log.path.parent.iterdir()] == ["runs.jsonl"]


WHO = {"verb": "site", "user": "anna", "machine": "laptop", "run": "boot:1:7:100"}


def test_the_lines_of_a_run_are_one_run(log: RunLog) -> None:
    log.add("begun", **WHO)
    log.add("held", **WHO, plan="0123")
    log.add("changed", **WHO, changed={"paths": ["/etc/a", "/etc/b", "/etc/c", "/etc/d"]})
    log.add("changed", **WHO, changed={"recreated": ["redis"], "started": ["redis", "n8n"], "back_on_release": ["42"]}, why="redis died.")
    log.add("ended", **WHO, outcome="failed", seconds=3.5, why="it failed")
    [run] = log.runs(10)
    assert (run.who, run.verb, run.outcome, run.seconds, run.plan, run.back_on, run.why) == (
        *("anna@laptop", "site", "failed", 3.5, "0123", "42", "redis died."),
    )
    assert run.changed == ("wrote /etc/a, /etc/b, /etc/c and 1 more", "recreated redis", "started n8n")


def test_the_newest_runs_are_first_and_one_that_was_killed_has_no_outcome(log: RunLog) -> None:
    whole = RunLog(log.path)
    for number, outcome in enumerate(("succeeded", "failed")):
        # One process is several runs where a playbook has several plays.
        whole.add("begun", at=f"2026-01-0{number + 1}T00:00:00Z", **WHO)
        whole.add("ended", at=f"2026-01-0{number + 1}T00:00:09Z", **WHO, outcome=outcome)
    whole.add("begun", at="2026-01-03T00:00:00Z", **{**WHO, "run": "boot:1:8:100"})
    assert [run.outcome for run in whole.runs(10)] == ["", "failed", "succeeded"]
    assert [run.outcome for run in whole.runs(2)] == ["", "failed"]


@pytest.mark.parametrize("line", ["", "[]", "{", "[" * 100_000, '{"event": "begun", "run": 7}', '{"changed": 1}', "\0"])
def test_a_line_that_is_none_is_as_if_it_were_not_there(log: RunLog, line: str) -> None:
    log.path.write_text(f"{line}\n")
    RunLog(log.path).add("begun", **WHO)
    assert len(log.runs(10)) == 1


@pytest.mark.parametrize("changed", [7, {"started": 7}, {"started": {"a": 1}}, {"paths": [["a"]]}, [1]])
def test_what_changed_may_be_anything(log: RunLog, changed: object) -> None:
    log.add("ended", **WHO, changed=changed, seconds="long", outcome=None)
    assert len(log.runs(10)) == 1


def test_no_log_is_no_run(log: RunLog) -> None:
    assert log.runs(10) == []


def test_the_latest_measurements_of_a_downtime_count(log: RunLog) -> None:
    whole = RunLog(log.path)
    for seconds in (90, 90, 90, 3, 4, 4.5, 60, 5):
        whole.add("changed", **WHO, down={"redis": seconds})
    whole.add("ended", **WHO, down={"n8n": 0.2, "odd": "long"})
    assert whole.downtimes() == {"redis": Downtime(seconds=4.5, times=5), "n8n": Downtime(seconds=0.2, times=1)}
    assert [str(one) for one in whole.downtimes().values()] == [
        "away for about 4 s, measured 5 times",
        "away for about 1 s, measured once",
    ]

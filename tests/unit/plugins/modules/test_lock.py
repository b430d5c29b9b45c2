# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run takes the lock, its modules work within it, and the host's log says what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ANNA = {"user": "anna", "machine": "laptop", "run": "boot:1:7:100"}
BERT = {"user": "bert", "machine": "desktop", "run": "boot:1:8:100"}


def test_a_run_is_logged_from_its_begin_to_its_end(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    run("lock", holder=ANNA, verb="site", check=True)
    run("lock", holder=ANNA, verb="site")
    refused = run("lock", holder=BERT, verb="rollback")
    assert refused["msg"].startswith("Another run works on this host: site by anna@laptop since ")
    assert refused["holder"]["run"] == ANNA["run"]
    run("lock", holder=BERT, state="released", outcome="failed")
    run("lock", holder=ANNA, state="released", outcome="succeeded", release="abc123")
    begun, ended = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    assert {name: begun[name] for name in ("event", "verb", "user", "machine", "run")} == {"event": "begun", "verb": "site", **ANNA}
    assert (ended["event"], ended["verb"], ended["outcome"], ended["release"]) == ("ended", "site", "succeeded", "abc123")
    assert ended["seconds"] >= 0


def test_a_run_that_was_killed_has_begun_and_not_ended(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    run("lock", holder=ANNA, verb="site")
    run("lock", holder=BERT, verb="rollback", gone=ANNA["run"])
    lines = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    assert [(line["event"], line["user"]) for line in lines] == [("begun", "anna"), ("begun", "bert")]


def test_no_run_fails_for_a_log_that_cannot_be_written(run: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    assert "failed" not in run("lock", holder=ANNA, log=str(tmp_path / "none/runs.jsonl"))

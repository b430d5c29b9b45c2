# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Using a plan file up, as the action calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., dict[str, Any]]
USE = {"nonce": "n1", "at": "2026-11-30T12:00:00Z", "by": "me@here", "expires": "2026-12-01T12:00:00Z"}


def test_a_plan_file_is_used_up_once_and_a_check_uses_nothing_up(run: Run, tmp_path: Path) -> None:
    given: dict[str, Any] = {"path": "x.json", "state": "applied", "directory": str(tmp_path)}
    assert run("plan_file", check=True, use=USE, **given)["changed"] is False
    assert run("plan_file", use={**USE, "look": True}, **given)["changed"] is False
    assert list(tmp_path.iterdir()) == []
    assert run("plan_file", use=USE, **given)["expires"] == USE["expires"]
    again = run("plan_file", use=USE, **given)
    assert again["failed"] is True
    assert again["msg"] == "it was applied already, at 2026-11-30T12:00:00Z by me@here; make the plan again"


def test_without_its_action_it_says_so(run: Run) -> None:
    answer = run("plan_file", path="x.json", state="written")
    assert answer["failed"] is True
    assert "by the action of its name" in answer["msg"]

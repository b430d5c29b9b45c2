# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the matrix makes of two runs at once, and the page that it writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.tests.faults import matrix
from ansible_collections.ziggie.stack.tests.faults.__main__ import page
from ansible_collections.ziggie.stack.tests.faults.record import Record
from ansible_collections.ziggie.stack.tests.faults.stack import Ended
from ansible_collections.ziggie.stack.tests.faults.trial import FAILED, MISSED, SURVIVED, Result

BY = "fatal: Another run works on this host: deploy by anna@laptop since 2026-11-30 10:00:00 UTC. Wait for it"
NAMELESS = "fatal: Another run works on this host. Wait for it with -e lock_wait=60"


class Over:
    """A run that has ended."""

    def __init__(self, code: int, said: str) -> None:
        self._ended = Ended(code=code, said=said, seconds=1.2)

    def end(self) -> Ended:
        return self._ended


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ((0, ""), (2, BY), ""),
        ((0, ""), (0, ""), ""),
        ((0, ""), (2, f"redis_password: {matrix._RIGHTLY}"), ""),
        ((2, BY), (2, BY), "both were refused"),
        ((0, ""), (0, BY), "a run that was refused says that it succeeded"),
        ((0, ""), (2, NAMELESS), "the one that was refused does not say who works on the host"),
        ((2, "the engine cannot start it"), (2, BY), "one that was not refused failed: the engine cannot start it"),
    ],
)
def test_of_two_runs_one_is_refused_by_name_and_the_other_succeeds(
    one: tuple[int, str], other: tuple[int, str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "Run", Over)
    runs: list[Any] = [Over(*one), Over(*other)]
    assert matrix._race(*runs) == why


def test_every_fault_has_a_name_of_its_own_and_a_row_on_the_page() -> None:
    names = [fault.name for fault in (*matrix.MATRIX, matrix.EACH_EFFECT)]
    assert len(set(names)) == len(names)
    results = [
        Result(fault=name, seed=seed, outcome=outcome, why="why" if outcome == FAILED else "", seconds=2.0, lost=0)
        for name in names
        for seed, outcome in enumerate((SURVIVED, MISSED, FAILED))
    ]
    text = page(Record(results=tuple(results), writes=7))
    assert all(f"| {fault.told} | 3 | 1 | 0 | 1 | 1 | 2 (2) | 0 |" in text for fault in matrix.MATRIX)
    assert "Not run: none." in text
    assert "- `crashes`, seed 2: why" in text


def test_a_run_adds_to_what_earlier_ones_found_and_a_repeated_attempt_counts_once(tmp_path: Path) -> None:
    first = Result(fault="crashes", seed=1, outcome=FAILED, why="why", seconds=2.0, lost=0)
    path = tmp_path / "faults.json"
    Record.read(path).plus([first, replace(first, seed=2)], 5, [1.0]).write(path)
    record = Record.read(path).plus([replace(first, outcome=SURVIVED, why="")], 4, [2.0])
    assert {(one.seed, one.outcome) for one in record.results} == {(1, SURVIVED), (2, FAILED)}
    assert (record.writes, record.refused) == (9, (1.0, 2.0))

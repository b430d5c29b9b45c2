# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded series: what is committed is read, what is recorded is what the audits saw, and a rule that breaches is seen to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit
from ansible_collections.ziggie.stack.tests.bench.recommend.__main__ import LEARN, RECORDED, RECORDED_DAYS, score
from ansible_collections.ziggie.stack.tests.bench.recommend.record import recorded
from ansible_collections.ziggie.stack.tests.bench.recommend.series import Recorded
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.observe.world import MIB, world


def audits(tmp_path: Path, uses: list[int]) -> list[Audit]:
    with world(tmp_path) as host:
        host.add("db", use=uses[0], project="shop")
        audit = host.look()
    [seen] = audit.containers
    return [
        replace(audit, when=audit.when + 20 * number, containers=(replace(seen, use=replace(seen.use, working_set=use * MIB)),))
        for number, use in enumerate(uses)
    ]


def test_each_audit_is_a_point_and_comes_back_from_the_file(tmp_path: Path) -> None:
    made = recorded("by a test", audits(tmp_path, [100, 120, 90]))
    assert made == Recorded(how="by a test", seconds=20, services={"db": (100 * MIB, 120 * MIB, 90 * MIB)})
    (tmp_path / "recorded.json").write_text(json.dumps(made.to_dict()), encoding="utf-8")
    assert Recorded.read(tmp_path / "recorded.json") == made


def test_a_recording_that_is_too_short_is_cut_into_days_and_a_long_one_has_real_ones() -> None:
    assert Recorded(how="", seconds=20, services={"db": (MIB,) * 280}).per_day(28) == 10
    assert Recorded(how="", seconds=3600, services={"db": (MIB,) * 24 * 40}).per_day(28) == 24


def test_a_need_above_the_limit_is_a_breach() -> None:
    quiet = [100 * MIB] * 2 * LEARN
    peak = [*quiet[:-1], 300 * MIB]
    assert [score("fixed", lambda _days, _limits, _margin: 150 * MIB, 0.0, [history], per_day=1).breaches for history in (quiet, peak)] == [
        0.0,
        1 / LEARN,
    ]


def test_what_is_committed_was_recorded_long_enough() -> None:
    committed = Recorded.read(RECORDED)
    assert committed.how
    assert len(committed.services) > 20
    assert max(map(len, committed.services.values())) // committed.per_day(RECORDED_DAYS) >= RECORDED_DAYS > LEARN

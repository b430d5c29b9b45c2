# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file is applied once: the host remembers it until it expires."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.used_plans import FILE, Use, UsedError, UsedPlans, use_up

DAYS = [f"2026-11-{day:02}T12:00:00Z" for day in range(1, 31)]


def use(day: int) -> Use:
    return Use(at=DAYS[day], by="me@here", expires=DAYS[day + 1])


def test_the_second_time_is_refused_and_says_when_the_first_was(tmp_path: Path) -> None:
    use_up(tmp_path / "new", "n1", use(0))
    with pytest.raises(UsedError, match=r"^it was applied already, at 2026-11-01T12:00:00Z by me@here; make the plan again$"):
        use_up(tmp_path / "new", "n1", use(0))
    assert (tmp_path / "new" / FILE).stat().st_mode & 0o777 == 0o600


def test_looking_writes_nothing(tmp_path: Path) -> None:
    use_up(tmp_path, "n1", use(0), check=True)
    assert list(tmp_path.iterdir()) == []
    use_up(tmp_path, "n1", use(0))
    with pytest.raises(UsedError, match="applied already"):
        use_up(tmp_path, "n1", use(0), check=True)


def test_what_has_expired_is_forgotten_so_the_file_stays_small(tmp_path: Path) -> None:
    for day in range(20):
        use_up(tmp_path, f"n{day}", use(day))
        use_up(tmp_path, f"m{day}", use(day))
    assert set(UsedPlans.read(tmp_path / FILE).plans) == {"n19", "m19"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"plans": []}', '{"plans": {"n": {"at": 5}}}', "[" * 100_000])
def test_a_file_that_cannot_be_read_does_not_let_a_plan_be_applied_twice(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsedError, match=rf"^{tmp_path / FILE} cannot be read \("):
        use_up(tmp_path, "n1", use(0))


def test_what_lies_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(UsedError, match=r"cannot be read \(Is a directory\)"):
        use_up(tmp_path, "n1", use(0))
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsedError, match=r"cannot be (read|written) \(Not a directory\)"):
        use_up(tmp_path / "file", "n1", use(0))


def test_it_is_plain_json(tmp_path: Path) -> None:
    use_up(tmp_path, "n1", use(0))
    assert json.loads((tmp_path / FILE).read_text()) == {"plans": {"n1": {"at": DAYS[0], "by": "me@here", "expires": DAYS[1]}}}

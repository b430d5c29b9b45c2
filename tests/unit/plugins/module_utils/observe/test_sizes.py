# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes are counted within a budget of time, and say so where they are not whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.observe.sizes import Counter


def fill(place: Path, files: int, size: int = 8192) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        (place / f"file-{number}").write_bytes(b"x" * size)


def test_a_directory_is_as_large_as_its_blocks(tmp_path: Path) -> None:
    fill(tmp_path / "a/b", 3)
    expected = sum(path.lstat().st_blocks * 512 for path in (tmp_path / "a").rglob("*"))
    size = Counter(5.0).directory(tmp_path / "a")
    assert size is not None
    assert (size.bytes, size.complete) == (expected, True)


def test_a_file_with_two_names_counts_once_and_a_link_leads_nowhere(tmp_path: Path) -> None:
    fill(tmp_path / "a", 1)
    alone = Counter(5.0).directory(tmp_path / "a")
    os.link(tmp_path / "a/file-0", tmp_path / "a/again")
    (tmp_path / "a/link").symlink_to("/")
    assert alone is not None
    assert Counter(5.0).directory(tmp_path / "a") == alone


def test_counting_stops_when_its_time_is_up(tmp_path: Path) -> None:
    for number in range(40):
        fill(tmp_path / f"a/{number}", 10, 4096)
    ticks: Iterator[int] = count()
    size = Counter(20.0, clock=lambda: float(next(ticks))).directory(tmp_path / "a")
    whole = Counter(5.0).directory(tmp_path / "a")
    assert size is not None
    assert whole is not None
    assert not size.complete
    assert 0 < size.bytes < whole.bytes


def test_what_is_not_there_is_unknown(tmp_path: Path) -> None:
    assert Counter(5.0).directory(tmp_path / "none") is None
    assert Counter(5.0).files([tmp_path / "none"]) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_part_that_may_not_be_read_makes_it_more_than(tmp_path: Path) -> None:
    fill(tmp_path / "a/closed", 1)
    (tmp_path / "a/closed").chmod(0)
    try:
        size = Counter(5.0).directory(tmp_path / "a")
    finally:
        (tmp_path / "a/closed").chmod(0o700)
    assert size is not None
    assert not size.complete

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cores as the kernel writes them, and how many are kept."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.cores import Cores, host_cores, keep, read, written
from hypothesis import given
from hypothesis import strategies as st


@given(st.frozensets(st.integers(0, 200), max_size=12))
def test_what_is_written_is_read_again(cores: frozenset[int]) -> None:
    assert read(written(cores)) == cores


@pytest.mark.parametrize(
    ("cores", "text"), [([0], "0"), ([1, 0], "0-1"), ([3, 1, 0, 2], "0-3"), ([0, 2, 3, 5], "0,2-3,5"), ([4, 4], "4"), ([], "")]
)
def test_a_list_has_one_form(cores: list[int], text: str) -> None:
    assert written(cores) == text


@pytest.mark.parametrize("text", ["a", "0-", "-1", "1.5", "0-99999", "0-3:2", "²"])
def test_what_is_no_list_of_cores(text: str) -> None:
    with pytest.raises(ValueError, match="no list of cores"):
        read(text)


@given(st.integers(0, 500_000), st.integers(1, 256_000), st.integers(2, 256))
def test_something_is_kept_and_something_is_left(reserved: int, cpus: int, cores: int) -> None:
    kept = keep(reserved, cpus, cores)
    assert 1 <= kept < cores
    assert keep(reserved + 100, cpus, cores) >= kept


@pytest.mark.parametrize(("cpus", "cores", "expected"), [(4000, None, 4), (3999, None, 3), (750, None, 1), (4000, 2, 2)])
def test_the_cores_of_a_host(cpus: int, cores: int | None, expected: int) -> None:
    assert host_cores(cpus, cores) == expected


def test_where_nothing_is_kept_the_others_may_use_all() -> None:
    assert Cores(host=4, kept=0).others is None
    assert Cores(host=4, kept=1).others == 3

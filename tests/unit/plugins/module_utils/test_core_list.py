# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of cores as the kernel reads and writes them."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import core_list, parse_core_list
from hypothesis import given
from hypothesis import strategies as st


@given(st.frozensets(st.integers(0, 200), max_size=12))
def test_what_is_written_is_read_again(cores: frozenset[int]) -> None:
    assert parse_core_list(core_list(cores)) == cores


@pytest.mark.parametrize(
    ("cores", "text"), [([0], "0"), ([1, 0], "0-1"), ([3, 1, 0, 2], "0-3"), ([0, 2, 3, 5], "0,2-3,5"), ([4, 4], "4"), ([], "")]
)
def test_a_list_has_one_form(cores: list[int], text: str) -> None:
    assert core_list(cores) == text


@pytest.mark.parametrize("text", ["a", "0-", "-1", "1.5", "0-99999", "0-3:2", "²"])
def test_what_is_no_list_of_cores(text: str) -> None:
    with pytest.raises(ValueError, match="no list of cores"):
        parse_core_list(text)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many cores are kept for the critical tier, and which."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.cores import Cores, host_cores, keep, numbered
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(0, 500_000), st.integers(1, 256_000), st.integers(2, 256))
def test_something_is_kept_and_something_is_left(reserved: int, cpus: int, cores: int) -> None:
    kept = keep(reserved, cpus, cores)
    assert 1 <= kept < cores
    assert keep(reserved + 100, cpus, cores) >= kept


@pytest.mark.parametrize(("cpus", "cores", "expected"), [(4000, None, 4), (3999, None, 3), (750, None, 1), (4000, 2, 2)])
def test_the_cores_of_a_host(cpus: int, cores: int | None, expected: int) -> None:
    assert host_cores(cpus, cores) == expected


@pytest.mark.parametrize(
    ("cores", "critical", "others"),
    [
        (Cores(host=4, kept=0), None, None),
        (Cores(host=4, kept=0, split=True), None, None),
        (Cores(host=4, kept=1), None, range(3)),
        (Cores(host=4, kept=1, split=True), range(3, 4), range(3)),
    ],
)
def test_who_may_run_where(cores: Cores, critical: range | None, others: range | None) -> None:
    assert cores.of("critical") == critical
    assert cores.of("workflow") == cores.of("management") == others


@pytest.mark.parametrize(
    ("core_ids", "which", "numbers"), [([], range(1, 3), [1, 2]), ([1, 4, 5, 7], range(1, 3), [4, 5]), ([2, 3], range(2), [2, 3])]
)
def test_a_host_has_numbers_of_its_own(core_ids: list[int], which: range, numbers: list[int]) -> None:
    assert numbered(core_ids, which) == numbers

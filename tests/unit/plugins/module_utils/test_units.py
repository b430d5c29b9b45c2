# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import (
    GIB,
    KIB,
    MIB,
    compose_size,
    cores,
    mib,
    mib_up,
    parse_cpus,
    parse_number,
    parse_share,
    parse_size,
    shown,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (1, 1),
        ("512", 512),
        ("7b", 7),
        ("1k", KIB),
        ("1KB", KIB),
        ("1KiB", KIB),
        ("1024m", GIB),
        ("1g", GIB),
        ("1 GB", GIB),
        ("1gib", GIB),
        ("1.5g", 3 * GIB // 2),
        ("0.25m", 256 * KIB),
        ("1.50g", 3 * GIB // 2),
        ("2t", 2048 * GIB),
        (" 64M ", 64 * MIB),
        ("1p", 1024**5),
        ("1e", 1024**6),
    ],
)
def test_a_size_is_exact(written: object, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "1gb2", "g", "-1", "-1g", "+1g", "1.g", ".5g", "1,5g", "1e9", "0x10", "nan", "inf", "1.3g", "0.1k", "1.5", "1.5b", "1  g", "1_000",
        "٣g", "9" * 40, "8e", "${MEMORY}", None, True, False, 1.0, 1.5, float("nan"), float("inf"), -1, 0, "0", "0g", 2**63, [], {}, b"1g", Decimal(1),
    ],
)  # fmt: skip
def test_what_is_no_size_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"is no size|is no whole number of bytes|is larger than any machine"):
        parse_size(written)


def test_zero_is_a_size_where_it_is_allowed() -> None:
    assert parse_size("0", allow_zero=True) == parse_size(0, allow_zero=True) == 0


@pytest.mark.parametrize(
    ("written", "millicores"),
    [(1, 1000), ("2", 2000), (0.1, 100), ("0.05", 50), (".5", 500), ("1.250", 1250), (0.001, 1), (Decimal("0.3"), 300)],
)
def test_cpus_are_exact(written: object, millicores: int) -> None:
    assert parse_cpus(written) == millicores


@pytest.mark.parametrize(
    "written",
    ["", "1.", "400m", "-1", "1e3", "nan", "inf", "0.0005", 0.0001, 1e-7, 0, "0", "0.0", True, None, [], float("nan"), float("inf"), -0.5],
)
def test_what_is_no_number_of_cpus_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"is no number of CPUs|is finer than a thousandth"):
        parse_cpus(written)


@given(st.integers(1, 10**7))
def test_cpus_survive_being_written(millicores: int) -> None:
    assert parse_cpus(cores(millicores)) == millicores


@given(st.integers(1, 2**63 - 1))
def test_sizes_survive_being_written(size: int) -> None:
    assert parse_size(compose_size(size)) == size


@given(st.integers(1, 2**40))
def test_mib_up_is_enough_and_not_a_mib_too_much(size: int) -> None:
    assert 0 <= int(mib_up(size).split()[0]) * MIB - size < MIB


def test_shares_and_numbers() -> None:
    assert parse_share("60%") == parse_share(0.6) == parse_share("0.6") == Fraction(3, 5)
    assert parse_number("1.5") == Fraction(3, 2)
    for wrong in ("0", 1.01, "101%", "%", "x", True):
        with pytest.raises(ValueError, match="is no share"):
            parse_share(wrong)
    with pytest.raises(ValueError, match="above zero"):
        parse_number(0)


def test_sizes_are_shown_exactly() -> None:
    assert mib(GIB) == "1024 MiB"
    assert mib(GIB + 1) == "1024.00 MiB (1073741825 bytes)"


def test_long_values_are_quoted_short() -> None:
    assert len(shown("x" * 500)) <= 60
    assert shown("a\nb") == "'a b'"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes in the grammar of the program that reads them; a value that the program refuses is a `ValueError`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ..units import shown

_BINARY = {letter: 1024**power for power, letter in enumerate(("", "k", "m", "g", "t", "p"))}


# Numbers longer than any size are refused, since Python refuses to read them.
_PATTERNS = {
    (decimals, spaces): re.compile(
        r"([0-9]{1,30}(?:\.[0-9]{1,30})?)" * decimals + r"([0-9]{1,30})" * (not decimals) + r"\s*" * spaces + r"([A-Za-z]*)"
    )
    for decimals in (False, True)
    for spaces in (False, True)
}


_DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Which numbers and units a program reads: `base` is what a bare number counts, `decimals` whether 1.5 is a number.

    `rest` tells that what follows the digits is not read, as by C's atoi.
    """

    name: str
    units: Mapping[str, int]
    base: int = 1
    decimals: bool = False
    any_case: bool = False
    spaces: bool = False
    bare: bool = True
    rest: bool = False

    def bytes(self, written: str) -> int:
        """Return the bytes of a size."""
        number = _DIGITS.match(written.strip()) if self.rest else None
        match = _PATTERNS[self.decimals, self.spaces].fullmatch(number[0] if number else written.strip())
        unit = "" if match is None else match[2].lower() if self.any_case else match[2]
        if match is None or (unit and unit not in self.units) or (not unit and not self.bare):
            raise ValueError(f"{self.name} refuses {shown(written)}: its units are {', '.join(self.units)}")
        scale = self.units[unit] if unit else self.base
        return int(Fraction(match[1]) * scale) if "." in match[1] else int(match[1]) * scale


POSTGRES_UNITS = {"B": 1, "kB": _BINARY["k"], "MB": _BINARY["m"], "GB": _BINARY["g"], "TB": _BINARY["t"]}
REDIS = Grammar(
    name="Redis",
    units={"b": 1, "k": 1000, "kb": _BINARY["k"], "m": 1000**2, "mb": _BINARY["m"], "g": 1000**3, "gb": _BINARY["g"]},
    any_case=True,
)
GO = Grammar(name="Go", units={"B": 1, "KiB": _BINARY["k"], "MiB": _BINARY["m"], "GiB": _BINARY["g"], "TiB": _BINARY["t"]})
PROMETHEUS = Grammar(
    name="Prometheus",
    units={"B": 1, "KB": _BINARY["k"], "MB": _BINARY["m"], "GB": _BINARY["g"], "TB": _BINARY["t"], "PB": _BINARY["p"], "EB": 1024**6},
    bare=False,
)
JAVA = Grammar(name="Java", units={"k": _BINARY["k"], "m": _BINARY["m"], "g": _BINARY["g"], "t": _BINARY["t"]}, any_case=True)
MYSQL = Grammar(
    name="MySQL", units={"k": _BINARY["k"], "m": _BINARY["m"], "g": _BINARY["g"], "t": _BINARY["t"], "p": _BINARY["p"]}, any_case=True
)


@cache
def postgres(base: int) -> Grammar:
    """Return PostgreSQL's grammar for a parameter whose bare numbers count `base` bytes."""
    return Grammar(name="PostgreSQL", units=POSTGRES_UNITS, base=base, decimals=True, spaces=True)


PHP = Grammar(name="PHP", units={"k": _BINARY["k"], "m": _BINARY["m"], "g": _BINARY["g"]}, any_case=True)
QEMU = Grammar(
    name="QEMU",
    units={letter + end: _BINARY[letter] for letter in "kmgt" for end in ("", "b", "i", "ib")},
    base=1024**2,
    any_case=True,
    decimals=True,
    spaces=True,
)
LETTERS = Grammar(
    name="the program",
    units={"b": 1, **{letter + end: _BINARY[letter] for letter in "kmgt" for end in ("", "b", "ib")}},
    any_case=True,
    decimals=True,
    spaces=True,
)
# memcached.c, option -m: (size_t)atoi(optarg) * 1024 * 1024.
MEMCACHED_SIZE = Grammar(name="memcached", units={}, base=1024**2, rest=True)
METRIC = Grammar(
    name="the program",
    units={
        "b": 1,
        **{letter + "b": 1000**power for power, letter in enumerate("kmgt", 1)},
        **{letter + end: _BINARY[letter] for letter in "kmgt" for end in ("", "i", "ib")},
    },
    any_case=True,
    decimals=True,
    spaces=True,
)


def number_of(unit: int) -> Grammar:
    """Return the grammar of a bare number that counts `unit` bytes."""
    return Grammar(name="the program", units={}, base=unit, decimals=True)

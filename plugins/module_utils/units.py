# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, CPU figures and lists of cores: text at the edges, whole bytes, millicores and numbers of cores inside.

Sizes follow Docker's grammar (binary units, any case), CPUs are decimal cores. No value ever passes through a binary
floating-point number: what is not exact is refused. The parsers raise `ValueError` with what is wrong; `SIZE_FIX` and
`CPUS_FIX` say what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

KIB = 1024
MIB = 1024**2
GIB = 1024**3
CORE = 1000

SIZE_FIX = "write 1g, 1024m or bytes"
CPUS_FIX = "write cores with at most three decimals, such as 0.5 or 2"
NUMBER_FIX = "write a decimal number such as 2 or 1.5"
SHARE_FIX = "write a share such as 0.6 or 60%"

_EXPONENTS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_LARGEST = 2**63 - 1
# In the grammar that regular expressions of Python and of JSON schemas share, which has no flags.
SIZE_PATTERN = r"([0-9]{1,20})(?:\.([0-9]{1,20}))? ?(?:([kKmMgGtTpPeE])[iI]?[bB]?|[bB])?"
DECIMAL_PATTERN = r"[0-9]{1,12}(?:\.[0-9]{1,12})?|\.[0-9]{1,12}"
_SIZE, _DECIMAL = re.compile(SIZE_PATTERN), re.compile(DECIMAL_PATTERN)


def parse_size(value: object, *, allow_zero: bool = False) -> int:
    """Return the bytes of `1536m`, `1.5g`, `2GiB` or a whole number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        size = int(value)
    elif isinstance(value, str):
        size = _size_of_text(str(value))
    else:
        raise ValueError(f"{shown(value)} is no size")
    if size < 0 or (size == 0 and not allow_zero):
        raise ValueError(f"{shown(value)} is no size: it must be above zero")
    if size > _LARGEST:
        raise ValueError(f"{shown(value)} is larger than any machine")
    return size


def parse_cpus(value: object, *, allow_zero: bool = False) -> int:
    """Return the millicores of `0.5`, `"1.25"` or `2`."""
    millicores = _millicores(_decimal(value, "number of CPUs"))
    if millicores is None:
        raise ValueError(f"{shown(value)} is finer than a thousandth of a CPU")
    if millicores == 0 and not allow_zero:
        raise ValueError(f"{shown(value)} is no number of CPUs: it must be above zero")
    return millicores


def parse_number(value: object) -> Fraction:
    """Return the exact value of a positive decimal number."""
    number = Fraction(_decimal(value, "number"))
    if number == 0:
        raise ValueError(f"{shown(value)} is no number above zero")
    return number


def parse_share(value: object) -> Fraction:
    """Return the exact value of `0.6` or `60%`, above zero and at most one."""
    text = str(value).strip() if isinstance(value, str) else ""
    percent = text.endswith("%")
    share = Fraction(_decimal(text.removesuffix("%") if percent else value, "share", value)) / (100 if percent else 1)
    if not 0 < share <= 1:
        raise ValueError(f"{shown(value)} is no share: it must be above zero and at most one")
    return share


def shown(value: object) -> str:
    """Return a value as a sentence quotes it, on one line and not without end."""
    text = f"'{value}'" if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"


def some(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, not without end."""
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"


# A stack has the same few figures again and again, and each is told in several sentences.
@lru_cache(maxsize=4096)
def mib(size: int) -> str:
    """Return bytes as MiB, exactly where they are whole, else with the bytes."""
    whole, rest = divmod(size, MIB)
    return f"{whole} MiB" if rest == 0 else f"{Decimal(size) / MIB:.2f} MiB ({size} bytes)"


def mib_up(size: int) -> str:
    """Return bytes as whole MiB that are enough."""
    return f"{-(-size // MIB)} MiB"


def compose_size(size: int) -> str:
    """Return bytes in Docker's grammar."""
    whole, rest = divmod(size, MIB)
    return f"{whole}m" if rest == 0 and whole else f"{size}b"


@lru_cache(maxsize=4096)
def cores(millicores: int) -> str:
    """Return millicores as a decimal number of cores."""
    whole, rest = divmod(abs(millicores), CORE)
    return f"{'-' * (millicores < 0)}{whole}" + (f".{rest:03}".rstrip("0") if rest else "")


def parse_core_list(text: str) -> frozenset[int]:
    """Return the cores of a list such as `0-2,5`, cpuset(7). Raises `ValueError` for what is no such list."""
    found: set[int] = set()
    for part in text.split(",") if text.strip() else []:
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or len(first) > 4 or len(last) > 4:
            raise ValueError(f"{text!r} is no list of cores; write 0-2,5")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def core_list(numbers: Iterable[int]) -> str:
    """Return cores as the kernel writes them: `0-2,5`."""
    runs: list[list[int]] = []
    for core in sorted(set(numbers)):
        if runs and core == runs[-1][-1] + 1:
            runs[-1][1:] = [core]
        else:
            runs.append([core])
    return ",".join("-".join(str(end) for end in run) for run in runs)


def plain_number(value: Fraction) -> int | float:
    """Return an exact number as YAML and JSON carry it."""
    return value.numerator if value.denominator == 1 else float(value)


# A stack says the same few sizes again and again.
@lru_cache(maxsize=4096)
def _size_of_text(text: str) -> int:
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{shown(text)} is no size")
    whole, fraction, unit = match[1], match[2] or "", (match[3] or "").lower()
    scale: int = 10 ** len(fraction)
    size, rest = divmod(int(whole + fraction) << 10 * _EXPONENTS[unit], scale)
    if rest:
        raise ValueError(f"{shown(text)} is no whole number of bytes")
    return size


def _decimal(value: object, what: str, original: object = None) -> Decimal:
    number = not isinstance(value, bool) and isinstance(value, (int, float, str, Decimal))
    text = float.__repr__(value) if isinstance(value, float) else str(value).strip() if number else ""
    found = _decimal_of_text(text)
    if found is None:
        raise ValueError(f"{shown(value if original is None else original)} is no {what}")
    return found


@lru_cache(maxsize=4096)
def _millicores(cores: Decimal) -> int | None:
    millicores = int(cores * CORE)
    return millicores if millicores == cores * CORE else None


@lru_cache(maxsize=4096)
def _decimal_of_text(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None

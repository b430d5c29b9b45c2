# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes and CPU figures: text at the edges, whole bytes and millicores inside.

Sizes follow Docker's grammar (binary units, any case), CPUs are decimal cores. No value ever passes through a binary
floating-point number: what is not exact is refused. The parsers raise `ValueError` with what is wrong; `SIZE_FIX` and
`CPUS_FIX` say what would be right.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

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
_SIZE = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,20}))? ?(?:([kmgtpe])i?b?|b)?", re.IGNORECASE)
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?|\.[0-9]{1,12}")


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
    cores = _decimal(value, "number of CPUs")
    millicores = cores * CORE
    if millicores != int(millicores):
        raise ValueError(f"{shown(value)} is finer than a thousandth of a CPU")
    if millicores == 0 and not allow_zero:
        raise ValueError(f"{shown(value)} is no number of CPUs: it must be above zero")
    return int(millicores)


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


def cores(millicores: int) -> str:
    """Return millicores as a decimal number of cores."""
    return f"{Decimal(millicores) / CORE:f}".rstrip("0") if millicores % CORE else str(millicores // CORE)


def plain_number(value: Fraction) -> int | float:
    """Return an exact number as YAML and JSON carry it."""
    return value.numerator if value.denominator == 1 else float(value)


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
    quoted = shown(value if original is None else original)
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueError(f"{quoted} is no {what}")
    text = str(value).strip() if isinstance(value, str) else float.__repr__(value) if isinstance(value, float) else str(value)
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{quoted} is no {what}")
    return Decimal(text)

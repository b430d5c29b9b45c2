# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cursor over untrusted mappings that turns each value into its type or into a finding with its path."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from ..budget import codes
from ..problems import Problems, suggestion
from ..typed import load
from ..units import CPUS_FIX, NUMBER_FIX, SHARE_FIX, SIZE_FIX, parse_cpus, parse_number, parse_share, parse_size, shown
from .values import mapping

T = TypeVar("T")
_NO_NAMES: frozenset[str] = frozenset()
_NOTHING: Mapping[str, Any] = {}


class Reader:
    """Reads one mapping. A key that is absent or null gives the default; one that does not parse gives it too, and a finding."""

    __slots__ = ("_bad", "_data", "path", "problems")

    def __init__(self, data: object, path: str, problems: Problems, keys: Collection[str] | None = None) -> None:
        self.path = path
        self.problems = problems
        self._bad = _NO_NAMES
        # Nearly all are plain; a call less for each counts where thousands are read. pylint: disable-next=unidiomatic-typecheck
        self._data = data if type(data) is dict else _NOTHING if data is None else mapping(data)
        if data is not self._data and data is not None:
            problems.error(codes.BAD_SHAPE, path, f"{shown(data)} is no mapping", "write key: value pairs")
        if keys is not None:
            self._refuse_unknown(keys)

    def at(self, name: str) -> str:
        """Return the path of a key."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Tell whether a key was written with a value, right or wrong."""
        return self._data.get(name) is not None

    def bad(self, name: str) -> bool:
        """Tell whether a key was read and did not parse."""
        return name in self._bad

    def names(self) -> list[str]:
        """Return the keys as text, sorted."""
        return sorted(str(name) for name in self._data)

    @property
    def data(self) -> Mapping[str, object]:
        """Return the mapping as it was written."""
        return self._data

    def raw(self, name: str) -> object:
        """Return a value as it was written."""
        return self._data.get(name)

    def section(self, name: str, keys: Collection[str] | None = None) -> Reader:
        """Return a reader of the mapping under a key."""
        return Reader(self._data.get(name), f"{self.path}.{name}" if self.path else name, self.problems, keys)

    def size(self, name: str, default: int, *, allow_zero: bool = False) -> int:
        """Return bytes."""
        return self._parsed(name, default, _size_or_zero if allow_zero else parse_size, codes.BAD_SIZE, SIZE_FIX)

    def cpus(self, name: str, default: int, *, allow_zero: bool = False) -> int:
        """Return millicores."""
        return self._parsed(name, default, _cpus_or_zero if allow_zero else parse_cpus, codes.BAD_CPUS, CPUS_FIX)

    def number(self, name: str, default: Fraction) -> Fraction:
        """Return a positive decimal number, exactly."""
        return self._parsed(name, default, parse_number, codes.BAD_NUMBER, NUMBER_FIX)

    def share(self, name: str, default: Fraction, most: Fraction = Fraction(1)) -> Fraction:
        """Return a share of the whole, exactly."""

        def parse(value: object) -> Fraction:
            share = parse_share(value)
            if share > most:
                raise ValueError(f"{shown(value)} is more than the {float(most):g} that is safe")
            return share

        return self._parsed(name, default, parse, codes.BAD_NUMBER, SHARE_FIX)

    def count(self, name: str, default: int, least: int = 1, most: int = 2**31 - 1) -> int:
        """Return a whole number."""

        def parse(value: object) -> int:
            text = str(value).strip()
            whole = not isinstance(value, bool) and isinstance(value, (int, str)) and text.isascii() and text.isdigit()
            if not whole or len(text) > 19 or not least <= int(text) <= most:
                raise ValueError(f"{shown(value)} is no whole number from {least} to {most}")
            return int(text)

        return self._parsed(name, default, parse, codes.BAD_COUNT, lambda _value: f"write a number such as {max(default, least)}")

    def choice(self, name: str, default: str, allowed: Collection[str]) -> str:
        """Return one of the allowed words."""

        def parse(value: object) -> str:
            if not isinstance(value, str) or value not in allowed:
                raise ValueError(f"{shown(value)} is none of {', '.join(allowed)}")
            return str(value)

        return self._parsed(name, default, parse, codes.BAD_CHOICE, lambda value: suggestion(value, allowed))

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""

        def parse(value: object) -> bool:
            if not isinstance(value, bool):
                raise ValueError(f"{shown(value)} is neither true nor false")
            return value

        return self._parsed(name, default, parse, codes.BAD_FLAG, "write true or false")

    def text(self, name: str, default: str) -> str:
        """Return a text that is not empty; a number counts as its digits."""

        def parse(value: object) -> str:
            if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
                raise ValueError(f"{shown(value)} is no text")
            return str(value)

        return self._parsed(name, default, parse, codes.BAD_TEXT, "write a text")

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, without doubles, sorted."""

        def parse(value: object) -> tuple[str, ...]:
            if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) and word for word in value):
                raise ValueError(f"{shown(value)} is no list of names")
            return tuple(sorted({str(word) for word in value}))

        return self._parsed(name, (), parse, codes.BAD_SHAPE, "write a list such as [name]")

    def typed(self, name: str, kind: Any, default: T) -> T:
        """Return a value of a type, as `typed.load` reads it."""

        def parse(value: object) -> T:
            try:
                read: T = load(kind, value)
            except ValueError as error:
                raise ValueError(str(error).removeprefix("the document: ")) from None
            return read

        return self._parsed(name, default, parse, codes.BAD_SHAPE, "")

    def _parsed(self, name: str, default: T, parse: Callable[[object], T], code: str, fix: str | Callable[[object], str]) -> T:
        value = self._data.get(name)
        if value is None:
            return default
        try:
            return parse(value)
        except ValueError as error:
            self._bad |= {name}
            self.problems.error(code, self.at(name), str(error), fix if isinstance(fix, str) else fix(value))
            return default

    def _refuse_unknown(self, keys: Collection[str]) -> None:
        for name in self._data:
            if name not in keys:
                message = f"nothing reads {shown(str(name))}"
                self.problems.error(codes.UNKNOWN_KEY, self.at(str(name)), message, suggestion(name, keys))


_size_or_zero = partial(parse_size, allow_zero=True)
_cpus_or_zero = partial(parse_cpus, allow_zero=True)

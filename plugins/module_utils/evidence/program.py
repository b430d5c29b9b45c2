# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program as the tables describe it: how it is recognised, how its settings are written, and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ..units import MIB
from .demand import Demand
from .grammar import Grammar
from .setting import Setting
from .spelling import Spelling
from .subject import Subject

_CREDENTIAL = re.compile(r"pass|secret|token|credential|jaas|auth$|(?:^|[._-])key$|^user$", re.IGNORECASE)


@dataclass(slots=True)
class Values:
    """The settings of one service while demands are derived from them; it remembers the places of what was used."""

    settings: Mapping[str, Setting]
    used: dict[str, None] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Return the text of a setting, `None` where it is not written or not known."""
        setting = self.settings.get(name)
        if setting is None or not setting.known:
            return None
        self.used[setting.where] = None
        return setting.value

    def size(self, grammar: Grammar, *names: str) -> int | None:
        """Return the bytes of the first of these settings that is written and that the grammar reads."""
        return self._first(names, grammar.bytes)

    def count(self, *names: str) -> int | None:
        """Return the first of these settings that is a whole number."""
        return self._first(names, _whole)

    def _first(self, names: Iterable[str], parse: Callable[[str], int]) -> int | None:
        for name in names:
            setting = self.settings.get(name)
            if setting is None or not setting.known:
                continue
            try:
                value = parse(setting.value)
            except (ValueError, OverflowError):
                continue
            self.used[setting.where] = None
            return value
        return None

    def demand(self, kind: str, amount: int, sentence: str) -> Demand:
        """Return a demand that follows from what was read since the last one."""
        source = ", ".join(self.used)
        self.used.clear()
        return Demand(amount=amount, kind=kind, source=source, sentence=sentence)


Derive: TypeAlias = "Callable[[Values], Iterable[Demand]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How demands follow from settings: the formula in words, its source, and the function that computes it."""

    settings: tuple[str, ...]
    formula: str
    source: str
    derive: Derive


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program, its spellings and its rules.

    `names` are those of image facts and the last parts of image names, `images` the last two parts, `executables` what a command
    starts it by, `variables` the beginnings of those that nothing else reads. `silent` are whole names of images in which no variable
    is a setting, so that an `env_file` cannot hold one. A `runtime` runs below other programs, so its settings are read for every
    service. The settings of a later spelling win, as in the program itself; `choose` decides where that is not so.
    """

    name: str
    names: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    executables: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    runtime: bool = False
    spellings: tuple[Spelling, ...]
    rules: tuple[Rule, ...] = ()
    choose: Callable[[str, Setting, Setting], Setting] | None = None

    def read(self, subject: Subject) -> dict[str, Setting]:
        """Return the settings that are written for it, without credentials: no plan or log is to hold one."""
        found: dict[str, Setting] = {}
        for spelling in self.spellings:
            if not spelling.traces.are_in(subject):
                continue
            for name, setting in spelling.read(subject):
                if _CREDENTIAL.search(name):
                    continue
                before = found.get(name)
                found[name] = setting if before is None or self.choose is None else self.choose(name, before, setting)
        return found


def sized(kind: str, grammar: Grammar, *names: str, factor: tuple[int, int] = (1, 1), plus: int = 0, what: str, source: str) -> Rule:
    """Return the rule that the first of these settings, times a factor and plus a fixed amount, is taken; `what` says why."""
    numerator, denominator = factor
    times = "" if numerator == denominator else f" x {numerator}/{denominator}" if denominator != 1 else f" x {numerator}"
    more = f" + {plus // MIB} MiB" if plus else ""

    def derive(values: Values) -> Iterator[Demand]:
        size = values.size(grammar, *names)
        if size:
            amount = -(-size * numerator // denominator) + plus
            yield values.demand(kind, amount, f"{names[0]} of {shown(size)}{times}{more}: {what}")

    return Rule(settings=names, formula=f"{names[0]}{times}{more}: {what}", source=source, derive=derive)


def counted(*names: str, plus: int = 0, what: str, source: str) -> Rule:
    """Return the rule that a setting is a count of processes or threads, with a fixed number beside it."""
    more = f" + {plus}" if plus else ""

    def derive(values: Values) -> Iterator[Demand]:
        count = values.count(*names)
        if count:
            yield values.demand("threads", count + plus, f"{names[0]} of {count}{more}: {what}")

    return Rule(settings=names, formula=f"{names[0]}{more}: {what}", source=source, derive=derive)


def shown(size: int) -> str:
    """Return bytes as MiB, rounded up, for a sentence."""
    return f"{-(-size // MIB)} MiB"


def _whole(text: str) -> int:
    digits = text.strip()
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        raise ValueError("not a whole number")
    return int(digits)

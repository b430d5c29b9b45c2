# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tuner is: pure functions from a limit to settings, and the least memory that a program needs.

A tuner fills in what the service's author left open. A setting that the author wrote is neither repeated nor lowered; the least
memory grows with it instead. From that least memory upward every tuner keeps three promises: what the settings can take at worst
stays below the limit, each memory setting grows with the limit or stays, and each value is in the grammar of the program that
reads it.

Sizes that an author wrote (a heap, a cache, shared buffers, a context) count in full: the program takes them. Bounds that an author
wrote (clients, file handles, samples of a query) count only for what the program allocates for them in advance, since a bound that
is never reached takes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeVar

from ...compose.reader import Reader
from ...units import MIB
from ..model import Tuning
from ..spec import Value

T = TypeVar("T")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?|\.\d{1,15}")


class UnreadableError(ValueError):
    """A setting that the author wrote does not parse; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a program has to live in.

    `limit` is bytes; `cpus` are the millicores that the container can use: the quota where there is one, else a written CPU limit,
    else the host's cores. `pids_stated` tells that the author bounds its processes.
    `clients` is how many connections other services open to it, `links` how many it opens itself, by
    service; `disk` is the size of its volumes in bytes. `written` holds the settings that the service's author wrote, by the
    program's own names, or by its variables' where it has no others. `peer` holds the settings, written or tuned, that the one
    service runs with on which this one depends, and `peer_name` is that service's name.
    """

    limit: int
    cpus: int
    quota: int | None = None
    pids: int = 0
    pids_stated: bool = True
    clients: int = 0
    disk: int = 0
    links: Mapping[str, int] = field(default_factory=dict)
    params: Mapping[str, Value]
    written: Mapping[str, str] = field(default_factory=dict)
    peer: Mapping[str, str] = field(default_factory=dict)
    peer_name: str = ""

    def number(self, name: str) -> int:
        """Return a parameter that is a whole number. Raises `TypeError` for another type."""
        value = self.params[name]
        if not isinstance(value, int):
            raise TypeError(f"parameter {name} is not a whole number")
        return value

    def share(self, name: str) -> Fraction:
        """Return a parameter that is a share of the whole. Raises `TypeError` for another type."""
        value = self.params[name]
        if not isinstance(value, Fraction):
            raise TypeError(f"parameter {name} is not a share")
        return value

    def author(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Return the value that the author wrote, `None` where there is none. Raises `UnreadableError`."""
        text = self.written.get(name)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise UnreadableError(f"{name}={text} cannot be read as this program's setting") from error


def count(text: str) -> int:
    """Return a whole number that is not negative. Raises `ValueError`."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise ValueError(f"{text!r} is not a whole number")
    return int(digits)


def positive(text: str) -> int:
    """Return a whole number above zero. Raises `ValueError`."""
    value = count(text)
    if value == 0:
        raise ValueError(f"{text!r} is not above zero")
    return value


def number(text: str) -> Fraction:
    """Return a decimal number that is not negative. Raises `ValueError`."""
    digits = text.strip()
    if not _NUMBER.fullmatch(digits):
        raise ValueError(f"{text!r} is not a number")
    return Fraction(digits)


def unchanged(name: str) -> str:
    """Take a name as it stands."""
    return name


def nothing(_name: str, _value: str) -> tuple[str, ...]:
    """Hand nothing over."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuner:
    """One program's rules.

    `keys` are its parameters under x-budget.tuning and `read` turns them into values, with their defaults. `knows` are the settings
    that it fills in or that change what it fills in; it ignores an author's other settings. `needs` returns the
    least memory, `derive` all settings, both with the author's values where there are any. `spell` turns a name that the author
    used into the name of a setting. `arguments` and `variables` say how a setting reaches the program: words of its command, or
    pairs of a variable and its text; several texts of one variable are joined. A setting for which both are empty is handed over in
    a configuration file. `default_command` is the image's own command, which a service without one loses as soon as arguments are
    given. Without `with_gpu` a service with a GPU is not tuned: the sizes are those of
    the host's memory. `peer` names the tuner of a service whose settings this one depends on. `fills` tells of a program that keeps in
    memory what it has read for as long as there is room: what it uses says how much it has, and not how much it needs.
    """

    name: str
    keys: tuple[str, ...]
    knows: frozenset[str]
    read: Callable[[Reader], dict[str, Value]]
    needs: Callable[[Room], int]
    derive: Callable[[Room], Tuning]
    spell: Callable[[str], str] = unchanged
    arguments: Callable[[str, str], tuple[str, ...]] = nothing
    variables: Callable[[str, str], tuple[str, ...]] = nothing
    default_command: tuple[str, ...] = ()
    peer: str | None = None
    with_gpu: bool = True
    fills: bool = False

    def least(self, room: Room) -> int:
        """Return the bytes that the program needs with the author's values; where these cannot be read, with its defaults."""
        try:
            return self.needs(self._spelled(room))
        except UnreadableError:
            return self.needs(replace(room, written={}))

    def tune(self, room: Room, command: tuple[str, ...] = ()) -> Tuning:
        """Return the settings that the author left open; none, and the reason, where an author's value cannot be read.

        `command` is what the image runs, where that is not what the tuner expects.
        """
        command = command or self.default_command
        room = self._spelled(room)
        try:
            if room.written:
                # Reads every value of the author's that matters, also those that no setting follows from.
                self.needs(room)
            tuning = self.derive(room)
        except UnreadableError as error:
            return Tuning(
                tuner=self.name, kept=room.written, command=command, untuned=f"{error}, so its memory settings are left as they are"
            )
        settings, sentences = tuning.settings, tuning.explain
        if room.written:
            settings = {name: value for name, value in settings.items() if name not in room.written}
            sentences = {name: sentence for name, sentence in sentences.items() if name in settings}
        environment: dict[str, str] = {}
        for name, value in settings.items():
            pairs = self.variables(name, value)
            for variable, text in zip(pairs[::2], pairs[1::2], strict=True):
                environment[variable] = f"{environment[variable]} {text}" if variable in environment else text
        return Tuning(
            tuner=self.name,
            settings=settings,
            environment=environment,
            arguments=tuple([word for name, value in settings.items() for word in self.arguments(name, value)]),
            explain=sentences,
            kept=room.written,
            shrunk=tuning.shrunk,
            command=command,
            offers=tuning.offers,
            files=tuning.files,
        )

    def _spelled(self, room: Room) -> Room:
        if not room.written:
            return room
        known = {self.spell(name): value for name, value in room.written.items() if self.spell(name) in self.knows}
        return replace(room, written=known)


def options(name: str, value: str) -> tuple[str, ...]:
    """Hand a setting over as `--name=value`."""
    return (f"--{name}={value}",)


def variable(name: str, value: str) -> tuple[str, ...]:
    """Hand a setting over as the variable of its name."""
    return (name, value)


def whole_mib(size: int) -> int:
    """Return bytes as MiB, rounded down."""
    return size // MIB


def smallest(fits: Callable[[int], bool], start: int, step: int) -> int:
    """Return the first of start, start + step, start + 2 steps … that fits; whatever is larger must fit, too."""
    high = 0
    while not fits(start + high * step):
        high = 2 * high + 1
    low = high // 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(start + middle * step) else (middle + 1, high)
    return start + low * step


def ceil_cores(millicores: int) -> int:
    """Return the cores that a CPU figure touches, at least one."""
    return max(1, -(-millicores // 1000))


def floor_cores(millicores: int) -> int:
    """Return the cores that a CPU figure fills, at least one."""
    return max(1, millicores // 1000)

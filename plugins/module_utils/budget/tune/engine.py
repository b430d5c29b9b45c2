# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tuning engine is: one pure function from a limit to settings, and the least memory it can work with.

Every engine keeps three promises, from its least memory upward: what its settings can take at worst stays below the limit,
each memory setting grows with the limit or stays, and each value is written in the grammar of the program that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ..model import Tuning, Value
from ..reader import Reader
from ..units import MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a program has to live in. `cpus` is the quota where there is one, else the declared CPU limit.

    `clients` is how many connections others open to it, `links` how many it opens itself, by service; `disk` is the size of its
    volumes; `peer` holds the settings of the one service that it depends on, and `peer_name` that service's name.
    """

    limit: int
    cpus: int
    quota: int | None = None
    pids: int = 0
    clients: int = 0
    disk: int = 0
    links: Mapping[str, int] = field(default_factory=dict)
    params: Mapping[str, Value]
    peer: Mapping[str, str] = field(default_factory=dict)
    peer_name: str = ""

    def number(self, name: str) -> int:
        """Return a parameter that is a whole number."""
        value = self.params[name]
        if not isinstance(value, int):
            raise TypeError(f"{name} is no whole number")
        return value

    def share(self, name: str) -> Fraction:
        """Return a parameter that is a share of the whole."""
        value = self.params[name]
        if not isinstance(value, Fraction):
            raise TypeError(f"{name} is no share")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One program's rules.

    `read` turns its parameters into values, with their defaults. `default_command` is the image's own command, which a
    service that has none loses as soon as arguments are given. `peer` names the engine of a service whose settings this one
    depends on.
    """

    name: str
    keys: tuple[str, ...]
    read: Callable[[Reader], dict[str, Value]]
    least: Callable[[Room], int]
    tune: Callable[[Room], Tuning]
    default_command: tuple[str, ...] = ()
    peer: str | None = None


def whole_mib(size: int) -> int:
    """Return bytes as MiB, rounded down."""
    return size // MIB


def ceil_cores(millicores: int) -> int:
    """Return the cores that a CPU figure touches, at least one."""
    return max(1, -(-millicores // 1000))


def floor_cores(millicores: int) -> int:
    """Return the cores that a CPU figure fills, at least one."""
    return max(1, millicores // 1000)

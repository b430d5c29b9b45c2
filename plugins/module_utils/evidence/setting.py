# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that an author wrote for the program of a service, and the configuration that could not be read.

Plain data of these types: `typed.dump` and `typed.load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The text of a value and the place where it is written, such as `command[3]` or `/etc/redis/redis.conf:12`."""

    value: str
    where: str

    @property
    def known(self) -> bool:
        """Tell whether the value is known: one that still holds a variable is not."""
        return "$" not in self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A configuration file of the program that could not be read: its path inside the container, where it is named, and why."""

    path: str
    where: str
    why: str

    def sentence(self) -> str:
        """Return the problem as a sentence."""
        return f"{self.path} ({self.where}) {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the author wrote for a program, by the program's own names.

    `program` is empty where it is not known; the settings of a runtime (a Java heap, `GOMEMLIMIT`) are read all the same. Where a
    setting is written more than once, the value is the one that the program uses. A program with `unreadable` configuration must
    not be tuned: a setting in it may contradict the tuned one.
    """

    program: str = ""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    unreadable: tuple[Unreadable, ...] = ()

    def value(self, name: str) -> str | None:
        """Return the text of a setting, `None` where it is not written or its value is not known."""
        setting = self.settings.get(name)
        return setting.value if setting is not None and setting.known else None

    @property
    def unresolved(self) -> Mapping[str, Setting]:
        """Return the settings whose values hold a variable: they are written, and not known."""
        return {name: setting for name, setting in self.settings.items() if not setting.known}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What protects data: how each place is backed up, what would come back of it and how fast, beside what is promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..host.backup_status import DRILLED, STORED, key
from ..host.facts import Facts
from ..settings.repositories import Data
from ..typed import OPTIONAL

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What protects one place of data; times are seconds.

    `engine` reads the data, empty where they are not backed up: `reconstructible` then says why, or nobody said. `stored` and `drilled` are how old the data
    of the newest such backup are, `None` where there is none, or no host was `asked`. `recovery_time` is promised, 0 for nothing; `drill` is how long the last
    drill took. `failed` is why the last backup or drill failed.
    """

    service: str
    place: str
    asked: bool
    engine: str = field(default="", metadata=OPTIONAL)
    reconstructible: str = field(default="", metadata=OPTIONAL)
    recovery_point: int = field(default=0, metadata=OPTIONAL)
    recovery_time: int = field(default=0, metadata=OPTIONAL)
    stored: int | None = field(default=None, metadata=OPTIONAL)
    drilled: int | None = field(default=None, metadata=OPTIONAL)
    drill: float | None = field(default=None, metadata=OPTIONAL)
    failed: str = field(default="", metadata=OPTIONAL)

    @property
    def how(self) -> str:
        """Return how the data are backed up, or why they are not."""
        return self.engine or (f"reconstructible: {self.reconstructible}" if self.reconstructible else "nothing backs it up")

    @property
    def last_stored(self) -> str:
        """Return how old the newest backup is."""
        return self._age(self.stored)

    @property
    def last_drilled(self) -> str:
        """Return how old the newest drilled backup is."""
        return self._age(self.drilled)

    @property
    def point(self) -> str:
        """Return how much could be lost now, of what is promised."""
        return f"{self.last_stored} of {span(self.recovery_point)}" if self.engine else ""

    @property
    def time(self) -> str:
        """Return how long the last drill took, of what is promised."""
        if not self.engine:
            return ""
        measured = "not measured" if self.drill is None else span(self.drill)
        return f"{measured} of {span(self.recovery_time)}" if self.recovery_time else measured

    @property
    def kept(self) -> bool:
        """Tell whether what is promised is kept, as far as it is known."""
        if not self.engine or not self.asked:
            return bool(self.engine or self.reconstructible)
        in_time = not self.recovery_time or self.drill is None or self.drill <= self.recovery_time
        return self.stored is not None and self.stored <= self.recovery_point and in_time and not self.failed

    def _age(self, age: int | None) -> str:
        if not self.engine:
            return ""
        return "not asked" if not self.asked else "never" if age is None else span(age)


def protections(data: Iterable[Data], facts: Facts | None) -> tuple[Protection, ...]:
    """Return what protects each place; without facts, of a host that was not asked."""
    return tuple(_of(one, facts) for one in data)


def span(seconds: float) -> str:
    """Return a time as a person says it."""
    for unit, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if abs(seconds) >= 2 * unit:
            return f"{round(seconds / unit)} {word}"
    return f"{seconds:.3g} s"


def _of(data: Data, facts: Facts | None) -> Protection:
    noted = key(data.place, facts.project) if facts else ""
    source, ages = data.source, facts.backups.get(noted, {}) if facts else {}
    if source is None:
        return Protection(service=data.service, place=data.place, asked=facts is not None, reconstructible=data.reconstructible)
    return Protection(
        service=data.service,
        place=data.place,
        asked=facts is not None,
        engine=source.engine,
        recovery_point=source.recovery_point,
        recovery_time=source.recovery_time,
        stored=ages.get(STORED),
        drilled=ages.get(DRILLED),
        drill=facts.drills.get(noted) if facts else None,
        failed=facts.failed_backups.get(noted, "") if facts else "",
    )

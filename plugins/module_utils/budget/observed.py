# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service was seen to use, and what it needs by that: the one rule of audit, adopt and recommend.

15 % above the peak is KRR's default and the upper end of Autopilot's 10 to 15 % (EuroSys 2020); docs/recommend.md compares it with other
rules. A quarter more after an OOM kill is KRR's figure: the peak is what the limit allowed then, not what was needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..units import MIB, mib

ROOM_PERCENT = 15
_AFTER_KILL_PERCENT, _AFTER_KILL_LEAST = 25, 32 * MIB
_HOUR, _DAY = 3_600, 86_400


def with_room(size: int) -> int:
    """Return a size (bytes) and the room above it."""
    return -(-size * (100 + ROOM_PERCENT) // 100)


def after_kill(had: int) -> int:
    """Return what a service needs that was killed with so much memory (bytes)."""
    return max(had * (100 + _AFTER_KILL_PERCENT) // 100, had + _AFTER_KILL_LEAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Evidence of what a service needs: of several containers the one that used most.

    `peak` is the most memory that it was seen to need (working set, bytes); `bound` is the kernel's own peak with page cache: it never used more
    since `since`. `samples` were taken over `window` seconds; one sample is a look, not a history. `limit` is the memory limit under which it
    was killed, 0 for none.
    """

    peak: int
    bound: int | None
    when: float
    since: float
    window: float
    samples: int
    oom_kills: int
    limit: int = 0
    pids: int | None = None

    @property
    def need(self) -> int:
        """The memory that it needs, in whole MiB."""
        need = with_room(self.peak)
        if self.oom_kills:
            need = max(need, after_kill(max(self.limit, self.peak)))
        return -(-need // MIB) * MIB

    @property
    def over(self) -> str:
        """Over which time it was seen."""
        if not self.window:
            return f"a look, {max(0.0, self.when - self.since) / _HOUR:.1f} h after its start"
        return f"{self.window / _DAY:.0f} days" if self.window >= 2 * _DAY else f"{self.window:.0f} s of watching"

    @property
    def why(self) -> str:
        """Where `need` comes from."""
        if self.oom_kills:
            times = f"{self.oom_kills} OOM kill{'' if self.oom_kills == 1 else 's'}"
            return f"{times} with {mib(max(self.limit, self.peak))} in {self.over}: a quarter more than that"
        return f"a peak of {mib(self.peak)} in {self.over} + {ROOM_PERCENT} %"

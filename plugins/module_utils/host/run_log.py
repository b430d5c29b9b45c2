# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs did to a host: a file of JSON lines, one when a run begins, one for each module that changed something, one when it ends.

A run that was killed has a line that it began and none that it ended. Only who holds the host's lock writes. The file has a directory of its own, so that
what ships it sees the new file where one is begun, and sees no other log of the host.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATH = "/var/log/ziggie-runs/runs.jsonl"
# The file is set aside once at this size, so two of them are all there ever is.
LIMIT = 1 << 20
_LINE = 1 << 15
# What is read of a file for its latest runs.
_TAIL = 1 << 17
_NAMED = 3
_SENTENCE = 300

# What each kind of change is called, in the order in which a run makes them.
_KINDS = {
    "paths": "wrote",
    "secrets": "made the secrets",
    "recovered_secrets": "recovered the secrets",
    "moved": "moved",
    "removed": "removed",
    "ended": "ended processes unknown to the engine of",
    "limited": "changed the limits of",
    "created": "created",
    "recreated": "recreated",
    "started": "started",
    "restarted": "restarted",
    "reloaded": "reloaded the configuration of",
    "restored_release": "restored release",
    "hooks": "ran the hooks",
}


# How many measurements of a downtime count: the latest.
_MEASURES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """How many seconds a service was away when it got a new container, from the end of the old one until the new one was up.

    The median of the latest `times` measurements.
    """

    seconds: float
    times: int

    def __str__(self) -> str:
        about = f"{self.seconds:.0f} s" if self.seconds >= 1 else "1 s"
        return f"away for about {about}, measured {'once' if self.times == 1 else f'{self.times} times'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRun:
    """A run: when it began, who it was, what it did.

    `outcome` is empty where it has not ended, `plan` the number of the plan file that it was held to, `release` the release that came up, `back_on` the one
    that the stack went back to, `changed` short phrases, `why` the first sentence of what failed.
    """

    at: str
    verb: str
    who: str
    outcome: str
    seconds: float
    plan: str
    release: str
    back_on: str
    changed: tuple[str, ...]
    why: str


class RunLog:
    """A log at a path. What cannot be written is left out: no run fails for it."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path = path
        self._limit = limit

    def add(self, event: str, **details: Any) -> None:
        """Append a line in one write."""
        entry = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event": event, **details}
        line = json.dumps(entry).encode()
        if len(line) > _LINE:
            # Too many names for a line: their number.
            line = json.dumps({**entry, "changed": {name: len(names) for name, names in details.get("changed", {}).items()}}).encode()
        try:
            self._append(line)
        except OSError:
            return

    def runs(self, most: int) -> list[LoggedRun]:
        """Return the latest runs, the newest first; what cannot be read is as if it were not there."""
        lines: dict[str, list[Mapping[str, Any]]] = {}
        for entry in (*self._entries(self._before), *self._entries(self.path)):
            lines.setdefault(entry["run"], []).append(entry)
        # One process may be several runs, one after the other.
        found = [one for entries in lines.values() for one in _split(entries)]
        return [_folded(one) for one in sorted(found, key=lambda one: str(one[0]["at"]))[: -most - 1 : -1]]

    def downtimes(self) -> dict[str, Downtime]:
        """Return for each service how long the latest runs were without it, where they measured that."""
        seen: dict[str, list[float]] = {}
        for entry in (*self._entries(self._before), *self._entries(self.path)):
            down = entry.get("down")
            for service, seconds in down.items() if isinstance(down, dict) else ():
                if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
                    seen.setdefault(str(service), []).append(float(seconds))
        return {
            service: Downtime(seconds=sorted(times[-_MEASURES:])[len(times[-_MEASURES:]) // 2], times=len(times[-_MEASURES:]))
            for service, times in seen.items()
        }

    def _entries(self, path: Path) -> Iterator[Mapping[str, Any]]:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return
        try:
            status = os.fstat(handle)
            content = os.pread(handle, _TAIL, max(0, status.st_size - _TAIL)) if stat.S_ISREG(status.st_mode) else b""
        except OSError:
            return
        finally:
            os.close(handle)
        for line in content.splitlines():
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict) and all(
                isinstance(entry.get(key), str) for key in ("at", "event", "verb", "user", "machine", "run")
            ):
                yield entry

    @property
    def _before(self) -> Path:
        return self.path.with_name(f"{self.path.name}.1")

    def _append(self, line: bytes) -> None:
        self.path.parent.mkdir(mode=0o750, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o640)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return
            # A power cut may have left half a line.
            whole = not status.st_size or os.pread(handle, 1, status.st_size - 1) == b"\n"
            os.write(handle, (b"" if whole else b"\n") + line + b"\n")
        finally:
            os.close(handle)
        if status.st_size + len(line) > self._limit:
            self.path.replace(self._before)


def _split(entries: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    runs: list[list[Mapping[str, Any]]] = []
    for entry in entries:
        if entry["event"] == "begun" or not runs:
            runs.append([])
        runs[-1].append(entry)
    return runs


def _folded(entries: list[Mapping[str, Any]]) -> LoggedRun:
    first, changed = entries[0], _changed(entries)
    back, seconds = changed.get("back_on_release"), _last(entries, "seconds", 0.0)
    # The service that failed is told after the tier, and with all that its container said.
    why = next((str(entry["why"]) for entry in entries if entry.get("why")), "")
    return LoggedRun(
        at=str(first["at"]),
        verb=str(first["verb"]),
        who=f"{first['user']}@{first['machine']}",
        outcome=str(_last(entries, "outcome", "")),
        seconds=float(seconds) if isinstance(seconds, (int, float)) else 0.0,
        plan=str(_last(entries, "plan", "")),
        release=str(_last(entries, "release", "")),
        back_on=str(back[0]) if isinstance(back, list) and back else "",
        changed=tuple(_phrases(changed)),
        why=why[:_SENTENCE],
    )


def _last(entries: Iterable[Mapping[str, Any]], key: str, otherwise: Any) -> Any:
    return next((entry[key] for entry in reversed(list(entries)) if key in entry), otherwise)


def _changed(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the names by kind, of all modules of a run; a number where a line had too many names."""
    found: dict[str, Any] = {}
    for entry in entries:
        changed = entry.get("changed")
        for kind, names in changed.items() if isinstance(changed, dict) else ():
            if isinstance(names, list) and isinstance(found.get(kind, []), list):
                found[kind] = list(dict.fromkeys([*found.get(kind, []), *map(str, names)]))
            else:
                found[kind] = _count(names) + _count(found.get(kind, 0))
    made = [name for kind in ("created", "recreated") if isinstance(found.get(kind), list) for name in found[kind]]
    if isinstance(found.get("started"), list):
        found["started"] = [name for name in found["started"] if name not in made]
    return found


def _count(names: Any) -> int:
    return len(names) if isinstance(names, list) else names if isinstance(names, int) else 0


def _phrases(changed: Mapping[str, Any]) -> Iterator[str]:
    for kind, word in _KINDS.items():
        names = changed.get(kind)
        if isinstance(names, list) and names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield f"{word} {', '.join(names[:_NAMED])}{more}"
        elif names:
            yield f"{word} {names}"

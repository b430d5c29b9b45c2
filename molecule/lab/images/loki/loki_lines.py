# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines: the newest of them in memory, all of a few MiB in a file."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from pathlib import Path

KEEP = 20_000
FILE_LIMIT = 16 << 20
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')


class Lines:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "stand-in.jsonl"
        self._lock = threading.Lock()
        self.received = 0
        self._rows: deque[tuple[str, dict[str, str], str]] = deque(maxlen=KEEP)

    def add(self, streams: list[dict[str, object]]) -> None:
        with self._lock:
            mode = "w" if self._file.exists() and self._file.stat().st_size > FILE_LIMIT else "a"
            with self._file.open(mode, encoding="utf-8") as handle:
                for stream in streams:
                    for stamp, line in stream.get("values", []):
                        self._rows.append((stamp, stream["stream"], line))
                        self.received += 1
                        handle.write(json.dumps([stamp, stream["stream"], line]) + "\n")

    def labels(self) -> list[str]:
        return sorted({name for _unused, stream, _unused in self._rows for name in stream})

    def values(self, label: str) -> list[str]:
        return sorted({stream[label] for _unused, stream, _unused in self._rows if label in stream})

    def select(self, query: str, limit: int) -> list[dict[str, object]]:
        """The newest lines whose labels match the selector, by stream."""
        matchers = MATCHER.findall(query.partition("}")[0])
        found: dict[str, dict[str, object]] = {}
        for stamp, stream, line in list(self._rows)[::-1]:
            if limit <= 0:
                break
            if all(_fits(stream.get(name, ""), how, wanted) for name, how, wanted in matchers):
                entry = found.setdefault(json.dumps(stream, sort_keys=True), {"stream": stream, "values": []})
                entry["values"].append([stamp, line])
                limit -= 1
        return list(found.values())


def _fits(value: str, how: str, wanted: str) -> bool:
    if how in ("=", "!="):
        return (value == wanted) == (how == "=")
    return (re.fullmatch(wanted, value) is not None) == (how == "=~")

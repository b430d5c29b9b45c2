# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ships what containers log to Loki, from the engine's API: the work of Alloy and of Promtail, in small."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

from standin import engine

EVERY = 10.0
AT_MOST = 500


class Shipper(threading.Thread):
    """One thread that reads every container's new lines and pushes them."""

    def __init__(self, push_url: str) -> None:
        super().__init__(daemon=True)
        self.url = push_url
        self.lines = 0
        self.failures = 0
        self._since: dict[str, str] = {}

    def run(self) -> None:
        while True:
            time.sleep(EVERY)
            try:
                streams = [stream for container in engine.containers() if (stream := self._read(container))]
                if streams:
                    self._push(streams)
            except (OSError, urllib.error.URLError, ValueError) as error:
                self.failures += 1
                print(f"shipper: {error}", file=sys.stderr, flush=True)

    def families(self, prefix: str) -> str:
        return (
            f"# TYPE {prefix}_sent_entries_total counter\n{prefix}_sent_entries_total {self.lines}\n"
            f"# TYPE {prefix}_dropped_entries_total counter\n{prefix}_dropped_entries_total {self.failures}\n"
        )

    def _read(self, container: dict[str, object]) -> dict[str, object] | None:
        identity = str(container["Id"])
        labels = container.get("Labels")
        service = labels.get("com.docker.compose.service", "") if isinstance(labels, dict) else ""
        since = self._since.setdefault(identity, str(int(time.time() - EVERY)))
        now = f"{time.time():.9f}"
        raw = engine.get(f"/containers/{identity}/logs?stdout=1&stderr=1&timestamps=1&tail={AT_MOST}&since={since}")
        self._since[identity] = now
        values = []
        for line in _frames(raw):
            stamp, _unused, text = line.partition(" ")
            values.append([_nanoseconds(stamp), text])
        if not values:
            return None
        return {"stream": {"service": service, "container": str(container["Names"][0]).lstrip("/")}, "values": values}

    def _push(self, streams: list[dict[str, object]]) -> None:
        body = json.dumps({"streams": streams}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10):
            self.lines += sum(len(stream["values"]) for stream in streams)


def _frames(raw: bytes) -> list[str]:
    """The lines of a multiplexed stream: 8 bytes of header, the last four the length."""
    lines: list[str] = []
    while len(raw) >= 8 and raw[0] in (0, 1, 2) and raw[1:4] == b"\0\0\0":
        length = int.from_bytes(raw[4:8], "big")
        lines += raw[8 : 8 + length].decode(errors="replace").splitlines()
        raw = raw[8 + length :]
    return lines or raw.decode(errors="replace").splitlines()


def _nanoseconds(stamp: str) -> str:
    try:
        return str(int(datetime.fromisoformat(stamp[:26].rstrip("Z")).replace(tzinfo=UTC).timestamp() * 1e9))
    except ValueError:
        return str(time.time_ns())

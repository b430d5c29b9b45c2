# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the containers on a schedule, and says how many there are."""

from __future__ import annotations

import os
import signal
import threading

from standin import contract, engine


def run() -> None:
    if os.environ.get("WATCHTOWER_MONITOR_ONLY") != "true":
        contract.refuse("watchtower", "this stand-in updates nothing: set WATCHTOWER_MONITOR_ONLY=true")
    interval = os.environ.get("WATCHTOWER_POLL_INTERVAL", "86400")
    if not interval.isdigit():
        contract.refuse("watchtower", f"WATCHTOWER_POLL_INTERVAL: '{interval}' is no number of seconds")
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    while not over.is_set():
        try:
            print(f"watchtower (stand-in): Session done, Scanned={len(engine.containers())} Updated=0", flush=True)
        except OSError as error:
            contract.refuse("watchtower", f"the engine does not answer: {error}")
        over.wait(int(interval))

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runner.Listener, standing in: waits for a job that never comes."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from standin import contract

contract.readable("Runner.Listener", str(Path(__file__).resolve().parents[1] / ".runner"))
over = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: over.set())
print("Listening for Jobs (stand-in: none will come)", flush=True)
over.wait()

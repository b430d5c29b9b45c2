# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Debian's Prometheus 2.53 on a translated copy of the configuration, and translates again when it changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml
from prometheus3 import translate

BINARY = "/usr/libexec/real/prometheus"
COPY = Path("/dev/shm/prometheus.yml")
LOOK_EVERY = 0.2
# 3.x sets GOMEMLIMIT and GOMAXPROCS from its container by default; 2.53 has to be asked.
AS_IN_3 = "--enable-feature=auto-gomemlimit,auto-gomaxprocs"


def stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


def write(source: Path) -> list[str]:
    try:
        text, flags = translate(source)
    except (OSError, yaml.YAMLError):
        # Prometheus itself says best what is wrong with it.
        text, flags = source.read_text(encoding="utf-8") if source.exists() else "", []
    part = COPY.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(COPY)
    return flags


def main() -> int:
    arguments = sys.argv[1:]
    named = [argument.split("=", 1)[1] for argument in arguments if argument.startswith("--config.file=")]
    if not named or not Path(named[-1]).exists():
        os.execv(BINARY, [BINARY, *arguments])
    source = Path(named[-1])
    flags = [flag for flag in write(source) if not any(given.startswith(flag.split("=")[0]) for given in arguments)]
    kept = [argument for argument in arguments if not argument.startswith("--config.file=")]
    child = subprocess.Popen([BINARY, f"--config.file={COPY}", AS_IN_3, *flags, *kept])

    def forward(number: int, _frame: object) -> None:
        if number == signal.SIGHUP:
            write(source)
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    seen = stamp(source)
    while child.poll() is None:
        time.sleep(LOOK_EVERY)
        if stamp(source) != seen:
            seen = stamp(source)
            write(source)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


raise SystemExit(main())

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the host: a command, its seconds, and the most resident memory that it and its children had at once (bytes)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

_EVERY = 0.05


def main() -> None:
    """Print what was measured as the last line."""
    began = time.monotonic()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(_EVERY)
    seconds = time.monotonic() - began
    said = process.stdout.read().splitlines() if process.stdout else []
    failures = json.loads(said[0]).get("failures", []) if said else [f"exit code {process.returncode}"]
    print(json.dumps({"seconds": seconds, "peak": peak, "failures": failures}))


def resident(root: int) -> int:
    """Return the resident memory of a process and all below it."""
    parents, sizes = {}, {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                fields = dict(
                    line.split(":", 1) for line in (directory / "status").read_text(encoding="utf-8", errors="replace").splitlines()
                )
            except (OSError, ValueError):
                continue
            parents[int(directory.name)] = int(fields["PPid"])
            sizes[int(directory.name)] = int(fields.get("VmRSS", "0 kB").split()[0]) * 1024
    found, below = 0, {root}
    while below:
        found += sum(sizes.get(pid, 0) for pid in below)
        below = {pid for pid, parent in parents.items() if parent in below}
    return found


if __name__ == "__main__":
    main()

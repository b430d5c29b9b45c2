# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real programs on what we make for them."""

from __future__ import annotations

import sys

from testkit.outcome import Outcome, single
from testkit.process import follow, run
from testkit.pytest import pytest

_LAB = (["tools/engine", "ensure"], ["tools/lab", "up"])


def browser() -> Outcome:
    """Look at the report page in a browser."""
    return pytest("browser", [], command=["tests/browser/run"])


def integration() -> Outcome:
    """Let servers read the tuning, and their own checkers the configuration; the programs are those of the lab's images."""
    return _on_the_lab("integration", "integration and not slow", "tests/integration")


def backup() -> Outcome:
    """Have backups, drills and restores meet every fault, on real servers with real restic."""
    return _on_the_lab("backup", "integration and slow", "tests/integration/backup")


def certificates() -> Outcome:
    """Let real Certbot get certificates for routed names from a real ACME server."""
    return _on_the_lab("certificates", "integration and slow", "tests/integration/certificates")


def bench_backup() -> int:
    """Measure backup, drill and restore on servers that are made for it."""
    if not lab():
        return 1
    return follow([sys.executable, "-m", "ansible_collections.ziggie.stack.tests.bench.backup"], "bench-backup").code


def _on_the_lab(name: str, marked: str, folder: str) -> Outcome:
    if not lab():
        return single("lab", False)
    return pytest(name, ["-m", marked, "--durations=12", folder])


def lab() -> bool:
    """Get an engine and the lab."""
    return all(follow(command, "lab").code == 0 for command in _LAB)


def first() -> Outcome:
    """Get the lab, and deploy the stack to it for the first time; the checks of what runs find it there."""
    if not lab():
        return single("lab", False)
    done = run(["tools/play", "site"])
    print(f"  {'ok    ' if done.code == 0 else 'FAILED'} site on a new host ({done.seconds:.1f} s)", flush=True)
    if done.code:
        print(done.text, flush=True)
    return single("site on a new host", done.code == 0)

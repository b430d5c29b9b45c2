# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack on a virtual machine: what a kernel with cgroup v2 does with the budget, and what a power cut leaves."""

from __future__ import annotations

import os

from testkit.molecule import MOLECULE
from testkit.outcome import Outcome, from_junit, single
from testkit.place import OUTPUT
from testkit.process import follow


def vps() -> Outcome:
    """Run the scenario `vps` from a clean disk. The machine ends with this process, however that ends."""
    owner = {"VPS_OWNER": str(os.getpid())}
    report = OUTPUT / "molecule" / "vps.xml"
    report.unlink(missing_ok=True)
    try:
        # Before molecule, which would show nothing of it until it is over.
        if any(
            follow(command, "vps-up", environment=owner).code
            for command in (["tools/engine", "ensure"], ["tools/vps", "down"], ["tools/vps", "up"])
        ):
            return single("the virtual machine", False)
        done = follow(["molecule", "test", "--scenario-name", "vps"], "vps", environment={**MOLECULE, **owner})
    finally:
        follow(["tools/vps", "down"], "vps-down")
    return from_junit(report, held=done.code == 0) + Outcome(passed=int(done.code == 0))

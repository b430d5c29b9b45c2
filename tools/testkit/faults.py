# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the stack when a run is hit by a fault; written into docs/."""

from __future__ import annotations

import os
import re
import sys

from testkit.integration import lab
from testkit.outcome import Outcome, single
from testkit.process import follow

SEEDS = os.environ.get("FAULT_SEEDS", "20")


def faults() -> Outcome:
    """Make the lab where it is not there, and strike it with every fault."""
    if not lab():
        return single("lab", False)
    module = "ansible_collections.ziggie.stack.tests.faults"
    done = follow([sys.executable, "-m", module, "--seeds", SEEDS, "--write"], "faults")
    counted = re.search(r"^(\d+) passed, (\d+) failed$", done.text, re.MULTILINE)
    return Outcome(passed=int(counted[1]), failed=int(counted[2])) if counted else single("no count", False)

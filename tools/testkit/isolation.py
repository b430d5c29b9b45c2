# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the budget is worth when neighbours misbehave, measured on the lab host and written into docs/."""

from __future__ import annotations

import sys

from testkit.integration import lab
from testkit.process import follow


def isolation() -> int:
    """Make the lab where it is not there, and run the experiment; the lab's own stack is paused meanwhile, or not there at all."""
    if not lab():
        return 1
    module = "ansible_collections.ziggie.stack.tests.bench.isolation"
    return follow([sys.executable, "-m", module, "--write"], "bench-isolation").code

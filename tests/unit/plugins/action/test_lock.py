# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a run import is there once it has its lock: a task is a process, and would import it for itself. A run that is refused needs none."""

from __future__ import annotations

import subprocess
import sys

_OURS = "ansible_collections.ziggie.stack.plugins"
_TASKS = "lookup.catalog lookup.config filter.compile filter.contract filter.host_paths filter.monitoring filter.plan filter.preflight filter.release"
_LEFT = f"""
import sys
from importlib import import_module
import_module("{_OURS}.action.lock")
print("before", *(name for name in sys.modules if name.startswith("{_OURS}.")))
import_module("{_OURS}.filter.preload").preload(False)
before = set(sys.modules)
for name in "{_TASKS}".split():
    import_module(f"{_OURS}.{{name}}")
print(*(set(sys.modules) - before))
from {_OURS}.module_utils.images.table import table
print("tables", table.cache_info().misses, table.cache_info().currsize)
"""


def test_no_task_has_to_import_what_another_did() -> None:
    done = subprocess.run([sys.executable, "-c", _LEFT], capture_output=True, text=True, check=True, timeout=100)
    first, *rest = done.stdout.splitlines()
    # The table of images is read, once.
    assert rest[-1] == "tables 1 1"
    assert {name for name in " ".join(rest).split() if name.startswith((f"{_OURS}.module_utils", f"{_OURS}.plugin_utils"))} == set()
    assert len(first.split()) < 20, f"all of this is loaded before the lock is asked for: {first}"

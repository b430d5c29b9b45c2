# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of its name in the name of this run, which may hold the host's lock."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from ansible_collections.ziggie.stack.plugins.module_utils.images.table import table
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.plugin_utils.lock import LockedAction

# Ansible looks up an action in its own process, and a filter in the process of each task: what the tasks of a run import is here once for all of them.
for _name in ("release", "facts", "specification.check", "config", "fragments", "contract"):
    import_module(f"ansible_collections.ziggie.stack.plugins.plugin_utils.{_name}")
# So is the table of images; what is wrong with it is told where it is asked.
with suppress(BudgetError):
    table()


class ActionModule(LockedAction):
    """Runs the module of its name."""

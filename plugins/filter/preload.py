# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a run import, loaded once for all of them, after the lock was asked for."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preload
short_description: Loads what the tasks of a run share (internal)
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Internal to the collection. Each task is a process of its own, and what it needs is there only where the run itself has loaded it. Ansible evaluates the
    condition of C(ansible.builtin.meta) in the process of the run, so that is where this belongs, behind M(ziggie.stack.lock). A run that is refused has
    loaded nothing.
options:
  _input:
    description: What is returned.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Load what the tasks share
  ansible.builtin.meta: end_host
  when: false | ziggie.stack.preload
"""

RETURN = r"""
_value:
  description: The input.
  type: raw
"""

from contextlib import suppress
from importlib import import_module
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.images.table import table
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError

_SHARED = ("release", "facts", "specification.check", "config", "fragments", "contract")


def preload(value: Any) -> Any:
    """Load it."""
    for name in _SHARED:
        import_module(f"ansible_collections.ziggie.stack.plugins.plugin_utils.{name}")
    # What is wrong with the table of images is told where it is asked.
    with suppress(BudgetError):
        table()
    return value


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"preload": preload}

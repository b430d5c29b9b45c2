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
    loaded nothing. Python keeps what it compiles of these files beside them, where it may write there.
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

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any

_PLUGINS = "ansible_collections.ziggie.stack.plugins"
_SHARED = ("release", "facts", "specification.check", "config", "fragments", "contract")


class _KeepBytecode:
    """Finds the collection's files as Python itself does, which keeps what it compiles; Ansible's finder compiles all of them in each run."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        for directory in path or () if name.startswith(f"{_PLUGINS}.") else ():
            found = FileFinder(directory, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)
            if found is not None and found.loader is not None:
                return found
        return None


@contextmanager
def _bytecode_kept() -> Iterator[None]:
    sys.meta_path.insert(0, _KeepBytecode)
    try:
        yield
    finally:
        sys.meta_path.remove(_KeepBytecode)


def preload(value: Any) -> Any:
    """Load it."""
    with _bytecode_kept():
        for name in _SHARED:
            import_module(f"{_PLUGINS}.plugin_utils.{name}")
        table, problems = (import_module(f"{_PLUGINS}.module_utils.{name}") for name in ("images.table", "problems"))
    # What is wrong with the table of images is told where it is asked.
    with suppress(problems.BudgetError):
        table.table()
    return value


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"preload": preload}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Compose definition and its budget become a definition that a host can run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: compile
short_description: Write a budget into a Compose definition
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Writes limits, weights and tuned settings of a budget into a Compose definition, for C(docker compose) or for C(docker stack deploy).
  - Keys that a budget does not speak of pass through untouched. Compiling a compiled definition changes nothing.
  - What the host cannot do is left out. Services whose credentials are missing are left out too, and so are dependencies on them.
positional: _input, budget
options:
  _input:
    description: The Compose definition that was budgeted.
    type: dict
    required: true
  budget:
    description: Its budget, as P(ziggie.stack.budget#filter) returns it.
    type: dict
    required: true
  target:
    description: What will read the definition.
    type: str
    choices: [compose, swarm]
    default: compose
  host:
    description: What the host can do, as P(ziggie.stack.capabilities#filter) returns it, and where things are on it. Other keys are ignored.
    type: dict
    default: {}
    suboptions:
      io_weight:
        description: Whether its disks honour I/O weights.
        type: bool
        default: false
      slices:
        description: Whether containers can lie in slices of systemd.
        type: bool
        default: false
      project:
        description: The Compose project, after which its slices are named.
        type: str
        default: ziggie
      devices:
        description:
          - The host's disks, by every name that a definition may call them. I/O settings of other devices are left out.
          - Without it nothing is known of them, and such settings stay as they are.
        type: dict
      reasons:
        description: Why the host cannot do what it cannot, by the option's name, as a part of a sentence.
        type: dict
        default: {}
      oom_score_adj:
        description: Whether a container's C(oom_score_adj) can be set.
        type: bool
        default: true
      memory_reservation:
        description: Whether memory can be reserved.
        type: bool
        default: true
      swap_limit:
        description: Whether swap can be limited.
        type: bool
        default: true
      memlock_unlimited:
        description: Whether a container may lock memory without a limit. Without it, C(memlock) is left out.
        type: bool
        default: true
      start_interval:
        description: Whether the engine knows C(healthcheck.start_interval).
        type: bool
        default: true
      nofile_max:
        description: The most open files that a container can be given. Larger figures are cut to it.
        type: int
      core_ids:
        description: The numbers of the cores that containers may use. By default they count from 0.
        type: list
        elements: int
      storage_classes:
        description: Directories by storage class. With it, volumes in C(x-budget.storage) are bound to directories.
        type: dict
        default: {}
      registry_map:
        description: Where the images of a registry come from instead, by its name. V(mirror:5000/ghcr.io) under C(ghcr.io) is an example.
        type: dict
        default: {}
      credentials:
        description: Names of the credentials that there are. By default those of the budget's policy.
        type: list
        elements: str
seealso:
  - plugin: ziggie.stack.budget
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Compile a stack for a host without I/O weights
  ansible.builtin.set_fact:
    definition: "{{ compose | ziggie.stack.compile(budget, host={'io_weight': false, 'storage_classes': {'hot': '/srv/hot'}}) }}"
  vars:
    budget: "{{ compose | ziggie.stack.budget(capacity={'memory': '16g', 'cpus': 4}) }}"
"""

RETURN = r"""
_value:
  description: A complete Compose or stack definition.
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.module_utils.render.host import Host
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def compile_filter(compose: Any, budget: Any, target: Any = "compose", host: Any = None) -> Any:
    """Return the definition as plain data."""
    try:
        return compile_stack(plain(compose), Budget.from_dict(plain(budget)), target=target, host=Host.from_dict(plain(host)))
    except BudgetError as error:
        raise AnsibleFilterError(str(error)) from error
    except (KeyError, OverflowError, ValueError) as error:
        raise AnsibleFilterError(f"The Budget cannot be read: {error}.") from error


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"compile": compile_filter}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Compose definition becomes a budget."""

from __future__ import annotations

DOCUMENTATION = r"""
name: budget
short_description: Share a host's memory and CPUs among the services of a Compose definition
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads what each service needs and asks for, from C(x-budget) or else from Compose's own keys or the policy's defaults, and computes what each one
    gets, so that the limits of all together cannot outgrow the host.
  - Every service gets its floor. What remains is shared by weighted max-min fairness, in whole MiB, up to what each one requests.
  - Settings of the programs themselves follow from the limits, such as C(shared_buffers) of PostgreSQL or the heap of Node.js.
  - All problems are reported at once. A stack that does not fit is refused with the exact shortfall and the cheapest ways out.
positional: _input
options:
  _input:
    description: A Compose definition. Its services may have C(x-budget).
    type: dict
    required: true
  capacity:
    description: What the host has.
    type: dict
    required: true
    suboptions:
      memory:
        description: Memory, in Docker's grammar, such as V(16g), or in bytes.
        type: raw
        required: true
      cpus:
        description: Number of CPUs, with at most three decimals.
        type: raw
        required: true
      disk:
        description:
          - The size of the one filesystem that holds volumes, images, logs and the system.
          - What the volumes need at least, C(floor) under C(x-budget.storage) or else their C(size), the images, the logs and what is reserved must
            fit on it. The rest of it is shared among the volumes up to their C(size), by the same fairness as memory.
          - This and the following are checked only where they are given.
        type: raw
      disks:
        description:
          - The filesystems by name, in place of O(capacity.disk), each with its C(size), the storage C(classes) whose volumes lie on it (all by default),
            whether the C(engine) keeps images and logs there, and whether the C(system) lies there, which keeps its reserve.
          - With a single one, C(engine) and C(system) are true by default, else false.
        type: dict
      swap:
        description: Swap space. What services may use beyond their limits, C(x-budget.memory.swap), must fit in it.
        type: raw
      pids:
        description: The most processes and threads that the kernel allows, C(kernel.pid_max). The sum of C(x-budget.pids) must stay below it.
        type: int
      files:
        description: The most open files that the kernel allows, C(fs.file-max). The sum of C(x-budget.files), or else of C(ulimits.nofile), must stay below it.
        type: int
      cores:
        description: How many whole cores the kernel schedules on, for O(policy.cpuset). By default those that O(capacity.cpus) fills.
        type: int
  policy:
    description: The rules by which the host is shared. What is not written has its default.
    type: dict
    default: {}
    suboptions:
      reserve:
        description: >-
          What the operating system keeps, C(memory) (by default V(2g)), C(cpus) (V(0.5)), C(disk) (V(10g)), C(swap) (V(0)), C(pids) (V(1024)) and
          C(files) (V(65536)).
        type: dict
      margin:
        description: >-
          The unallocated safety margin, C(memory). By default, or with V(auto), it is a tenth of what the reserve leaves, at most V(200m).
        type: dict
      surge:
        description: >-
          What is kept for containers that run for a while only, C(memory) (by default V(0)). A new container that is started before the old one is stopped
          (C(deploy.update_config.order)) fits in it where it is at least the service's limit.
        type: dict
      memory:
        description:
          - With V(fit), limits are computed between floor and request.
          - With V(declared), requests are the limits, and are refused when their sum breaks the overcommit.
        type: str
        choices: [fit, declared]
        default: fit
      overcommit:
        description: How many times the pool limits may add up to, C(memory) (by default V(1.0), of O(policy.memory=declared)) and C(cpus) (V(2.0)).
        type: dict
      weights:
        description: The weight of each priority, C(high) (by default V(4)), C(medium) (V(2)) and C(low) (V(1)).
        type: dict
      cpu_quota:
        description: Which services have their CPU limit as a quota. The others are held by weights alone.
        type: str
        choices: [none, batch, all]
        default: batch
      cpuset:
        description:
          - With V(critical), whole cores are kept for the critical tier, which may use all of the host's. The services of the other tiers run on the rest.
          - With V(split), the critical tier stays on the cores that are kept for it, too. Nothing of it waits for a core that others use, and it gets no more.
          - How many follows from the tier's part of the reserved CPUs, in whole cores, at least one and never all. On a host of one core nothing is kept.
        type: str
        choices: [none, critical, split]
        default: none
      memory_high:
        description:
          - With V(lower), the tiers below critical are slowed, and their caches taken back, above their part of the memory that the limits of the critical
            tier leave (C(memory.high) of their slices), before the kernel has to kill. Only where limits are overcommitted; where they fit it does nothing.
          - It needs slices, so cgroup v2; elsewhere it is left out, and the plan says so.
        type: str
        choices: [none, lower]
        default: none
      disk:
        description: What an C(image) takes on average (by default V(1g)), and what the C(logs) of one container take at most (V(100m)).
        type: dict
      defaults:
        description:
          - What a service costs that does not say.
          - C(memory) has C(floor) (by default V(64m)) and C(request) (V(512m)), C(cpus) has C(reservation) (V(0.05)) and C(limit) (V(0.5)), C(pids) is V(256),
            C(files) is V(1024).
        type: dict
      credentials:
        description:
          - Names of the credentials that there are.
          - A service whose C(x-budget.requires) names another one is off. It is listed with what it would need, and holds nothing.
        type: list
        elements: str
        default: []
seealso:
  - plugin: ziggie.stack.compile
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what PostgreSQL may use on a host of 16 GiB
  ansible.builtin.debug:
    msg: "{{ (compose | ziggie.stack.budget(capacity={'memory': '16g', 'cpus': 4})).services.postgres.explain['memory.limit'] }}"
  vars:
    compose:
      services:
        postgres:
          image: docker.io/library/postgres:17.11
          x-budget:
            tier: critical
            memory: {floor: 1g, request: 3g}
            tuning: {tuner: postgres}

- name: Refuse written limits that add up to more than the host has
  ansible.builtin.set_fact:
    budget: "{{ compose | ziggie.stack.budget(capacity={'memory': '16g', 'cpus': 4}, policy={'memory': 'declared'}) }}"
"""

RETURN = r"""
_value:
  description: The budget. Memory is in bytes, CPUs are in thousandths.
  type: dict
  contains:
    format:
      description: The version of this structure.
      type: int
    capacity:
      description: What the host has, C(memory), C(cpus) and what else was given.
      type: dict
    reserve:
      description: What the operating system keeps.
      type: dict
    pool:
      description: What the services share, capacity less reserve.
      type: dict
    margin:
      description: The unallocated safety margin.
      type: dict
    policy:
      description: The complete policy, as it may be written.
      type: dict
    totals:
      description: >-
        Sums, C(tiers) and C(all), with C(utilization), C(unallocated), C(disk) (of C(volumes), C(images) and C(logs)), C(disks), the same by filesystem with
        C(size), C(reserve) and what is C(left), and C(connections), which says
        by server how many are C(asked) and how many are C(offered).
      type: dict
    services:
      description: >-
        By name, what each service gets, C(memory), C(cpus), C(pids), C(files), C(disk), C(connections), C(io), C(oom_score_adj), C(tuning),
        C(storage), whether it is C(enabled), and
        C(explain), a sentence for each number.
      type: dict
    jobs:
      description: >-
        Only where the stack is backed up. The jobs that run beside the services for a while, each with C(name), what it takes of C(memory), by which arithmetic
        (C(why)), and whether it is C(held), so that the surge has room for it.
      type: list
      elements: dict
    findings:
      description: Warnings and notes, each with C(code), C(severity), C(path), C(message) and C(fix).
      type: list
      elements: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def budget(compose: Any, capacity: Any, policy: Any = None) -> dict[str, Any]:
    """Return the budget as plain data."""
    try:
        return solve(plain(compose), plain(capacity), plain(policy)).to_dict()
    except BudgetError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"budget": budget}

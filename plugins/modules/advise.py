#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what to buy for a stack, by a price list."""

from __future__ import annotations

DOCUMENTATION = r"""
module: advise
short_description: Say what to buy for a stack, by a price list
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Names the dimension that binds today (memory, cores or disk), solves every row of a price list as a larger host, as a second host and as a split, and
    ranks them by least regret, with what each costs a month, what it cures and what not, and what each service would get.
  - Runs on the controller, asks no host and changes nothing.
options:
  compose:
    description: The merged Compose definition.
    type: dict
    required: true
  offers:
    description:
      - What a provider sells, a list of mappings with C(name), C(memory), C(cpus), C(disk), C(price) a month and C(renewal), the price a month after
        the first period, which counts where it is given.
      - C(current) marks the row that this host is bought as. Without, it is the only row with its cores and about its memory.
    type: raw
    required: true
  host:
    description: The facts that M(ziggie.stack.host_info) returned. Without, the host has what O(capacity) says, and else what O(audit) saw.
    type: dict
    default: {}
  capacity:
    description: A capacity to budget for instead of the kernel's figures, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
  policy:
    description: The policy, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
  credentials:
    description: Names of the credentials that the operator has set.
    type: list
    elements: str
    default: []
  classes:
    description: The directory of each storage class, or a mapping with its C(path) and C(device).
    type: dict
    default: {}
  backup:
    description: Where backups go, as C(stack_backup) of the role P(ziggie.stack.stack#role) says it.
    type: dict
    default: {}
  project:
    description: The Compose project's name, by which containers of O(audit) are the stack's.
    type: str
    default: ziggie
  audit:
    description: A file that M(ziggie.stack.audit_report) wrote, for what the services were seen to use.
    type: path
extends_documentation_fragment:
  - ziggie.stack.on_controller
  - ziggie.stack.report
seealso:
  - module: ziggie.stack.recommend
  - module: ziggie.stack.audit_report
"""

EXAMPLES = r"""
- name: What to buy when this stack outgrows its host?
  ziggie.stack.advise:
    compose: "{{ catalog_read.compose }}"
    capacity: {memory: 16g, cpus: 4, disk: 200g}
    offers:
      - {name: KVM 4, memory: 16g, cpus: 4, disk: 200g, price: 12}
      - {name: KVM 6, memory: 24g, cpus: 6, disk: 300g, price: 20}
"""

RETURN = r"""
advice:
  description: >-
    What binds today (C(binding)), the row that the host is bought as (C(current)), the smallest row with which every service has its floor where that is
    not so (C(cure)), and the C(options), the best first, each with C(kind), C(offer), C(cost), C(regret), C(missing), C(shares), C(hosts), C(limits) (bytes
    of memory by service), C(moved), C(bytes_moved), C(cures) and C(leaves).
  returned: success
  type: dict
"""

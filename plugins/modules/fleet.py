#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan which host of a fleet runs which service."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet
short_description: Plan which host of a fleet runs which service
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Places the services of one definition on several hosts. Every service has its floor; then the worst service gets the largest part of what it asks for;
    then the fewest bytes move. What lies on a host already stays there, unless the floors or O(fleet) need a move, or O(rebalance) asks for it.
  - Shows each host's Budget, why each service is placed where it is, what would move, and which hosts are excluded. Where the services do not fit it says
    what each host lacks, and the smallest row of the price list that cures it.
  - Runs on the controller, asks no host and changes nothing. Nothing deploys such a placement yet.
  - With the standard output of P(ziggie.stack.plan_json#callback), O(format) is always V(json).
options:
  compose:
    description: The merged Compose definition.
    type: dict
    required: true
  fleet:
    description: What is placed where, as C(stack_fleet) of the role P(ziggie.stack.stack#role) says it.
    type: raw
    required: true
  hosts:
    description:
      - Every host, in the order of the inventory, each with C(facts) as M(ziggie.stack.host_info) returned them, C(capacity) to budget for instead of the
        kernel's figures, C(classes), its C(stack_storage_classes), and C(silent), whether it should have answered and did not.
      - C(shared) are the settings that have to be the same on all hosts, by name.
    type: dict
    required: true
  capacities:
    description: What hosts have that are not asked, by host, instead of what O(fleet) says.
    type: raw
  policy:
    description: The policy of all hosts, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
  credentials:
    description: Names of the credentials that the operator has set.
    type: list
    elements: str
    default: []
  backup:
    description: Where backups go, as C(stack_backup) of the role P(ziggie.stack.stack#role) says it.
    type: dict
    default: {}
  accepted:
    description: Findings that are right here, as P(ziggie.stack.preflight#filter) takes them.
    type: dict
    default: {}
  known:
    description: Findings from earlier steps, to be listed together with these.
    type: list
    elements: dict
    default: []
  offers:
    description: What a provider sells, as M(ziggie.stack.advise) takes it.
    type: raw
    default: []
  rebalance:
    description: Whether services move for a better share, too.
    type: bool
    default: false
  explain:
    description: A service. Then is shown why it runs where it does, and why not on each other host.
    type: str
    default: ""
  findings:
    description: With V(important), findings of severity info are only counted. With V(all) they are shown.
    type: str
    choices:
      - important
      - all
    default: important
extends_documentation_fragment:
  - ziggie.stack.on_controller
  - ziggie.stack.report
seealso:
  - module: ziggie.stack.advise
  - module: ziggie.stack.show
"""

EXAMPLES = r"""
- name: Which of two servers that I may buy would run what?
  ziggie.stack.fleet:
    compose: "{{ catalog_read.compose }}"
    fleet: report
    hosts: {vps1: {}, vps2: {}}
    capacities:
      vps1: {memory: 16g, cpus: 4, disk: 200g}
      vps2: {memory: 16g, cpus: 4, disk: 200g}
"""

RETURN = r"""
verdict:
  description: V(feasible), V(feasible with changes) or V(infeasible).
  returned: success
  type: str
why:
  description: What each host lacks, where the services do not fit; else empty.
  returned: success
  type: str
fleet:
  description: >-
    The C(verdict), C(share) and C(bound) (the part of what it asks for that the worst service gets, and no placement can give it more than), C(proven),
    C(hosts) by name, each with C(zone), C(asked), C(capacity), C(services), C(lacks) and C(budget) (null where there is none), C(excluded) (by host, why),
    C(copies) (services that every host runs), C(services) by name, each with C(host), C(why) and C(elsewhere) (by host, why not there), C(moves), each with
    C(service), C(source), C(target) and C(size) (bytes), C(bytes_moved), C(new), C(cure), C(better) (what C(share) a rebalance gives, and C(bytes_moved))
    and C(findings).
  returned: success
  type: dict
"""

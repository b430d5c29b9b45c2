# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budget and every problem, before anything is touched."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preflight
short_description: The budget and every problem, before anything is touched
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Solves the budget of a Compose definition for a host and checks the host for everything else that would stop a run.
  - Checks the definition against the JSON schema of the Compose Specification first, the one that Compose itself uses. What Compose would refuse is
    among the problems.
  - Problems are returned, not raised, so that an operator sees all of them at once.
requirements:
  - jsonschema >= 4.18
options:
  _input:
    description: The merged Compose definition.
    type: dict
    required: true
  host:
    description:
      - The facts that M(ziggie.stack.host_info) returned.
      - Empty means an imagined host, which has just what is declared and can do everything.
    type: dict
    default: {}
  policy:
    description: The policy, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
  declared:
    description: A capacity to budget for instead of the kernel's figures, with C(memory) and C(cpus).
    type: dict
    default: {}
  credentials:
    description: Names of the credentials that the operator has set, or a mapping of names to values, which are checked and not returned.
    type: raw
    default: []
  classes:
    description: The directory of each storage class, or a mapping with its C(path) and C(device).
    type: dict
    default: {}
  disk_free:
    description: How much room the run needs where the engine keeps its images.
    type: str
    default: 10g
  pretend:
    description: Whether the declared capacity may be more than the host has, as in a lab.
    type: bool
    default: false
  settings:
    description: What is done to the host itself, as C(stack_host) says it.
    type: dict
    default: {}
  accepted:
    description: Findings that are right here, by code, each with a reason or with C(reason) and C(paths). They stop nothing and are shown as accepted.
    type: dict
    default: {}
  sysctl:
    description: Kernel parameters and their values.
    type: dict
    default: {}
  public_ports:
    description: Ports that the world may reach. Everything else that the engine publishes is closed to it.
    type: list
    elements: int
    default: []
  packages:
    description: Distribution packages that the stack needs, by a file of theirs.
    type: dict
    default: {}
  moving:
    description: Services whose data are about to be moved to where the inventory now wants them.
    type: list
    elements: str
    default: []
  directory:
    description: Where the release and the secrets lie on the host.
    type: path
    default: /opt/ziggie
  engine_options:
    description: Options for the C(daemon.json) of the Docker engine.
    type: dict
    default: {}
  templates:
    description: Directories of templates on the controller. A service may mount C(./config/<service>) where one of them has a directory of its name.
    type: list
    elements: path
    default: []
  builtin:
    description: Whether the built-in catalog is part of the stack, so that the configuration of its monitoring is generated.
    type: bool
    default: true
  left_out:
    description: The services that the inventory leaves out, each with the setting that does so.
    type: dict
    default: {}
  hooks:
    description: What is run or called before and after a deploy, a tier, a service, as C(stack_hooks) says it.
    type: list
    elements: dict
    default: []
  backup:
    description: Where backups go, as C(stack_backup) of the role P(ziggie.stack.stack#role) says it.
    type: dict
    default: {}
  upgrade:
    description: What protects a change of image that cannot be taken back, as C(stack_upgrade) of the role P(ziggie.stack.stack#role) says it.
    type: dict
    default: {}
  acknowledged:
    description: The changes of image that cannot be taken back and are wanted all the same, as V(service@version), with commas between them, or a list.
    type: raw
    default: ""
  ledger:
    description: The file on the controller that remembers when each image was first seen, as M(ziggie.stack.updates) keeps it. It is only read.
    type: path
  upgrading:
    description: The service whose data this run upgrades to what its new image opens.
    type: str
    default: ""
  fleet:
    description: What is placed where, as C(stack_fleet) of the role P(ziggie.stack.stack#role) says it. Where it is set, nothing can be deployed yet.
    type: raw
  known:
    description: Findings from earlier steps, to be listed together with these.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Solve the budget for this host
  ansible.builtin.set_fact:
    result: "{{ compose | ziggie.stack.preflight(host=facts) }}"
"""

RETURN = r"""
_value:
  description:
    - C(host), the facts, with what is about to be mounted, C(settings), those of C(stack_host), complete, and C(capabilities), what the
      host can enforce once it is prepared, as
      P(ziggie.stack.compile#filter) takes it, with the C(reasons) where it cannot.
    - C(budget), empty where there is none, and C(fitting), the smallest host for all and what to leave out on this one.
    - C(directories) and C(files) as M(ziggie.stack.files) takes them, C(packages), C(storage), the steps of each class whose device is not in place yet,
      and C(moves), what M(ziggie.stack.migrate) is to move.
    - C(changes), all that a run would change on the host itself, each with C(kind), C(subject), C(before), C(after), C(effect) (what it does to what
      runs) and C(diff) (lines of a unified diff).
    - C(findings), and C(problems), the errors as sentences.
    - C(hooks), those that can be run, without what may be secret.
    - C(ways_in), the routes, and where there are any C(ports), what services publish, as P(ziggie.stack.plan#filter) returns them.
    - C(data), where backups are made, what protects each volume and directory that a service writes to, as P(ziggie.stack.plan#filter) returns it.
  type: dict
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import prepare
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import facts_of, wish_of
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain
from ansible_collections.ziggie.stack.plugins.plugin_utils.specification.check import against_specification


def preflight(compose: dict[str, Any], host: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    """Check the definition's form, and pass on to the core."""
    definition = plain(compose)
    known = [*(said.pop("known", None) or ()), *(finding.to_dict() for finding in against_specification(definition))]
    return prepare(definition, facts_of(host) if host else None, wish_of({**said, "known": known})).to_dict()


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"preflight": preflight}

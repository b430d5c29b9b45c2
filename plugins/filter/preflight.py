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
  - Problems are returned, not raised, so that an operator sees all of them at once.
options:
  _input:
    description: The merged Compose definition.
    type: dict
    required: true
  host:
    description:
      - What the host has, as M(ziggie.stack.host_info) returns it.
      - Empty means no host at all, but one that has just what is declared and can do everything.
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
    description: Names of the credentials that the operator has set.
    type: list
    elements: str
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
  project:
    description: The Compose project, after which the host's slices are named.
    type: str
    default: ziggie
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
    - C(host), C(budget) (empty where there is none), C(fitting) (the smallest host for all and what to leave out on this one, where there is none),
      C(directories) and C(files) as M(ziggie.stack.files) takes them, C(packages), C(storage), the steps of each class whose device is not in place yet,
      C(moves), what M(ziggie.stack.migrate) is to move, C(findings), and C(problems), the errors as sentences.
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.module_utils.budget.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.prepare import prepare
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def preflight(
    compose: dict,
    host: dict | None = None,
    policy: dict | None = None,
    declared: dict | None = None,
    credentials: list | None = None,
    classes: dict | None = None,
    disk_free: Any = "10g",
    pretend: bool = False,
    accepted: dict | None = None,
    known: list | None = None,
    project: str = "ziggie",
    settings: dict | None = None,
    moving: list | None = None,
    sysctl: dict | None = None,
    public_ports: list | None = None,
    packages: dict | None = None,
) -> dict:
    """Pass on to the core."""
    try:
        return prepare(
            plain(compose),
            host=plain(host or {}),
            policy=plain(policy or {}),
            declared=plain(declared or {}),
            credentials=plain(credentials or []),
            classes=plain(classes or {}),
            disk_free=disk_free,
            pretend=pretend,
            accepted=plain(accepted or {}),
            known=plain(known or []),
            project=str(project),
            settings=plain(settings or {}),
            moving=plain(moving or []),
            sysctl=plain(sysctl or {}),
            public_ports=plain(public_ports or []),
            packages=plain(packages or {}),
        )
    except BudgetError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"preflight": preflight}

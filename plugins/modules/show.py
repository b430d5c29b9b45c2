#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show a plan on the controller's screen."""

from __future__ import annotations

DOCUMENTATION = r"""
module: show
short_description: Show a plan on the controller's screen
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Writes a plan to the screen as it is, and not as the result of a task. In a terminal it is coloured and as wide as the terminal; elsewhere it is plain.
  - Colours follow Ansible's own settings, E(ANSIBLE_NOCOLOR), E(NO_COLOR) and E(ANSIBLE_FORCE_COLOR).
  - Runs on the controller and asks the host nothing.
options:
  plan:
    description: What P(ziggie.stack.plan#filter) or P(ziggie.stack.adopt#lookup) returned.
    type: dict
    required: true
  containers:
    description: The containers of M(ziggie.stack.stack_info), for their states.
    type: list
    elements: dict
    default: []
  explain:
    description: A service. Then the arithmetic of each of its numbers is shown instead.
    type: str
    default: ""
  findings:
    description: With V(important), findings of severity info are only counted. With V(all) they are shown.
    type: str
    choices:
      - important
      - all
    default: important
  format:
    description:
      - V(text) for a person, V(changes) for the verdict and the changes without the budget's table, V(json) on one line for a program.
      - With the standard output of P(ziggie.stack.plan_json#callback) it is always V(json).
    type: str
    choices:
      - text
      - json
      - changes
    default: text
extends_documentation_fragment:
  - ziggie.stack.on_controller
seealso:
  - plugin: ziggie.stack.plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the plan
  ziggie.stack.show:
    plan: "{{ preflight_result | ziggie.stack.plan(release_plan, live=live, host=inventory_hostname) }}"
"""

RETURN = r"""
verdict:
  description: The verdict of a plan that was shown whole.
  returned: O(plan) has a verdict and O(format) is not V(changes)
  type: str
plan:
  description: The plan that was shown, which P(ziggie.stack.budget_report#callback) draws. Shown as a result with C(-vvv) only.
  returned: O(plan) has a verdict
  type: dict
lines:
  description: How many lines were written.
  returned: success
  type: int
"""

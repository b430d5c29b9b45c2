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
  format:
    description: Text for a person, or JSON on one line for a program.
    type: str
    choices:
      - text
      - json
    default: text
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: none
  action:
    description: Runs on the controller, by an action plugin.
    support: full
  platform:
    support: full
    platforms: all
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
seealso:
  - plugin: ziggie.stack.plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the plan
  ziggie.stack.show:
    plan: "{{ preflight_result | ziggie.stack.plan }}"
"""

RETURN = r"""
lines:
  description: How many lines were written.
  returned: success
  type: int
"""

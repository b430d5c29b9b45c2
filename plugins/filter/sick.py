# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a tier did not come up."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sick
short_description: Why a tier did not come up
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Names each service of a tier that is not running or not healthy, with what it said last.
options:
  _input:
    description: What M(ziggie.stack.stack_info) returned.
    type: dict
    required: true
  tier:
    description: The tier.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ live | ziggie.stack.sick(tier='critical') }}"
"""

RETURN = r"""
_value:
  description: Sentences.
  type: list
  elements: str
"""

from ansible_collections.ziggie.stack.plugins.module_utils.deploy.sick import explain


def sick(live: dict, tier: str) -> list:
    """Pass on to the core."""
    return [f"The {tier} tier did not become healthy.", *explain(live["containers"], tier)]


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"sick": sick}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as data."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan
short_description: A plan as data
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Says what a run would give to whom, what is wrong, what is off and why, and what it would change.
options:
  _input:
    description: What P(ziggie.stack.preflight#filter) returned.
    type: dict
    required: true
  live:
    description: What M(ziggie.stack.stack_info) returned. Without it, the plan compares with nothing.
    type: dict
    default: {}
seealso:
  - module: ziggie.stack.show
"""

EXAMPLES = r"""
- name: Show the plan
  ziggie.stack.show:
    plan: "{{ prepared | ziggie.stack.plan }}"
"""

RETURN = r"""
_value:
  description: >-
    C(verdict) (V(feasible), V(feasible with changes), V(infeasible)), C(findings), C(off) (services and what they need), C(changes) (by service, null where
    no host was asked), C(budget), and where there is none C(fitting), the C(smallest) host for all and what to C(leave_out) on this one, in order.
  type: dict
"""

from ansible_collections.ziggie.stack.plugins.module_utils.render import plan as core
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def plan(prepared: dict, live: dict | None = None) -> dict:
    """Pass on to the core."""
    return core.document(plain(prepared), plain(live or {}).get("changes"))


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"plan": plan}

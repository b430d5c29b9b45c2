# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as text or as data."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan
short_description: A plan as text or as data
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
  explain:
    description: A service. The plan is then the arithmetic of each of its numbers, with its source.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ (prepared | ziggie.stack.plan).text }}"
"""

RETURN = r"""
_value:
  description: C(text) for a person, C(verdict) (V(feasible), V(feasible with changes), V(infeasible)), C(findings), C(off), C(changes), C(budget).
  type: dict
"""

from ansible_collections.ziggie.stack.plugins.module_utils.render import plan as core
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def plan(prepared: dict, live: dict | None = None, explain: str = "") -> dict:
    """Pass on to the core."""
    prepared, live = plain(prepared), plain(live or {})
    document = core.document(prepared, live.get("changes"))
    told = core.explain(document["budget"], explain) if explain else core.lines(document, live.get("containers", []))
    return {"text": "\n".join(told), **document}


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"plan": plan}

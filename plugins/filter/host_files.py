# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a host whose figures are a Budget's."""

from __future__ import annotations

DOCUMENTATION = r"""
name: host_files
short_description: The files of a host whose figures are a Budget's
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Returns the slices and the protection of the host's own services, for a Budget that was solved before, as when a release comes back.
options:
  _input:
    description: The Budget, as P(ziggie.stack.budget#filter) returns it.
    type: dict
    required: true
  host:
    description: The facts of M(ziggie.stack.host_info).
    type: dict
    required: true
  settings:
    description: What is done to the host itself, as C(stack_host) says it.
    type: dict
    default: {}
  classes:
    description: The storage classes, as C(stack_storage_classes) has them.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Give the slices the figures of another release
  ziggie.stack.files:
    files: "{{ chosen.budget | ziggie.stack.host_files(host=facts.host) }}"
"""

RETURN = r"""
_value:
  description: Files, as M(ziggie.stack.files) takes them; none where the host has no systemd, or where there is no Budget.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.assemble import budgeted
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.capabilities import decide
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import parse
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import facts_of
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def host_files(
    budget: dict[str, Any], host: dict[str, Any], settings: dict[str, Any] | None = None, classes: dict[str, Any] | None = None
) -> list[Any]:
    """Pass on to the core."""
    if not budget:
        return []
    facts = facts_of(host)
    wanted, findings = parse(plain(settings or {}))
    if findings:
        raise AnsibleFilterError("; ".join(finding.sentence() for finding in findings))
    try:
        solved = Budget.from_dict(plain(budget))
    except ValueError as error:
        raise AnsibleFilterError(f"The Budget cannot be read: {error}.") from error
    _capabilities, choice = decide(facts, wanted, plain(classes or {}))
    return [document.to_dict() for document in budgeted(solved, facts, wanted, choice)]


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"host_files": host_files}

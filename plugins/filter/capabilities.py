# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can enforce once it is prepared."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capabilities
short_description: What a host can enforce once it is prepared
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Decides from the facts of a host and the settings of the inventory what of a budget the host can enforce.
  - P(ziggie.stack.preflight#filter) does the same before a run; this one is for facts that were read again, as after the engine was installed.
options:
  _input:
    description: The facts that M(ziggie.stack.host_info) returned.
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
- name: Show what this host can enforce
  ansible.builtin.debug:
    msg: "{{ facts.host | ziggie.stack.capabilities(settings=stack_host, classes=stack_storage_classes) }}"
"""

RETURN = r"""
_value:
  description: The capabilities, as P(ziggie.stack.compile#filter) takes them, with the C(reasons) where one is missing.
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.capabilities import decide
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import parse
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import facts_of
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def capabilities(host: dict[str, Any], settings: dict[str, Any] | None = None, classes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Pass on to the core."""
    wanted, findings = parse(plain(settings or {}))
    if findings:
        raise AnsibleFilterError("; ".join(finding.sentence() for finding in findings))
    return decide(facts_of(host), wanted, plain(classes or {}))[0].to_dict()


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"capabilities": capabilities}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a Compose definition."""

from __future__ import annotations

DOCUMENTATION = r"""
name: findings
short_description: What is wrong with a Compose definition
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Looks at any Compose definition with every rule of the collection and states what is wrong, errors first.
  - Images are known by what they are called on a registry, through any mirror, whatever the services are named.
  - The definition is checked against the JSON schema of the Compose Specification, too.
  - C(docs/findings.md) lists every code.
requirements:
  - jsonschema >= 4.18
options:
  _input:
    description: The Compose definition.
    type: dict
    required: true
  host:
    description: What the host has, as M(ziggie.stack.host_info) returns it. Without it, rules about the host say nothing.
    type: dict
    default: {}
  rules_files:
    description: The text of Prometheus rule files, by name.
    type: dict
    default: {}
  accepted:
    description:
      - The reason why findings of a code are right here, by the code; such findings have the severity C(accepted) and stop nothing.
      - In place of the reason, a dict with C(reason) and C(paths), a list of paths or patterns to which it is confined.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what is wrong with a file
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'compose.yml') | from_yaml | ziggie.stack.findings(accepted={'ZB161': 'read behind a proxy'}) }}"
"""

RETURN = r"""
_value:
  description:
    - Findings, each with C(code), C(severity) (V(error), V(warning), V(info) or V(accepted)), C(path), C(message) and C(fix); an accepted one also
      with C(was) and C(reason). One that holds for several places has them all in C(paths).
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.findings.accept import fold
from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import known_host
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain
from ansible_collections.ziggie.stack.plugins.plugin_utils.specification.check import against_specification


def findings(
    compose: Any, host: dict[str, Any] | None = None, rules_files: dict[str, Any] | None = None, accepted: dict[str, Any] | None = None
) -> list[Any]:
    """Pass on to the core."""
    definition = plain(compose)
    known = against_specification(definition)
    return fold(inspect(definition, known_host(host), plain(rules_files), plain(accepted), known=known))


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"findings": findings}

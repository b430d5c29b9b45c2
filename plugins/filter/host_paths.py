# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths to ask a host for, so that a plan knows what a run would change there."""

from __future__ import annotations

DOCUMENTATION = r"""
name: host_paths
short_description: "[INTERNAL] The paths to ask a host for"
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Used by the collection's own roles. Returns the stack's directories, those of its volumes, the note of pending commands, a file of each
    package, and the files that the definition needs and that do not come with the release.
  - So P(ziggie.stack.preflight#filter) knows from one call of M(ziggie.stack.host_info) what a run would change.
options:
  _input:
    description: The merged Compose definition.
    type: dict
    required: true
  policy:
    description: The policy, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
  classes:
    description: The storage classes, as C(stack_storage_classes) has them.
    type: dict
    default: {}
  packages:
    description: Distribution packages that the stack needs, by a file of theirs.
    type: dict
    default: {}
  templates:
    description: Directories of templates on the controller, as P(ziggie.stack.preflight#filter) takes them.
    type: list
    elements: path
    default: []
  builtin:
    description: Whether the built-in catalog is part of the stack.
    type: bool
    default: true
  hooks:
    description: What is run before and after a deploy, as C(stack_hooks) says it.
    type: list
    elements: dict
    default: []
  directory:
    description: Where the release and the secrets lie on the host.
    type: path
    default: /opt/ziggie
"""

EXAMPLES = r"""
- name: Read what the host has
  ziggie.stack.host_info:
    files: "{{ compose | ziggie.stack.host_paths(classes=stack_storage_classes) }}"
"""

RETURN = r"""
_value:
  description: Absolute paths.
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import asked_paths
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import wish_of
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def host_paths(compose: dict[str, Any], **said: Any) -> list[Any]:
    """Pass on to the core."""
    return asked_paths(plain(compose), wish_of(said))


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"host_paths": host_paths}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a secret is changed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rotation
short_description: How a secret is changed (internal)
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Internal to the collection. Returns what M(ziggie.stack.rotate) is to do to change one secret, and what that does to services, in sentences.
options:
  _input:
    description: The definition, as P(ziggie.stack.catalog#lookup) returns it.
    type: dict
    required: true
  secret:
    description: The name of the value.
    type: str
    required: true
  release:
    description: What P(ziggie.stack.release#filter) returned.
    type: dict
    required: true
  live:
    description: What M(ziggie.stack.stack_info) returned, empty where the engine does not run.
    type: dict
    required: true
  unfinished:
    description: The secret whose rotation was interrupted, empty where there is none.
    type: str
    default: ""
  chosen:
    description: Whether the operator gives the new value.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: See how Redis's password is changed
  ansible.builtin.debug:
    msg: "{{ (compose | ziggie.stack.rotation(secret='redis_password', release=release, live=live)).lines }}"
"""

RETURN = r"""
_value:
  description: C(rotation), as M(ziggie.stack.rotate) takes it, and C(lines), what is done. A secret that cannot be changed has C(refused), the reason, alone.
  type: dict
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import services_of
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.decide import Live, RefusedError, decide
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.journal import SecretFile
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump, load
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def rotation(
    compose: dict[str, Any], secret: str, release: dict[str, Any], live: dict[str, Any], unfinished: str = "", chosen: bool = False
) -> dict[str, Any]:
    """Pass on to the core."""
    released, seen = plain(release), plain(live)
    changes = Changes.from_dict(seen["changes"]) if "changes" in seen else None
    now = Live(changes=changes, unfinished=str(unfinished))
    files, services = load(list[SecretFile], released["secrets"], "secrets"), services_of(released["services"], "services")
    try:
        return dict(dump(decide(str(secret), plain(compose), files, services, now, chosen=chosen)))
    except RefusedError as error:
        return {"refused": str(error)}


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"rotation": rotation}

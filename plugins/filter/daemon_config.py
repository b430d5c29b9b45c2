# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of daemon.json."""

from __future__ import annotations

DOCUMENTATION = r"""
name: daemon_config
short_description: The text of the Docker Engine's daemon.json
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Merges options over those that the C(daemon.json) of a host has already, and cuts default ulimits to what the host can grant.
options:
  _input:
    description: The options to set.
    type: dict
    required: true
  host:
    description: The facts that M(ziggie.stack.host_info) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the new daemon.json
  ansible.builtin.debug:
    msg: "{{ {'live-restore': true} | ziggie.stack.daemon_config(host=facts) }}"
"""

RETURN = r"""
_value:
  description: The file's text.
  type: str
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.daemon import merge
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import facts_of
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def daemon_config(wanted: dict[str, Any], host: dict[str, Any]) -> str:
    """Pass on to the core."""
    facts = facts_of(host)
    return merge(facts.engine.daemon_config, plain(wanted), facts.ceilings)


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"daemon_config": daemon_config}

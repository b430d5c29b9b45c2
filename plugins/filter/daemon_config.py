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
  - Lays options over those that a host's C(daemon.json) has already, and cuts default ulimits to what the host can grant.
options:
  _input:
    description: The options to set.
    type: dict
    required: true
  host:
    description: What the host has, as M(ziggie.stack.host_info) returns it.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what daemon.json becomes
  ansible.builtin.debug:
    msg: "{{ {'live-restore': true} | ziggie.stack.daemon_config(host=facts) }}"
"""

RETURN = r"""
_value:
  description: The file's text.
  type: str
"""

from ansible_collections.ziggie.stack.plugins.module_utils.host.daemon import merge


def daemon_config(wanted: dict, host: dict) -> str:
    """Pass on to the core."""
    return merge(host["engine"]["daemon_config"], wanted, host["ceilings"])


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"daemon_config": daemon_config}

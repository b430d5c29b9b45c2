# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What adopting Compose files gives."""

from __future__ import annotations

DOCUMENTATION = r"""
name: adopt
short_description: What adopting Compose files gives
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads any Compose files, gives what they say to the budget, and returns the plan, what is wrong with them, the same files with
    limits, reservations and tuning in place, and catalogue fragments.
  - Reads short and long syntax, C(deploy.resources), C(mem_limit) and its relatives, profiles, C(extends), variables with their
    defaults, anchors and merge keys. Images that the collection knows get their floor and tuning.
  - Writes nothing. In a file's new text, what the budget does not own is as it was, to the byte.
options:
  _terms:
    description: Compose files on the controller, or a directory that holds them. A later one is laid over an earlier one, as Compose does it.
    type: list
    elements: path
    required: true
  capacity:
    description: What the host has, with C(memory) and C(cpus).
    type: dict
    required: true
  policy:
    description: The policy, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
  profiles:
    description: The profiles that are active; V(*) for all.
    type: list
    elements: str
    default: []
  accepted:
    description: Findings that are right here, as P(ziggie.stack.findings#filter) takes them.
    type: dict
    default: {}
  catalogue:
    description: A directory for catalogue fragments. Without it, none are made.
    type: str
    default: ""
  host:
    description: What the host has, as M(ziggie.stack.host_info) returns it, for the findings about hosts.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show the plan of a Compose file
  ziggie.stack.show:
    plan: "{{ lookup('ziggie.stack.adopt', 'compose.yml', capacity={'memory': '16g', 'cpus': 4}) }}"
"""

RETURN = r"""
_raw:
  description:
    - One dict, which M(ziggie.stack.show) shows, with C(problems), sentences of what stops it, C(findings), each with its
      file and line in C(where) and as C(sentence), C(mended), what is wrong in the files and no longer in the new ones, C(files), each
      with C(path), C(content) and C(changed), C(fragments), the catalogue's files with C(path) and C(content), C(remarks), what these need
      before they are deployed, and C(budget).
  type: list
  elements: dict
"""

from ansible.plugins.lookup import LookupBase
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


class LookupModule(LookupBase):
    """Passes on to the core."""

    def run(self, terms, variables=None, **kwargs):
        """Return what adopting gives."""
        self.set_options(var_options=variables, direct=kwargs)
        options = {name: plain(self.get_option(name)) for name in ("capacity", "policy", "accepted", "host", "catalogue")}
        wish = Wish(profiles=frozenset(plain(self.get_option("profiles"))), **options)
        return [adopt([str(term) for term in plain(terms)], wish)]

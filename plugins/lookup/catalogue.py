# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue as one Compose definition."""

from __future__ import annotations

DOCUMENTATION = r"""
name: catalogue
short_description: The catalogue as one Compose definition
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads C(stack.yml) and every fragment C(services/*.yml) of the given directories, and merges the inventory's overrides over them.
options:
  _terms:
    description: Directories on the controller. A later one's fragments merge over an earlier one's.
    type: list
    elements: path
    required: true
  overrides:
    description: A Compose definition that merges over the fragments. V(null) removes a key.
    type: dict
    default: {}
  excluded:
    description: Services to leave out.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the catalogue with a larger request for PostgreSQL
  ansible.builtin.debug:
    msg: "{{ lookup('ziggie.stack.catalogue', '/srv/catalogue', overrides=my_overrides) }}"
  vars:
    my_overrides:
      services:
        postgres:
          x-budget:
            memory:
              request: 4g
"""

RETURN = r"""
_raw:
  description: One dict, with C(compose) the merged definition, and C(findings) what is wrong with the fragments and the overrides.
  type: list
  elements: dict
"""

from pathlib import Path

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.ziggie.stack.plugins.module_utils.catalogue.merge import merge
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


class LookupModule(LookupBase):
    """Reads and merges."""

    def run(self, terms, variables=None, **kwargs):
        """Return the definition and the findings."""
        self.set_options(var_options=variables, direct=kwargs)
        fragments, findings = [], []
        for term in terms:
            directory = Path(str(term)).expanduser()
            if not directory.is_dir():
                raise AnsibleLookupError(f"The catalogue {term} is no directory; name one with stack.yml and services/.")
            found, wrong = read(directory)
            fragments.extend(found)
            findings.extend(wrong)
        compose, wrong = merge(fragments, plain(self.get_option("overrides")), plain(self.get_option("excluded")))
        return [{"compose": compose, "findings": [finding.to_dict() for finding in [*findings, *wrong]]}]

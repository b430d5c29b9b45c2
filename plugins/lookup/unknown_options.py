# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extra variables of a call that look like options of its playbook and are none."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_options
short_description: The extra variables that look like options of a playbook and are none (internal)
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Returns the names of the extra variables (C(-e)) that begin with the prefix of a playbook's options and are no option of it, since one that is
    misspelled would silently have no effect.
  - Only extra variables count. What roles register or an inventory sets may bear the same prefix.
options:
  _terms:
    description: The names of the options that there are.
    type: list
    elements: str
  prefix:
    description: What the names of the options begin with, before the underscore.
    type: str
    required: true
  also:
    description: Further names that somebody might give and that are none either.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse options that do not exist
  ansible.builtin.fail:
    msg: "adopt has no option {{ unknown | join(', ') }}."
  vars:
    unknown: "{{ lookup('ziggie.stack.unknown_options', 'adopt_file', 'adopt_capacity', prefix='adopt', wantlist=true) }}"
  when: unknown | length > 0
"""

RETURN = r"""
_raw:
  description: The names, in order.
  type: list
  elements: str
"""

from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible.utils.vars import load_extra_vars


class LookupModule(LookupBase):
    """Compares the extra variables with the options that there are."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[Any]:
        """Return the names that are no options."""
        self.set_options(var_options=variables, direct=kwargs)
        start, also = f"{self.get_option('prefix')}_", self.get_option("also")
        given = [str(name) for name in load_extra_vars(self._loader)]
        return sorted(name for name in given if name not in terms and (name.startswith(start) or name in also))

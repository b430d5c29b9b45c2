# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services' configuration files, rendered from the Budget."""

from __future__ import annotations

DOCUMENTATION = r"""
name: config
short_description: The services' configuration files, rendered from the Budget
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Renders every file below C(<directory>/<service>/) for the services that run. Files that end in C(.j2) are Jinja templates that see C(budget),
    C(compose) and C(sites), the routes to services that run, by host name; others are taken as they are.
options:
  _terms:
    description: Directories on the controller. A later one's file replaces an earlier one's of the same name.
    type: list
    elements: path
    required: true
  budget:
    description: The Budget, as P(ziggie.stack.budget#filter) returns it.
    type: dict
    required: true
  compose:
    description: The Compose definition that the Budget is of.
    type: dict
    required: true
  live_state:
    description: Whether the host can write its services' live state, as P(ziggie.stack.capabilities#filter) tells. Rules ask for it then.
    type: bool
    default: true
  generate:
    description: Whether to make rules, scrape jobs and dashboards of the Budget, for services that bear the names of the collection's own.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Render nginx's configuration
  ansible.builtin.debug:
    msg: "{{ lookup('ziggie.stack.config', '/srv/templates', budget=my_budget, compose=my_compose) }}"
"""

RETURN = r"""
_raw:
  description: One dict of contents by path relative to the project directory.
  type: list
  elements: dict
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


class LookupModule(LookupBase):
    """Renders."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[Any]:
        """Return the rendered files."""
        self.set_options(var_options=variables, direct=kwargs)
        roots = [Path(str(term)).expanduser() for term in terms]
        try:
            budget, compose = plain(self.get_option("budget")), plain(self.get_option("compose"))
            return [render(roots, budget, compose, live_state=self.get_option("live_state"), generate=self.get_option("generate"))]
        except ValueError as error:
            raise AnsibleLookupError(f"{error}. Correct the file.") from error

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog as one Compose definition."""

from __future__ import annotations

DOCUMENTATION = r"""
name: catalog
short_description: The catalog as one Compose definition
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads C(stack.yml) and every fragment C(services/*.yml) of the given directories, and merges the inventory's overrides over them.
options:
  _terms:
    description: Directories on the controller, each a path or a list of paths. A later one's fragments merge over an earlier one's.
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
  included:
    description: Optional services to take in, those whose fragment says C(x-budget.optional) V(true). They are left out otherwise.
    type: list
    elements: str
    default: []
  images:
    description:
      - An image by service, in place of the fragment's.
      - A service whose fragment requires C(stack_images.<service>) is off until its image is named here or in O(overrides).
    type: dict
    default: {}
  preset:
    description:
      - Which services of the first directory are part of the stack, by the name of a list in its C(presets.yml). V(report) is all of them.
      - The others are as optional as those of O(included) are. Services of further directories are not touched.
    type: str
    default: report
  front_page:
    description: Whether the definition says, as C(x-front-page), that the front page answers whoever reaches the host.
    type: bool
    default: false
  routes:
    description:
      - The host name of each service that the world reaches, or a mapping, or a list of them, as C(x-budget.route) of a service has it.
      - It is laid over what the service says of its routes. V(null) takes the route of a service away.
    type: dict
    default: {}
  gateway:
    description: The service that hands requests on, V(nginx) of the catalog. Empty where there is none of ours, and every route is an error then.
    type: str
    default: nginx
  certificates:
    description: Who gives certificates for routed names, as C(stack_certificates) has it.
    type: dict
    default: {}
  credentials:
    description: The names of the credentials that the operator has set.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the catalog with a larger request for PostgreSQL
  ansible.builtin.debug:
    msg: "{{ lookup('ziggie.stack.catalog', '/srv/catalog', overrides=my_overrides) }}"
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
  description: >-
    One dict, with C(compose) the merged definition, which has its routes as C(x-routes) and who certifies them as C(x-certificates),
    C(findings) what is wrong with the fragments, the overrides, the routes and the certificates, C(left_out) the services that are not part of
    the stack, each with the setting that leaves it out, C(floors) the memory floors that the fragments state, by service,
    and C(credentials) the names of all credentials that fragments and overrides read.
  type: list
  elements: dict
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.certificates import certified
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.credentials import known
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.entrances import entrances
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import floors, left_out, merge, narrowed
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import routed
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Finding
from ansible_collections.ziggie.stack.plugins.module_utils.units import shown
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import presets, read
from ansible_collections.ziggie.stack.plugins.plugin_utils.front import PUBLIC_KEY
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def _flat(terms: Any) -> Iterator[str]:
    """Yield the directories of a term that is one, or a list of them."""
    if isinstance(terms, str):
        yield terms
    elif isinstance(terms, list):
        for term in terms:
            yield from _flat(term)
    else:
        raise AnsibleLookupError(f"The catalog {shown(terms)} is not a directory; write the path of one, or a list of paths.")


class LookupModule(LookupBase):
    """Reads and merges."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[Any]:
        """Return the definition and the findings."""
        self.set_options(var_options=variables, direct=kwargs)
        fragments: list[Mapping[str, Any]] = []
        findings: list[Finding] = []
        preset = str(self.get_option("preset"))
        for position, term in enumerate(_flat(plain(terms))):
            read_here, wrong = read(Path(term).expanduser())
            found: list[Mapping[str, Any]] = [*read_here]
            if position == 0:
                found, more = narrowed(found, presets(Path(term).expanduser()), preset)
                wrong = [*wrong, *more]
            fragments.extend(found)
            findings.extend(wrong)
        compose, wrong = merge(
            fragments,
            plain(self.get_option("overrides")),
            plain(self.get_option("excluded")),
            plain(self.get_option("included")),
            plain(self.get_option("images")),
        )
        if self.get_option("front_page"):
            compose[PUBLIC_KEY] = True
        wrong = [*wrong, *entrances(compose)[1]]
        compose, more = routed(compose, plain(self.get_option("routes")), str(self.get_option("gateway")))
        wrong += more
        compose, more = certified(compose, plain(self.get_option("certificates")), plain(self.get_option("credentials")))
        wrong += more
        absent = left_out(fragments, compose, plain(self.get_option("excluded")))
        return [
            {
                "compose": compose,
                "findings": [finding.to_dict() for finding in [*findings, *wrong]],
                "left_out": absent,
                "floors": floors(fragments),
                # Those of a service that is left out, too: it may come back.
                "credentials": sorted(known([*fragments, compose])),
            }
        ]

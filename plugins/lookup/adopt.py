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
    limits, reservations and tuning in place, and catalog fragments.
  - Reads what Compose reads, short and long syntax, C(include), C(extends), several documents in a file, C(!reset), C(!override), variables,
    profiles, anchors and merge keys. Images that the collection knows get their floor and tuning.
  - Writes nothing. In a file's new text, what the budget does not own is as it was, to the byte.
  - What Compose or Docker would refuse is a finding with severity C(error), and the files are written all the same.
requirements:
  - jsonschema >= 4.18
options:
  _terms:
    description: Compose files on the controller, or a directory that Compose would read. A later file is laid over an earlier one, as Compose does it.
    type: list
    elements: path
    required: true
  capacity:
    description:
      - What the host has, with C(memory) and C(cpus). Without it, memory and cores of the host in O(audit) or O(audit_file), less the memory that
        containers of other projects hold there.
    type: dict
    default: {}
  policy:
    description: The policy, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
  profiles:
    description: The profiles that are active; V(*) for all. Without any, those of E(COMPOSE_PROFILES) in the files of variables.
    type: list
    elements: str
    default: []
  env_files:
    description: Files of variables, as C(docker compose --env-file) takes them, in place of the C(.env) beside the first Compose file.
    type: list
    elements: path
    default: []
  values:
    description: Values of variables. They come before those of files, as the shell's do for Compose.
    type: dict
    default: {}
  accepted:
    description: Findings that are right here, as P(ziggie.stack.findings#filter) takes them.
    type: dict
    default: {}
  catalog:
    description: A directory for catalog fragments. Without it, none are made.
    type: str
    default: ""
  audit:
    description:
      - What M(ziggie.stack.audit) saw on the host that runs these files. What the project's containers use there is evidence of what they need.
    type: dict
    default: {}
    version_added: 0.2.0
  audit_file:
    description:
      - A file that M(ziggie.stack.audit_report) wrote, in place of O(audit). It is an error if it has no running container of this project.
    type: path
    version_added: 0.2.0
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
      with C(path), C(content), C(mode) and C(changed), C(fragments), the catalog's files with C(path) and C(content), C(remarks), what these need
      before they are deployed, C(routes), lines of C(stack_routes) that would take the place of another proxy's, and C(budget).
  type: list
  elements: dict
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.ziggie.stack.plugins.module_utils.compose.values import pairs
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt
from ansible_collections.ziggie.stack.plugins.plugin_utils.audits import read_audit
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import known_host
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


class LookupModule(LookupBase):
    """Passes on to the core."""

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> list[Any]:
        """Return what adopting gives."""
        self.set_options(var_options=variables, direct=kwargs)
        options = {name: plain(self.get_option(name)) for name in ("capacity", "policy", "accepted", "catalog")}
        options["host"] = known_host(self.get_option("host"))
        wish = Wish(
            profiles=frozenset(plain(self.get_option("profiles"))),
            variables=pairs(plain(self.get_option("values"))),
            env_files=tuple(plain(self.get_option("env_files"))),
            audit=_audit(self.get_option("audit_file"), plain(self.get_option("audit"))),
            audit_named=bool(self.get_option("audit_file")),
            **options,
        )
        return [adopt([str(term) for term in plain(terms)], wish)]


def _audit(path: Any, seen: Any) -> Any:
    """Return the audit of a file, else the one that was seen, `None` for none."""
    try:
        if path:
            return read_audit(Path(path))
        return Audit.from_dict(seen) if seen else None
    except ValueError as error:
        expected = "a file that ziggie.stack.audit wrote with -e audit_file" if path else "what ziggie.stack.audit returns"
        raise AnsibleLookupError(f"{path or 'audit'}: expected {expected}; {error}") from error

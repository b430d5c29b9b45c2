# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan of one host as a plan file holds it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: contract
short_description: A plan of one host as a plan file holds it
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Returns the part of a plan file that is about one host. The playbook C(plan) writes it with C(plan_file), the playbook C(site) compares it with C(plan).
  - Internal. Only the collection's own roles use it.
  - No run can be held to a plan of an imagined host, of one whose engine is stopped or that has no machine-id, or to an infeasible plan.
positional: _input, release
extends_documentation_fragment:
  - ziggie.stack.answers
options:
  credentials:
    description: The values that the operator chose, by name. Only their hashes are returned, keyed with the host's own id.
    type: dict
    default: {}
  hooks:
    description: What is run or called before and after a deploy, a tier, a service, as C(stack_hooks) says it. Only a hash of it is returned.
    type: list
    elements: dict
    default: []
seealso:
  - module: ziggie.stack.plan_file
"""

EXAMPLES = r"""
- name: Make the plan file's part of this host
  ansible.builtin.set_fact:
    part: "{{ prepared | ziggie.stack.contract(release, live=live, host=inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description:
    - C(host), C(machine) (by what it is recognised), C(verdict), C(assumed), and C(missing), sentences about what the plan cannot tell.
    - C(inputs), with C(capacity), C(images) (C(reference), C(id)) and keyed hashes of the release's C(files), of what is wanted of the C(host), of how
      C(secrets) are made, of the C(credentials) and of the C(hooks).
    - C(observed), with the versions of C(engine) and C(compose), the C(containers), and a C(digest) of all that.
    - C(actions) in the order of a run, each with C(area), C(subject), C(change), C(impact), C(effect) and C(causes) (C(key), C(desired), C(live)).
    - Where no run can be held to the plan, only C(refused), a sentence that says why.
  type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.module_utils.plan.contract import ContractError
from ansible_collections.ziggie.stack.plugins.plugin_utils.contract import contract_of
from ansible_collections.ziggie.stack.plugins.plugin_utils.plan import Answers


def contract(
    prepared: dict[str, Any],
    *given: Any,
    credentials: Mapping[str, str] | None = None,
    hooks: Sequence[Mapping[str, object]] = (),
    **named: Any,
) -> dict[str, Any]:
    """Make the part of one host and return it as plain data."""
    try:
        return contract_of(Answers.given(prepared, *given, **named), credentials=credentials or {}, hooks=hooks).to_dict()
    except ContractError as error:
        return {"refused": str(error)}
    except (KeyError, ValueError) as error:
        raise AnsibleFilterError(f"The plan cannot be made of what is given: {error}.") from None


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"contract": contract}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a run would change on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan
short_description: Everything that a run would change on a host
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Returns the Plan of one host. It holds the verdict, the budget, the findings, and every change of a run in the order in which the run makes them.
  - The playbooks C(plan) and C(site) show this Plan. It is made on the controller from what the host answered.
positional: _input, release
extends_documentation_fragment:
  - ziggie.stack.answers
seealso:
  - module: ziggie.stack.show
"""

EXAMPLES = r"""
- name: Make the plan
  ansible.builtin.set_fact:
    planned: "{{ prepared | ziggie.stack.plan(release, live=live, host=inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description:
    - C(verdict) (V(feasible), V(feasible with changes), V(infeasible)), C(host), C(asked), C(assumed) (a sentence where the engine could not be asked),
      C(budget) (null where there is none), C(findings), and C(off) (services that are off and what they need).
    - C(host_changes), each with C(kind), C(subject), C(before), C(after), C(effect) and C(diff), then C(files), each with C(path) and C(action)
      (V(write), V(remove)), then C(containers), each with C(service), C(impact) (V(none), V(in place), V(started), V(recreated), V(new), V(removed)),
      C(differences) (C(key), C(desired), C(live)), and C(downtime) (C(seconds), C(times) measured), where it is recreated and earlier runs measured that,
      and how as a C(replacement) (C(manner), C(why)).
      C(files) and C(containers) are null where nothing was compared.
    - C(hooks), those that a run runs, in their order, each with C(path), C(moment) (such as V(before tier critical)), C(what) (the program, or of a URL the
      host alone), C(timeout) in seconds and C(fatal), whether a failure counts.
    - C(data), only where backups are made. What protects each volume and directory that a service writes to, with C(service), C(place), C(engine) (which reads
      it) or C(reconstructible) (why it need not be kept), and in seconds C(recovery_point) and C(recovery_time), which are promised, C(stored) and C(drilled),
      how old the newest such backup is, and C(drill), how long the last drill took; C(failed) says why the last backup or drill failed.
    - C(ways_in), only where there are routes, each with C(url), C(target) (service and port), C(who) may enter, and C(login), what the service itself asks
      for; then also C(ports), what services publish, each with C(service), C(published) and C(open), whether the world reaches it.
    - C(runs), the latest runs on the host, as M(ziggie.stack.stack_info) returns them.
    - C(fitting), where the stack does not fit, the C(smallest) host for all and what to C(leave_out) on this one, in order; else null.
  type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.plugin_utils.plan import Answers, plan_of


def plan(prepared: dict[str, Any], *given: Any, **named: Any) -> dict[str, Any]:
    """Make the Plan and return it as plain data."""
    try:
        return plan_of(Answers.given(prepared, *given, **named)).to_dict()
    except (KeyError, ValueError) as error:
        raise AnsibleFilterError(f"The plan cannot be made of what is given: {error}.") from None


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"plan": plan}

#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a plan to a file, and hold a run to one."""

from __future__ import annotations

DOCUMENTATION = r"""
module: plan_file
short_description: Write a plan to a file, and hold a run to one
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Writes the plans of all hosts of a run to one file on the controller, or compares the plan of a run with such a file and fails with the first differences
    before anything is touched.
  - A file holds for 24 hours and for one run. The host remembers in C(used_plans.json) below O(directory) which files were applied to it, and its log of
    runs has the number of the file.
  - The comparison and the file are the controller's; only the note that a file is used up is made on the host.
options:
  path:
    description: The plan file on the controller.
    type: path
    required: true
  state:
    description:
      - With V(written) the file is written, readable by its owner only, in check mode, too.
      - With V(applied) the run is held to the file. The module fails unless O(plan) is what the file says of this host, and uses the file up.
      - With V(followed) the run is held to the file once more, after its first steps. The module fails where O(plan) would go beyond the file.
    type: str
    choices: [written, applied, followed]
    required: true
  plans:
    description: For O(state=written), what P(ziggie.stack.contract#filter) returned for each host of the run.
    type: list
    elements: dict
    default: []
  plan:
    description: For the other states, what P(ziggie.stack.contract#filter) returns now for this host.
    type: dict
    default: {}
  hosts:
    description: All hosts of the run.
    type: list
    elements: str
    default: []
  alive:
    description: Those hosts of the run that have not failed.
    type: list
    elements: str
    default: []
  directory:
    description: The stack's directory on the host.
    type: path
    default: /opt/ziggie
  done:
    description: For O(state=followed), a sentence that says what the run has done so far.
    type: str
    default: ""
  use:
    description: What the host remembers of a file that is applied. The action fills this in.
    type: dict
    suboptions:
      nonce:
        description: The number that every plan file has once.
        type: str
        required: true
      at:
        description: When it is applied.
        type: str
        required: true
      by:
        description: By whom.
        type: str
        required: true
      expires:
        description: When it expires.
        type: str
        required: true
      look:
        description: Only look whether it was applied.
        type: bool
        default: false
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: The plan is compared, and the file is not used up.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
seealso:
  - module: ziggie.stack.show
"""

EXAMPLES = r"""
- name: Write the plan file
  ziggie.stack.plan_file:
    path: plan.json
    state: written
    hosts: "{{ ansible_play_hosts_all }}"
    plans: "{{ ansible_play_hosts | map('extract', hostvars, 'part') }}"
  run_once: true

- name: Hold this run to the plan file
  ziggie.stack.plan_file:
    path: plan.json
    state: applied
    hosts: "{{ ansible_play_hosts_all }}"
    alive: "{{ ansible_play_hosts }}"
    plan: "{{ part }}"
"""

RETURN = r"""
expires:
  description: When the file expires.
  returned: success
  type: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.used_plans import Use, UsedError, use_up
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import PATH, Lock
from ansible_collections.ziggie.stack.plugins.module_utils.host.run_log import PATH as LOG
from ansible_collections.ziggie.stack.plugins.module_utils.host.run_log import RunLog


def main() -> None:
    """Note on the host that a plan file is used up."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["written", "applied", "followed"], "required": True},
            "plans": {"type": "list", "elements": "dict", "default": []},
            "plan": {"type": "dict", "default": {}},
            "hosts": {"type": "list", "elements": "str", "default": []},
            "alive": {"type": "list", "elements": "str", "default": []},
            "directory": {"type": "path", "default": "/opt/ziggie"},
            "done": {"type": "str", "default": ""},
            "use": {
                "type": "dict",
                "options": {
                    **{name: {"type": "str", "required": True} for name in ("nonce", "at", "by", "expires")},
                    "look": {"type": "bool", "default": False},
                },
            },
        },
        supports_check_mode=True,
    )
    given = module.params["use"]
    if given is None:
        module.fail_json(msg="This module is called by the action of its name, which reads the plan file on the controller.")
    use = Use(at=given["at"], by=given["by"], expires=given["expires"])
    look = module.check_mode or given["look"]
    try:
        use_up(Path(module.params["directory"]), given["nonce"], use, check=look)
    except UsedError as error:
        module.fail_json(msg=str(error))
    if not look:
        Lock(Path(PATH), log=RunLog(Path(LOG))).note("held", plan=given["nonce"])
    module.exit_json(changed=False, expires=use.expires)


if __name__ == "__main__":
    main()

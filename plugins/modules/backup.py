#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Back up the data of a stack, prove the backups, and bring the data back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup
short_description: Back up the data of a stack, prove the backups, and bring the data back
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Runs the program that the release brings for it, C(stack/bin/backup) below O(directory), in a transient systemd unit with little memory.
  - A backup only reads. It does not take the host's lock, except while it stops a service that cannot be read otherwise; a container that a deployment
    replaces meanwhile makes its own part fail, and what failed never counts.
  - A drill restores the newest backups beside the running services, in throw-away containers without network, and changes nothing of the stack.
  - A restore takes the host's lock. It fills a directory of its own, compares it with the backup, and exchanges it with the volume's in one step.
extends_documentation_fragment:
  - ziggie.stack.lock
options:
  directory:
    description: The stack's directory.
    type: path
    required: true
  state:
    description:
      - V(key) makes the repositories' key where there is none. V(taken) backs up. V(drilled) drills. V(planned) says what a restore would do.
      - V(restored) restores. V(old_removed) removes the data that restores left beside the volumes.
    type: str
    choices: [key, taken, drilled, planned, restored, old_removed]
    required: true
  service:
    description: The service whose data come back, or whose backups are drilled; without it all are drilled.
    type: str
    default: ""
  run:
    description: The newest backup at or before this run comes back, such as V(20261130T023000Z). Without it, the newest.
    type: str
    default: ""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
"""

EXAMPLES = r"""
- name: Back up
  ziggie.stack.backup:
    directory: /opt/ziggie
    state: taken

- name: Prove that the newest backups come back
  ziggie.stack.backup:
    directory: /opt/ziggie
    state: drilled

- name: See what a restore of PostgreSQL would do
  ziggie.stack.backup:
    directory: /opt/ziggie
    state: planned
    service: postgres
"""

RETURN = r"""
manifests:
  description: What was stored, a mapping for each volume.
  returned: when O(state=taken)
  type: list
  elements: dict
plan:
  description: What a restore does and what is lost, a sentence a line.
  returned: when O(state=planned) or in check mode of O(state=restored)
  type: list
  elements: str
stored:
  description: What was stored, a sentence a line.
  returned: when O(state=taken)
  type: list
  elements: str
lines:
  description: What was brought back, how long that took, and after a restore where the old data are, a sentence a line.
  returned: when O(state=restored) or O(state=drilled)
  type: list
  elements: str
restored:
  description: What was brought back, a mapping for each volume.
  returned: when O(state=restored)
  type: list
  elements: dict
drilled:
  description: Which backups came back, a mapping for each volume.
  returned: when O(state=drilled)
  type: list
  elements: dict
removed:
  description: The directories that were removed.
  returned: when O(state=old_removed)
  type: list
  elements: str
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.backup.call import call
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working

_VERBS = {"key": "key", "taken": "run", "drilled": "drill", "planned": "plan", "restored": "restore", "old_removed": "remove-old"}
_LOCKED = ("restored", "old_removed")


def main() -> None:
    """Call the program."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "state": {"type": "str", "choices": list(_VERBS), "required": True},
            "service": {"type": "str", "default": ""},
            "run": {"type": "str", "default": ""},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given = module.params
    state = "planned" if module.check_mode and given["state"] == "restored" else given["state"]
    if module.check_mode and state != "planned":
        module.exit_json(changed=True)
    words = [_VERBS[state], *([given["service"]] if given["service"] else []), *(["--run", given["run"]] if given["run"] else [])]
    try:
        with working(given, check=state not in _LOCKED) as work:
            answer = call(given["directory"], [*words, *(["--locked"] if state in _LOCKED else [])])
            work.changed, work.failed = {state: [given["service"]]}, False
    except LockError as error:
        module.fail_json(**error.answer())
    except (BackupError, OSError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(state != "planned" and (state != "old_removed" or answer["removed"])), **answer)


if __name__ == "__main__":
    main()

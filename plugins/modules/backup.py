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
      - V(recoverable) fails on a host that has the stack O(project), or data of it, unless a recovery was begun there. V(directory_recovered) brings the
        stack's directory back, with secrets and releases, out of O(repositories); it needs restic and the key. V(data_recovered) brings all data back,
        before anything is started, once the release lies there.
    type: str
    choices: [key, taken, drilled, planned, restored, old_removed, data_recovered, recoverable, directory_recovered]
    required: true
  service:
    description: The service whose data come back, or whose backups are drilled; without it all are drilled.
    type: str
    default: ""
  project:
    description: The name of the stack's Compose project, where there is no release yet that says so.
    type: str
    default: ziggie
  repositories:
    description: Where backups are, where there is no release yet that says so.
    type: list
    elements: dict
    default: []
    suboptions:
      url:
        description: The repository, as restic names it.
        type: str
        required: true
      environment_file:
        description: A file on the host with what the repository's server asks for.
        type: str
        default: ""
  run:
    description: The newest backup at or before this run comes back, such as V(20261130T023000Z). Without it, the newest.
    type: str
    default: ""
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
  description: What was stored, a sentence a line, and which repositories keep what retention does not, since their servers take nothing back.
  returned: when O(state=taken)
  type: list
  elements: str
lines:
  description: What was brought back, how long that took, and after a restore where the old data are, a sentence a line.
  returned: when O(state) is V(restored), V(drilled), V(directory_recovered) or V(data_recovered)
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

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.backup.call import call
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Setup
from ansible_collections.ziggie.stack.plugins.module_utils.backup.recover import bring_directory, check
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Retention

_VERBS = {
    "key": "key",
    "taken": "run",
    "drilled": "drill",
    "planned": "plan",
    "restored": "restore",
    "old_removed": "remove-old",
    "data_recovered": "recover",
}
_LOCKED = ("restored", "old_removed", "directory_recovered", "data_recovered")
# A bare host has no release, and so no program.
_BARE: dict[str, Callable[[Setup, Engine, str], list[str]]] = {
    "recoverable": check,
    "directory_recovered": bring_directory,
}


def main() -> None:
    """Call the program, or do what comes before there is one."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "state": {"type": "str", "choices": [*_VERBS, *_BARE], "required": True},
            "service": {"type": "str", "default": ""},
            "project": {"type": "str", "default": "ziggie"},
            "repositories": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {"url": {"type": "str", "required": True}, "environment_file": {"type": "str", "default": ""}},
            },
            "run": {"type": "str", "default": ""},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given = module.params
    state = "planned" if module.check_mode and given["state"] == "restored" else given["state"]
    if module.check_mode and state not in ("planned", "recoverable"):
        module.exit_json(changed=True)
    try:
        with working(given, check=state not in _LOCKED) as work:
            answer = (
                {"lines": _BARE[state](_bare(given), Engine(), given["run"])}
                if state in _BARE
                else call(given["directory"], _words(given, state))
            )
            work.changed, work.failed = {state: [given["service"]]}, False
    except LockError as error:
        module.fail_json(**error.answer())
    except (BackupError, EngineError, OSError, ValueError) as error:
        module.fail_json(msg=str(error))
    same = state in ("planned", "recoverable") or (state == "old_removed" and not answer["removed"])
    module.exit_json(changed=not same, **answer)


def _words(given: dict[str, Any], state: str) -> list[str]:
    run, locked = ["--run", given["run"]] if given["run"] else [], ["--locked"] if state in _LOCKED else []
    return [_VERBS[state], *([given["service"]] if given["service"] else []), *run, *locked]


def _bare(given: dict[str, Any]) -> Setup:
    return Setup(
        project=given["project"],
        directory=given["directory"],
        repositories=tuple(Repository(**one) for one in given["repositories"]),
        retention=Retention(),
        sources=(),
        memory=0,
        slices=False,
        drill_memory=0,
    )


if __name__ == "__main__":
    main()

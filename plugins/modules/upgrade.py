#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the data of a service to another major version."""

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade
short_description: Take the data of a service to another major version
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Runs the program that the release brings for it, C(stack/bin/backup) below O(directory), in a transient systemd unit with little memory.
  - The old server, which nobody else reaches meanwhile, dumps its databases and roles. A throw-away container of the new image restores them into a
    directory of its own and compares every table with the dump. Only then do the directories change places, and Compose makes the service's container
    anew by O(definition).
  - PostgreSQL only. The old data stay beside the new.
extends_documentation_fragment:
  - ziggie.stack.lock
options:
  directory:
    description: The stack's directory.
    type: path
    required: true
  state:
    description: V(planned) says what an upgrade would do, and checks all that can be checked. V(done) upgrades.
    type: str
    choices: [planned, done]
    required: true
  service:
    description: The service whose data are upgraded.
    type: str
    required: true
  to:
    description: The version that the new image has to have, such as V(18).
    type: str
    required: true
  definition:
    description: The Compose definition with the new image, as JSON.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See what an upgrade of PostgreSQL would do
  ziggie.stack.upgrade:
    directory: /opt/ziggie
    state: planned
    service: postgres
    to: "18"
    definition: "{{ lookup('file', 'compose.yml') | from_yaml | to_json }}"
"""

RETURN = r"""
plan:
  description: What an upgrade does, and what was checked, a sentence a line.
  returned: when O(state=planned) or in check mode
  type: list
  elements: str
problems:
  description: What speaks against it, a sentence each.
  returned: when O(state=planned) or in check mode
  type: list
  elements: str
lines:
  description: What was upgraded and where the old data are, a sentence a line.
  returned: when O(state=done)
  type: list
  elements: str
upgraded:
  description: What was upgraded.
  returned: when O(state=done)
  type: dict
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.backup.call import call
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working


def main() -> None:
    """Call the program."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["planned", "done"], "required": True},
            "service": {"type": "str", "required": True},
            "to": {"type": "str", "required": True},
            "definition": {"type": "str", "required": True},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given = module.params
    does = given["state"] == "done" and not module.check_mode
    words = ["upgrade" if does else "upgrade-plan", given["service"], "--to", given["to"], *(["--locked"] if does else [])]
    try:
        with tempfile.NamedTemporaryFile("w", prefix="ziggie-upgrade-", encoding="utf-8") as file:
            file.write(given["definition"])
            file.flush()
            with working(given, check=not does) as work:
                answer = call(given["directory"], [*words, "--definition", file.name])
                work.changed, work.failed = {"upgraded": [given["service"]]}, False
    except LockError as error:
        module.fail_json(**error.answer())
    except (BackupError, OSError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=does or (given["state"] == "done" and not answer["problems"]), **answer)


if __name__ == "__main__":
    main()

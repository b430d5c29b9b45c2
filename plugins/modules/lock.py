#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lock
short_description: One run at a time on a host
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Takes a lock on a host before a run reads anything there, and gives it back at the end. Two runs at once leave containers that neither of them meant.
  - A second run fails at once and names the holder.
  - The lock of a run that was killed is taken over by the next run from the same machine, which sees that the process is gone. From another machine
    it counts as gone after O(max_age), and after a boot of the host.
  - A run in check mode takes no lock.
options:
  state:
    description: Whether to take the lock or to give it back.
    type: str
    choices:
      - held
      - released
    default: held
  path:
    description: The lock's file, on a file system that a boot empties.
    type: path
    default: /run/ziggie.lock
  max_age:
    description: After how many seconds a holder counts as gone.
    type: int
    default: 7200
  holder:
    description: Who takes the lock. The action fills this in.
    type: dict
    suboptions:
      user:
        description: The person.
        type: str
        required: true
      machine:
        description: The machine that runs Ansible.
        type: str
        required: true
      pid:
        description: The process there.
        type: int
        required: true
  gone:
    description: A process that is known to have ended. The action fills this in.
    type: int
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
"""

EXAMPLES = r"""
- name: Be the only run on this host
  ziggie.stack.lock:

- name: Let the next one in
  ziggie.stack.lock:
    state: released
"""

RETURN = r"""
holder:
  description: Who holds the lock instead, where it could not be taken.
  returned: failure
  type: dict
"""

import time
from dataclasses import asdict
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import Holder, Lock


def main() -> None:
    """Take the lock or give it back."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["held", "released"], "default": "held"},
            "path": {"type": "path", "default": "/run/ziggie.lock"},
            "max_age": {"type": "int", "default": 7200},
            "holder": {
                "type": "dict",
                "options": {
                    "user": {"type": "str", "required": True},
                    "machine": {"type": "str", "required": True},
                    "pid": {"type": "int", "required": True},
                },
            },
            "gone": {"type": "int"},
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=False)
    lock = Lock(Path(module.params["path"]), module.params["max_age"])
    wanted = Holder(**module.params["holder"], since=time.time())
    try:
        other = None if module.params["state"] == "released" else lock.take(wanted, gone=module.params["gone"])
        if module.params["state"] == "released":
            lock.release(wanted)
    except PermissionError:
        # A run that is not root is told so by the preflight, together with everything else that is wrong.
        module.exit_json(changed=False)
    except OSError as error:
        module.fail_json(msg=f"Cannot write the lock {lock.path}: {error.strerror}.")
    if other:
        module.fail_json(
            msg=f"Another run works on this host: {other}. Wait for it; if it is gone for good, remove {lock.path}.", holder=asdict(other)
        )
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are made on the host and never leave it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secrets
short_description: Secrets that are made on the host and never leave it
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Keeps one value per name in a store that only root can read, makes a value once where there is none, and writes the files that services read,
    each owned by the service's uid with mode 0400.
  - A value that the store lost is taken back from a file that a service reads. A value that is empty, has CRLF line ends or ends in a line break is refused.
  - The store's C(.given) keeps a keyed hash of each value that services were given, by which M(ziggie.stack.host_info) tells one that was altered.
  - A value is never returned, shown in a diff, or sent to the controller.
extends_documentation_fragment:
  - ziggie.stack.lock
options:
  store:
    description: The directory of the values, made with mode 0700.
    type: path
    required: true
  directory:
    description: The directory below which the files for the services lie. Files there that are not declared are removed.
    type: path
    required: true
  provided:
    description: Values that the operator chose, by name. They replace what the store holds.
    type: dict
    default: {}
  files:
    description: The files to write.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The path relative to O(directory).
        type: str
        required: true
      content:
        description: The file's text, in which C(@name@) stands for the value of that name.
        type: str
        required: true
      uid:
        description: The owner's uid.
        type: int
        default: 0
      gid:
        description: The owner's gid.
        type: int
        default: 0
attributes:
  diff_mode:
    details: A diff would show secrets.
"""

EXAMPLES = r"""
- name: Make Redis's password and the file that Redis reads
  ziggie.stack.secrets:
    store: /opt/ziggie/secrets
    directory: /opt/ziggie/stack/secrets
    files:
      - path: redis/redis_conf
        content: "requirepass @redis_password@\n"
        uid: 999
        gid: 999
"""

RETURN = r"""
created:
  description: Names of the values that were made or replaced.
  returned: success
  type: list
  elements: str
recovered:
  description: Names of the values that the store had lost and that were taken back from the files that services read.
  returned: success
  type: list
  elements: str
written:
  description: Paths of the files that were written or removed.
  returned: success
  type: list
  elements: str
current:
  description: Whether store, files and C(.given) are as they are wanted, so that nothing is to be done.
  returned: success
  type: bool
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working
from ansible_collections.ziggie.stack.plugins.module_utils.host.vault import Vault, VaultError


def main() -> None:
    """Bring store and files up to date."""
    module = AnsibleModule(
        argument_spec={
            "store": {"type": "path", "required": True},
            "directory": {"type": "path", "required": True},
            "provided": {"type": "dict", "default": {}, "no_log": True},
            "files": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "path": {"type": "str", "required": True},
                    "content": {"type": "str", "required": True},
                    "uid": {"type": "int", "default": 0},
                    "gid": {"type": "int", "default": 0},
                },
            },
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    vault = Vault(Path(module.params["store"]), Path(module.params["directory"]), check=module.check_mode)
    try:
        with working(module.params, check=module.check_mode) as work:
            work.changed = {"secrets": vault.created, "recovered_secrets": vault.recovered}
            vault.provide({str(name): str(value) for name, value in module.params["provided"].items()})
            vault.write(module.params["files"])
            work.failed = False
    except LockError as error:
        module.fail_json(**error.answer())
    except VaultError as error:
        module.fail_json(msg=f"{error}.")
    except OSError as error:
        module.fail_json(msg=f"Cannot keep the secrets: {atomic.why(error)}.")
    answer = {"created": vault.created, "recovered": vault.recovered, "written": vault.written, "current": vault.current}
    module.exit_json(changed=bool(vault.created or vault.recovered or vault.written), **answer)


if __name__ == "__main__":
    main()

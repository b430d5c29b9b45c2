#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One secret changed in its server and in every service, with a way back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotate
short_description: One secret changed in its server and in every service, with a way back
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Gives the server of a secret a new value, logs in with it, writes the files that services read, and recreates those services tier by tier.
  - Both values are kept beside the store's own until all services are healthy. What fails goes back to the old value in server, files and services.
  - Each step is noted in the store before it is made. Where a run was killed, the next call takes what it did back, with V(settled) and nothing else.
  - A value is never returned, shown in a diff, in an argument of a program, or sent to the controller.
extends_documentation_fragment:
  - ziggie.stack.stack
  - ziggie.stack.lock
options:
  store:
    description: The directory of the values, as M(ziggie.stack.secrets) keeps them.
    type: path
    required: true
  project_src:
    description: The directory with the release's C(compose.yml) and C(release.json), and the services' files in C(secrets).
    type: path
    required: true
  state:
    description: V(changed) changes the secret of O(rotation), V(settled) only takes back what was interrupted.
    type: str
    choices:
      - changed
      - settled
    default: changed
  rotation:
    description: What to change, as P(ziggie.stack.rotation#filter) returns it. Needed with O(state=changed).
    type: dict
  given:
    description: The new value, where the operator gives one. Without it one is made.
    type: str
  timeout:
    description: How many seconds to wait at most until a tier is healthy.
    type: int
    default: 600
attributes:
  diff_mode:
    details: A diff would show secrets.
seealso:
  - module: ziggie.stack.secrets
  - module: ziggie.stack.up
"""

EXAMPLES = r"""
- name: Change Redis's password
  ziggie.stack.rotate:
    store: /opt/ziggie/secrets
    project_src: /opt/ziggie/stack
    rotation:
      secret: redis_password
      method: restart
      user: ""
      service: redis
      step: begun
      files:
        - {path: redis/password, content: "@redis_password@", uid: 999, gid: 999}

- name: Take back what a killed run left
  ziggie.stack.rotate:
    store: /opt/ziggie/secrets
    project_src: /opt/ziggie/stack
    state: settled
"""

RETURN = r"""
settled:
  description: The secret whose rotation was interrupted and is settled now, empty where there was none.
  returned: success
  type: str
recreated:
  description: The services that were made anew.
  returned: success
  type: list
  elements: str
whole:
  description: Whether the old value is in force everywhere again.
  returned: failure
  type: bool
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.carry_out import RotationError, rotate, settle
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.journal import Rotation
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.place import Host


def main() -> None:
    """Change it, or take it back."""
    module = AnsibleModule(
        argument_spec={
            "store": {"type": "path", "required": True},
            "project_src": {"type": "path", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "state": {"type": "str", "choices": ["changed", "settled"], "default": "changed"},
            "rotation": {"type": "dict"},
            "given": {"type": "str", "no_log": True},
            "timeout": {"type": "int", "default": 600},
            **OPTIONS,
        },
        required_if=[("state", "changed", ("rotation",))],
        supports_check_mode=True,
    )
    given = module.params
    if module.check_mode:
        module.exit_json(changed=given["state"] == "changed", settled="", recreated=[])

    def run(command: list[str], data: str | None, inherited: tuple[int, ...]) -> tuple[int, str]:
        code, output, errors = module.run_command(
            command, cwd=given["project_src"], data=data, binary_data=data is not None, pass_fds=inherited
        )
        return code, errors or output

    place = Host(run=run, **{name: given[name] for name in ("project", "socket", "timeout")}).place(
        Path(given["store"]), Path(given["project_src"])
    )
    try:
        with working(given, check=False) as work:
            settled, recreated = settle(place), []
            work.changed = {"settled_secrets": [settled] if settled else []}
            if given["state"] == "changed":
                rotation = Rotation.of(given["rotation"])
                recreated = rotate(place, rotation, given["given"])
                work.changed |= {"rotated_secrets": [rotation.secret], "recreated": recreated}
            work.failed = False
    except LockError as error:
        module.fail_json(**error.answer())
    except RotationError as error:
        module.fail_json(msg=str(error), whole=error.whole)
    except ValueError as error:
        module.fail_json(msg=f"rotation: {error}.")
    module.exit_json(changed=bool(settled) or given["state"] == "changed", settled=settled, recreated=recreated)


if __name__ == "__main__":
    main()

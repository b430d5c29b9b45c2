#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep releases on the host, and bring one back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: releases
short_description: Keep releases on the host, and bring one back
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Keeps the release that lies in the project directory, whole and under the hash of its files, or puts the files of a kept one back in its place.
  - Starts and stops nothing, and touches neither data nor secrets.
  - Every file is put in place by rename, so a killed run leaves the old one or the new one, and the next run finishes it.
extends_documentation_fragment:
  - ziggie.stack.lock
options:
  directory:
    description: The stack's directory. The release lies in C(stack) below it, the kept ones in C(releases).
    type: path
    required: true
  state:
    description: Whether to keep the release that lies there, or to bring a kept one back.
    type: str
    choices:
      - kept
      - restored
    required: true
  release:
    description:
      - The release to bring back, by its id or the first characters of it.
      - Without one it is the last that came up, or, where that lies there already, the one before it.
    type: str
    default: ""
  keep:
    description: How many releases to keep.
    type: int
    default: 10
attributes:
  diff_mode:
    support: full
"""

EXAMPLES = r"""
- name: Keep what has just come up
  ziggie.stack.releases:
    directory: /opt/ziggie
    state: kept

- name: Put back the release before it
  ziggie.stack.releases:
    directory: /opt/ziggie
    state: restored
  register: chosen
"""

RETURN = r"""
release:
  description: The id of the release that was kept or brought back.
  returned: success
  type: str
kept:
  description: What is kept, the newest first, a line each.
  returned: success
  type: list
  elements: str
changed_paths:
  description: What was written or removed in the project directory.
  returned: when O(state=restored)
  type: list
  elements: str
services:
  description: The services of the release that was brought back, as M(ziggie.stack.stack_info) compares them.
  returned: when O(state=restored)
  type: dict
budget:
  description: The Budget that this release was made from.
  returned: when O(state=restored)
  type: dict
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive, ArchiveError
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working


def main() -> None:
    """Keep a release or restore one."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["kept", "restored"], "required": True},
            "release": {"type": "str", "default": ""},
            "keep": {"type": "int", "default": 10},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given, check = module.params, module.check_mode
    archive = Archive(Path(given["directory"]) / "releases", Path(given["directory"]) / "stack")
    try:
        with working(given, check=check) as work:
            answer = (
                archive.kept_now(given["keep"], check=check)
                if given["state"] == "kept"
                else archive.restored(given["release"], check=check)
            )
            work.changed, work.failed = {f"{given['state']}_release": [answer["release"]]}, False
    except LockError as error:
        module.fail_json(**error.answer())
    except ArchiveError as error:
        module.fail_json(msg=f"Nothing was changed: {error}.")
    except OSError as error:
        module.fail_json(msg=f"Cannot {'keep' if given['state'] == 'kept' else 'restore'} the release: {atomic.why(error)}.")
    module.exit_json(**answer)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a storage class the device that it lies on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage
short_description: Give a storage class the device that it lies on
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Makes a file system on a device that is provably empty and mounts it by its UUID, now and at every boot. A device that is not empty
    is never formatted, and a directory that is not empty is never mounted over. All devices are looked at before the first is touched.
  - A device that this module formatted is known again by its UUID, so it is formatted once. A run that was killed continues where it stopped.
  - Empty means that C(wipefs) finds no signature, that the first and the last 4 MiB are zeros, and that there is no partition, holder,
    mount, swap or other user.
extends_documentation_fragment:
  - ziggie.stack.lock
options:
  classes:
    description: Storage classes by name, as C(stack_storage_classes) has them. Those without a device are left alone.
    type: dict
    required: true
  state:
    description: With V(absent) the device is unmounted and is not mounted at boot any more. Its data stays.
    type: str
    choices: [present, absent]
    default: present
attributes:
  diff_mode:
    support: full
seealso:
  - module: ziggie.stack.host_info
"""

EXAMPLES = r"""
- name: Put the hot data on the second disk
  ziggie.stack.storage:
    classes:
      log: /var/log/ziggie
      hot:
        path: /mnt/nvme/ziggie
        device: /dev/disk/by-id/nvme-EXAMPLE_SSD_S1234
        filesystem: xfs
"""

RETURN = r"""
steps:
  description: What was done, or would be, for each class that differs. Any of V(format), V(unit), V(mount), V(unmount).
  returned: success
  type: dict
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import parse
from ansible_collections.ziggie.stack.plugins.module_utils.storage.carry_out import RefusedError, Storage


def main() -> None:
    """Look at all devices, then do what differs."""
    module = AnsibleModule(
        argument_spec={
            "classes": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    classes, findings = parse(module.params["classes"])
    if findings:
        module.fail_json(msg=f"No device was touched. {'; '.join(finding.sentence() for finding in findings)}.")
    storage = Storage(run=module.run_command, check=module.check_mode)
    try:
        with working(module.params, check=module.check_mode) as work:
            work.changed = storage.steps
            (storage.present if module.params["state"] == "present" else storage.absent)(classes)
            work.failed = False
    except LockError as error:
        module.fail_json(**error.answer())
    except RefusedError as error:
        module.fail_json(msg=str(error), steps=storage.steps)
    except OSError as error:
        module.fail_json(msg=f"Cannot prepare the storage: {error}.", steps=storage.steps)
    module.exit_json(changed=bool(storage.steps), steps=storage.steps, diff=storage.diffs)


if __name__ == "__main__":
    main()

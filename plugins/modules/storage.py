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
  - A device that this module formatted is known again by its UUID, so it is formatted once. A run that was killed goes on where it was.
  - Empty means that C(wipefs) finds no signature, that the first and the last 4 MiB are zeros, and that there is no partition, holder,
    mount, swap or other user.
options:
  classes:
    description: Storage classes by name, as C(stack_storage_classes) has them. Those without a device are passed over.
    type: dict
    required: true
  state:
    description: With V(absent) the device is unmounted and is not mounted at boot any more. What lies on it stays.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
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
"""

import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic, blocks
from ansible_collections.ziggie.stack.plugins.module_utils.host.tree import Tree
from ansible_collections.ziggie.stack.plugins.module_utils.storage import decide, intent
from ansible_collections.ziggie.stack.plugins.module_utils.storage.classes import StorageClass, parse
from ansible_collections.ziggie.stack.plugins.module_utils.storage.device import look
from ansible_collections.ziggie.stack.plugins.module_utils.storage.unit import UNITS, render, unit_name

_UNMOUNT = "unmount"
_ROOT = atomic.Ownership(uid=0, gid=0, mode=0o644)


class Storage:
    """Carries out what was decided for each class, and remembers what it did."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.steps: dict[str, list[str]] = {}
        self.diffs: list[dict[str, str]] = []

    def present(self, classes: list[StorageClass]) -> None:
        """Bring every class to its device, or none where one may not be touched."""
        devices = blocks.describe(Tree(), self.module.run_command)
        systemd = Path("/run/systemd/system").exists()
        facts = {entry.name: look(Tree(), entry, devices, self.module.run_command) for entry in classes}
        decisions = {entry.name: decide.decide(entry, facts[entry.name], systemd=systemd) for entry in classes}
        findings = [finding.sentence() for decision in decisions.values() for finding in decision.findings]
        if findings:
            self.module.fail_json(msg=f"No device was touched. {'; '.join(findings)}.")
        for entry in classes:
            steps = decisions[entry.name].steps
            if steps:
                self._note(entry, list(steps), facts[entry.name]["unit"], render(entry, entry.uuid))
                if not self.module.check_mode:
                    self._carry_out(entry, steps, facts[entry.name])

    def absent(self, classes: list[StorageClass]) -> None:
        """Unmount every class and forget its unit."""
        devices = blocks.describe(Tree(), self.module.run_command)
        for entry in reversed(classes):
            found = look(Tree(), entry, devices, self.module.run_command)
            steps = [_UNMOUNT] * bool(found["target"]["source"]) + [decide.UNIT] * bool(found["unit"])
            if not steps:
                continue
            self._note(entry, steps, found["unit"], "")
            if self.module.check_mode:
                continue
            if found["target"]["source"]:
                self._run("umount", entry.path)
            if found["unit"]:
                self._run("systemctl", "disable", "--quiet", unit_name(entry.path))
                Path(UNITS, unit_name(entry.path)).unlink()
                self._run("systemctl", "daemon-reload")

    def _carry_out(self, entry: StorageClass, steps: tuple[str, ...], facts: dict) -> None:
        device = facts["device"]
        if decide.FORMAT in steps:
            self._format(entry, device, again=bool(facts["intent"]))
        if decide.UNIT in steps:
            atomic.write(Path(UNITS, unit_name(entry.path)), render(entry, entry.uuid).encode(), _ROOT)
            self._run("systemctl", "daemon-reload")
            self._run("systemctl", "enable", "--quiet", unit_name(entry.path))
        if decide.MOUNT in steps:
            Path(entry.path).mkdir(parents=True, exist_ok=True)
            mount = ["mount", "-t", entry.filesystem, "-o", ",".join(entry.options), device["path"], entry.path]
            code, _printed, _complained = self.module.run_command(mount)
            if code != 0:
                if facts["intent"] == device["size"]:
                    # Killed while it was made: it has our UUID already, was never mounted, and no kernel takes it.
                    self._format(entry, device, again=True)
                self._run(*mount)
        intent.forget(entry)

    def _format(self, entry: StorageClass, device: dict, *, again: bool) -> None:
        intent.write(entry, device["size"])
        force = {"xfs": "-f", "ext4": "-F"}[entry.filesystem]
        name = {"xfs": ("-m", f"uuid={entry.uuid}"), "ext4": ("-U", entry.uuid)}[entry.filesystem]
        self._run(f"mkfs.{entry.filesystem}", "-q", *[force] * again, "-L", entry.label, *name, device["path"])
        descriptor = os.open(device["path"], os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _run(self, *command: str) -> None:
        code, printed, complained = self.module.run_command(list(command))
        if code != 0:
            said = " ".join((complained or printed).split())
            self.module.fail_json(
                msg=f"{command[0]} did not succeed: {said}. Run again once that is mended; nothing is lost.", steps=self.steps
            )

    def _note(self, entry: StorageClass, steps: list[str], before: str, after: str) -> None:
        self.steps[entry.name] = steps
        unit = f"{UNITS}/{unit_name(entry.path)}"
        self.diffs.append({"before_header": unit, "after_header": unit, "before": before + "\n" * bool(before), "after": after})
        if decide.FORMAT in steps:
            made = f"{entry.filesystem} {entry.label} {entry.uuid}\n"
            self.diffs.append({"before_header": entry.device, "after_header": entry.device, "before": "empty\n", "after": made})


def main() -> None:
    """Look at all devices, then do what differs."""
    module = AnsibleModule(
        argument_spec={
            "classes": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    classes, findings = parse(module.params["classes"])
    if findings:
        module.fail_json(msg=f"No device was touched. {'; '.join(finding.sentence() for finding in findings)}.")
    storage = Storage(module)
    try:
        if module.params["state"] == "present":
            storage.present(classes)
        else:
            storage.absent(classes)
    except OSError as error:
        module.fail_json(msg=f"Cannot prepare the storage: {error}.", steps=storage.steps)
    module.exit_json(changed=bool(storage.steps), steps=storage.steps, diff=storage.diffs)


if __name__ == "__main__":
    main()

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring storage classes to their devices, step by step, so that a run that is killed can be run again.

A run that is killed while it makes a file system leaves a device that is neither blank nor a file system. A note says that the device
was blank when it began, so that the next run may begin again.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..host import atomic, block_devices, storage
from ..host.facts import BlockDevice, ClassState
from ..host.root import Root, Run
from ..settings.storage import StorageClass
from ..systemd import UNITS, mount_unit
from .decide import FORMAT, MOUNT, UNIT, decide, unit_text

UNMOUNT = "unmount"
_ROOT = atomic.Ownership(uid=0, gid=0, mode=0o644)


class RefusedError(Exception):
    """Nothing was touched, or a step failed; the text is one or more whole sentences."""


@dataclass(slots=True)
class Storage:
    """Carries out what was decided for each class. `steps` and `diffs` say what it did, or with `check` would do."""

    run: Run
    check: bool
    root: Root = field(default_factory=Root)
    steps: dict[str, list[str]] = field(default_factory=dict)
    diffs: list[dict[str, str]] = field(default_factory=list)

    def present(self, classes: Sequence[StorageClass]) -> None:
        """Bring every class to its device, or none where one may not be touched. Raises `RefusedError` and `OSError`."""
        devices = block_devices.describe(self.root, self.run)
        systemd = self.root.exists("/run/systemd/system")
        states = {entry.name: storage.describe(self.root, entry, devices, self.run) for entry in classes}
        decisions = {entry.name: decide(entry, states[entry.name], systemd=systemd) for entry in classes}
        findings = [finding.sentence() for decision in decisions.values() for finding in decision.findings]
        if findings:
            raise RefusedError(f"No device was touched. {'; '.join(findings)}.")
        for entry in classes:
            steps, state = decisions[entry.name].steps, states[entry.name]
            if steps:
                self._note(entry, list(steps), state.unit, unit_text(entry))
            if steps and not self.check and state.device.block:
                self._carry_out(entry, steps, state, state.device.block)

    def absent(self, classes: Sequence[StorageClass]) -> None:
        """Unmount every class and remove its unit. Raises `RefusedError` and `OSError`."""
        devices = block_devices.describe(self.root, self.run)
        for entry in reversed(classes):
            state = storage.describe(self.root, entry, devices, self.run)
            steps = [UNMOUNT] * bool(state.target.source) + [UNIT] * bool(state.unit)
            if steps:
                self._note(entry, steps, state.unit, "")
            if UNMOUNT in steps and not self.check:
                self._command("umount", entry.path)
            if UNIT in steps and not self.check:
                self._command("systemctl", "disable", "--quiet", mount_unit(entry.path))
                self._unit(entry).unlink()
                self._command("systemctl", "daemon-reload")

    def _carry_out(self, entry: StorageClass, steps: Sequence[str], state: ClassState, device: BlockDevice) -> None:
        if FORMAT in steps:
            self._format(entry, device, again=bool(state.intent))
        if UNIT in steps:
            atomic.write(self._unit(entry), unit_text(entry).encode(), _ROOT)
            self._command("systemctl", "daemon-reload")
            self._command("systemctl", "enable", "--quiet", mount_unit(entry.path))
        if MOUNT in steps:
            self.root.path(entry.path).mkdir(parents=True, exist_ok=True)
            mount = ["mount", "-t", entry.filesystem, "-o", ",".join(entry.options), device.path, entry.path]
            code, _printed, _complained = self.run(mount)
            if code != 0:
                if state.intent == device.size:
                    # Killed while it was made: it has our UUID already, was never mounted, and no kernel takes it.
                    self._format(entry, device, again=True)
                self._command(*mount)
        forget(entry, self.root)

    def _format(self, entry: StorageClass, device: BlockDevice, *, again: bool) -> None:
        remember(entry, device.size, self.root)
        force = {"xfs": "-f", "ext4": "-F"}[entry.filesystem]
        name = {"xfs": ("-m", f"uuid={entry.uuid}"), "ext4": ("-U", entry.uuid)}[entry.filesystem]
        self._command(f"mkfs.{entry.filesystem}", "-q", *[force] * again, "-L", entry.label, *name, device.path)
        descriptor = os.open(self.root.path(device.path), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _unit(self, entry: StorageClass) -> Path:
        return self.root.path(f"{UNITS}/{mount_unit(entry.path)}")

    def _command(self, *command: str) -> None:
        code, printed, complained = self.run(list(command))
        if code != 0:
            said = " ".join((complained or printed).split())
            raise RefusedError(f"{shlex.join(command)} failed: {said or code}. Nothing is lost; correct the cause and run again.")

    def _note(self, entry: StorageClass, steps: list[str], before: str, after: str) -> None:
        self.steps[entry.name] = steps
        self.diffs.append(_difference(f"{UNITS}/{mount_unit(entry.path)}", before + "\n" * bool(before), after))
        if FORMAT in steps:
            self.diffs.append(_difference(entry.device, "empty\n", f"{entry.filesystem} {entry.label} {entry.uuid}\n"))


def remember(entry: StorageClass, size: int, root: Root) -> None:
    """Note that a file system is being made for a class, on a device of `size` bytes."""
    path = root.path(f"{storage.INTENTS}/{entry.name}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"device": entry.device, "uuid": entry.uuid, "size": size}
    atomic.write(path, (json.dumps(content) + "\n").encode(), atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600))


def forget(entry: StorageClass, root: Root) -> None:
    """Note that the file system of a class is made."""
    path = root.path(f"{storage.INTENTS}/{entry.name}.json")
    if path.parent.exists():
        path.unlink(missing_ok=True)
        atomic.sync_directory(path.parent)


def _difference(path: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": path, "after_header": path, "before": before, "after": after}

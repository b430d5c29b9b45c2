# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a storage class are carried out in an order that a killed run can be continued from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import BlockDevice, ClassDevice, ClassState, MountPoint, Signature
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.host.storage import describe
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import StorageClass
from ansible_collections.ziggie.stack.plugins.module_utils.storage import carry_out
from ansible_collections.ziggie.stack.plugins.module_utils.storage.carry_out import RefusedError, Storage, remember

SIZE = 400 << 20
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="entry")
def _entry() -> StorageClass:
    return StorageClass(name="hot", path="/mnt/hot", device="/dev/disk/by-id/x")


@pytest.fixture(name="state")
def _state(tmp_path: Path) -> ClassState:
    for folder in ("dev", "run/systemd/system", "etc/systemd/system"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "dev/x").touch()
    block = BlockDevice(name="x", path="/dev/x", by_id=("/dev/disk/by-id/x",), size=SIZE)
    return ClassState(device=ClassDevice(exists=True, block=block, signatures=(), blank=True), tool=True)


@pytest.fixture(name="made")
def _made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Storage]:
    """Carry out what a class needs on a host in a folder, of which the facts are given."""

    def made(entry: StorageClass, state: ClassState, run: Run, *, check: bool = False) -> Storage:
        monkeypatch.setattr(carry_out.storage, "describe", lambda *_words: state)
        storage = Storage(run=run, check=check, root=Root(str(tmp_path)))
        storage.present([entry])
        return storage

    return made


def test_a_blank_device_is_noted_formatted_and_mounted(
    entry: StorageClass, state: ClassState, tmp_path: Path, made: Callable[..., Storage]
) -> None:
    note = tmp_path / "var/lib/ziggie/storage/hot.json"
    ran: list[tuple[str, bool]] = []

    def run(command: list[str], **_options: Any) -> tuple[int, str, str]:
        ran.append((command[0], note.exists()))
        return 0, "", ""

    storage = made(entry, state, run)
    assert storage.steps == {"hot": ["format", "unit", "mount"]}
    # The note is there from before the file system is made until it is mounted.
    assert ran == [("mkfs.xfs", True), ("systemctl", True), ("systemctl", True), ("mount", True)]
    assert not note.exists()
    assert [unit.name for unit in (tmp_path / "etc/systemd/system").iterdir()] == ["mnt-hot.mount"]
    assert len(storage.diffs) == 2


def test_a_note_that_a_killed_run_left_is_read_back(entry: StorageClass, tmp_path: Path) -> None:
    remember(entry, SIZE, Root(str(tmp_path)))
    assert describe(Root(str(tmp_path)), entry, [], lambda *_words, **_options: (1, "", "")).intent == SIZE
    other = replace(entry, device="/dev/disk/by-id/other")
    assert describe(Root(str(tmp_path)), other, [], lambda *_words, **_options: (1, "", "")).intent == 0
    assert json.loads((tmp_path / "var/lib/ziggie/storage/hot.json").read_text())["uuid"] == entry.uuid


def test_only_what_a_killed_run_made_is_formatted_again_when_it_cannot_be_mounted(
    entry: StorageClass, state: ClassState, made: Callable[..., Storage]
) -> None:
    ran: list[str] = []

    def run(command: list[str], **_options: Any) -> tuple[int, str, str]:
        ran.append(command[0])
        return (32, "", "bad superblock") if ran == ["systemctl", "systemctl", "mount"] else (0, "", "")

    ours = (Signature(type="xfs", uuid=entry.uuid),)
    half = replace(state, device=replace(state.device, signatures=ours, blank=None), intent=SIZE)
    made(entry, half, run)
    assert ran == ["systemctl", "systemctl", "mount", "mkfs.xfs", "mount"]
    ran.clear()

    def refuses(command: list[str], **_options: Any) -> tuple[int, str, str]:
        ran.append(command[0])
        return (32, "", "bad superblock") if command[0] == "mount" else (0, "", "")

    with pytest.raises(RefusedError, match=r"failed: bad superblock\. Nothing is lost"):
        made(entry, replace(half, intent=0), refuses)
    assert "mkfs.xfs" not in ran


def test_a_device_that_holds_anything_is_not_touched(entry: StorageClass, state: ClassState, made: Callable[..., Storage]) -> None:
    def run(*_words: Any, **_options: Any) -> tuple[int, str, str]:
        raise AssertionError("a command ran")

    holds = replace(state, device=replace(state.device, signatures=(Signature(type="ext4"),), blank=None))
    with pytest.raises(RefusedError, match="No device was touched"):
        made(entry, holds, run)
    assert made(entry, state, run, check=True).steps == {"hot": ["format", "unit", "mount"]}
    placed = replace(state, target=MountPoint(source="/dev/other"))
    with pytest.raises(RefusedError, match="/dev/other is mounted"):
        made(entry, placed, run)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device is formatted where it is provably empty, mounted where it is ours, and refused in every other case."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import ClassState
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import StorageClass
from ansible_collections.ziggie.stack.plugins.module_utils.storage import codes
from ansible_collections.ziggie.stack.plugins.module_utils.storage.decide import Decision, decide, unit_text
from ansible_collections.ziggie.stack.plugins.module_utils.typed import load

Plain = dict[str, Any]


def ours(entry: StorageClass, **changed: str) -> dict[str, Any]:
    return {"signatures": [{"type": entry.filesystem, "uuid": entry.uuid, "label": entry.label, **changed}], "blank": None}


def asked(entry: StorageClass, facts: Plain, *, systemd: bool = True, **changed: Any) -> Decision:
    of_device = {key: value for key, value in changed.items() if key in ("signatures", "blank")}
    block = facts["device"]["block"] | {key: value for key, value in changed.items() if key not in of_device}
    state = load(ClassState, facts | {"device": {**facts["device"], **of_device, "block": block}})
    return decide(entry, state, systemd=systemd)


def refused(decision: Decision) -> list[str]:
    assert decision.steps == ()
    return [finding.code for finding in decision.findings]


def test_a_blank_device_is_formatted_and_mounted(hot: StorageClass, facts: Plain) -> None:
    assert asked(hot, facts) == Decision(steps=("format", "unit", "mount"), findings=())


def test_a_run_killed_between_format_and_mount_goes_on(hot: StorageClass, facts: Plain) -> None:
    assert asked(hot, facts, **ours(hot)).steps == ("unit", "mount")
    written = facts | {"unit": unit_text(hot), "enabled": True}
    assert asked(hot, written, **ours(hot)).steps == ("mount",)
    assert asked(hot, written | {"enabled": False}, **ours(hot)).steps == ("unit", "mount")


def test_a_device_in_place_needs_nothing(hot: StorageClass, facts: Plain) -> None:
    placed = facts | {"unit": unit_text(hot), "enabled": True, "target": {"source": "/dev/nvme1n1", "link": False, "holds": ""}}
    assert asked(hot, placed, **ours(hot), mounts=["/mnt/hot"], busy=True) == Decision(steps=(), findings=())


def test_a_run_killed_while_formatting_begins_again(hot: StorageClass, facts: Plain) -> None:
    assert refused(asked(hot, facts, blank=False)) == [codes.DEVICE_NOT_BLANK]
    assert asked(hot, facts | {"intent": 100 << 30}, blank=False).steps == ("format", "unit", "mount")
    assert refused(asked(hot, facts | {"intent": 99 << 30}, blank=False)) == [codes.DEVICE_NOT_BLANK]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"root": True}, "the running system lies on it"),
        ({"partitions": ["nvme1n1p1", "nvme1n1p2"]}, "partitions nvme1n1p1, nvme1n1p2"),
        ({"holders": ["dm-0"]}, "dm-0 is built on it"),
        ({"mounts": ["/srv"]}, "mounted at /srv"),
        ({"swap": True}, "swap"),
        ({"read_only": True}, "read-only"),
        ({"busy": True}, "holds it"),
    ],
)
def test_a_device_in_use_is_refused_even_if_it_looks_blank_or_ours(hot: StorageClass, facts: Plain, changed: Plain, said: str) -> None:
    for content in ({}, ours(hot)):
        decision = asked(hot, facts, **content, **changed)
        assert refused(decision) == [codes.DEVICE_IN_USE]
        assert said in decision.findings[0].sentence()


@pytest.mark.parametrize("kind", ["ext4", "LVM2_member", "linux_raid_member", "crypto_LUKS", "gpt", "dos", "zfs_member", "swap", "btrfs"])
def test_a_device_that_holds_anything_is_refused(hot: StorageClass, facts: Plain, kind: str) -> None:
    for intent in (0, 100 << 30):
        found = [{"type": kind, "uuid": "0b0e", "label": "mine"}]
        decision = asked(hot, facts | {"intent": intent}, signatures=found, blank=None)
        assert refused(decision) == [codes.DEVICE_HOLDS_DATA]
        assert f"{kind} mine 0b0e" in decision.findings[0].message


def test_a_file_system_can_be_used_as_it_is_by_naming_it(hot: StorageClass, facts: Plain) -> None:
    found = [{"type": "ext4", "uuid": "0b0e", "label": ""}]
    assert "/dev/disk/by-uuid/0b0e and filesystem: ext4" in asked(hot, facts, signatures=found, blank=None).findings[0].fix
    named = dataclasses.replace(hot, device="/dev/disk/by-uuid/0B0E", filesystem="ext4")
    assert asked(named, facts, signatures=found, blank=None).steps == ("unit", "mount")
    assert refused(asked(named, facts)) == [codes.DEVICE_HOLDS_DATA]


def test_our_own_is_never_made_anew_as_another_kind(hot: StorageClass, facts: Plain) -> None:
    decision = asked(dataclasses.replace(hot, filesystem="ext4"), facts, **ours(hot))
    assert refused(decision) == [codes.DEVICE_HOLDS_DATA]
    assert "write filesystem: xfs" in decision.findings[0].fix


def test_bytes_that_nothing_explains_are_data(hot: StorageClass, facts: Plain) -> None:
    assert refused(asked(hot, facts, blank=False)) == [codes.DEVICE_NOT_BLANK]
    assert refused(asked(hot, facts, blank=None)) == [codes.DEVICE_NOT_BLANK]
    assert codes.DEVICE_UNREADABLE in refused(asked(hot, facts, signatures=None, blank=None))


def test_a_name_that_may_change_is_refused(hot: StorageClass, facts: Plain) -> None:
    decision = asked(dataclasses.replace(hot, device="/dev/nvme1n1"), facts)
    assert refused(decision) == [codes.DEVICE_UNSTABLE]
    assert "write /dev/disk/by-id/nvme-a" in decision.findings[0].sentence()


@pytest.mark.parametrize("exists", [True, False])
def test_what_is_no_device_is_refused(hot: StorageClass, facts: Plain, exists: bool) -> None:
    nothing = load(ClassState, facts | {"device": {"exists": exists}})
    assert refused(decide(hot, nothing, systemd=True)) == [codes.DEVICE_ABSENT]


def test_a_small_device_is_refused(hot: StorageClass, facts: Plain) -> None:
    assert refused(asked(hot, facts, size=100 << 20)) == [codes.DEVICE_TOO_SMALL]


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ({"holds": "/mnt/hot/postgres/PG_VERSION"}, codes.TARGET_HOLDS_DATA, "/mnt/hot/postgres/PG_VERSION lies there"),
        ({"source": "/dev/sdb"}, codes.TARGET_TAKEN, "/dev/sdb is mounted at /mnt/hot"),
        ({"link": True}, codes.TARGET_TAKEN, "symbolic link"),
    ],
)
def test_data_is_never_mounted_over(hot: StorageClass, facts: Plain, target: Plain, code: str, said: str) -> None:
    for content in ({}, ours(hot)):
        decision = asked(hot, facts | {"target": facts["target"] | target}, **content)
        assert refused(decision) == [code]
        assert said in decision.findings[0].sentence()


def test_without_systemd_nothing_would_mount_it_at_boot(hot: StorageClass, facts: Plain) -> None:
    assert refused(asked(hot, facts, systemd=False)) == [codes.NO_SYSTEMD]


def test_everything_is_said_at_once(hot: StorageClass, facts: Plain) -> None:
    wrong = dataclasses.replace(hot, device="/dev/sda")
    held = facts | {"target": facts["target"] | {"holds": "/mnt/hot/a"}}
    found = [{"type": "ext4", "uuid": "1", "label": ""}]
    assert refused(asked(wrong, held, root=True, signatures=found)) == [
        codes.DEVICE_UNSTABLE,
        codes.DEVICE_IN_USE,
        codes.DEVICE_HOLDS_DATA,
        codes.TARGET_HOLDS_DATA,
    ]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A class is a path, or a path and a device; whatever else is written is said."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import StorageClass, directories, parse
from ansible_collections.ziggie.stack.plugins.module_utils.storage.decide import unit_text
from ansible_collections.ziggie.stack.plugins.module_utils.systemd import mount_unit

ID = "/dev/disk/by-id/nvme-a"


def test_a_path_needs_no_device() -> None:
    assert parse({"hot": "/mnt/hot", "log": {"path": "/var/log/x"}}) == ([], [])
    assert directories({"hot": "/mnt/hot/", "log": {"path": "/var/log/x"}, "bad": {}}) == {"hot": "/mnt/hot", "log": "/var/log/x"}


def test_a_device_has_a_file_system_and_options() -> None:
    classes, findings = parse({"hot": {"path": "/mnt/hot/", "device": ID, "filesystem": "ext4", "options": "discard,noatime"}})
    assert findings == []
    assert classes == [
        StorageClass(name="hot", path="/mnt/hot", device=ID, filesystem="ext4", options=("noatime", "nofail", "discard")),
    ]
    assert StorageClass.from_dict(classes[0].to_dict()) == classes[0]


def test_its_uuid_is_that_of_class_and_device() -> None:
    hot, log = StorageClass(name="hot", path="/a", device=ID), StorageClass(name="log", path="/a", device=ID)
    assert hot.uuid == StorageClass(name="hot", path="/elsewhere", device=ID).uuid
    assert len({hot.uuid, log.uuid, StorageClass(name="hot", path="/a", device=ID + "b").uuid}) == 3


def test_a_label_fits_the_file_system_with_the_shortest() -> None:
    assert StorageClass(name="archive-of-everything", path="/a", device=ID).label == "ziggie-archi"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"hot": "mnt/hot"}, "stack_storage_classes.hot: 'mnt/hot' cannot be a directory"),
        ({"../hot": "/mnt/hot"}, "stack_storage_classes.../hot: '../hot' cannot be a file's name"),
        ({"hot": "/"}, "'/' cannot be a directory"),
        ({"hot": "/mnt/../etc"}, "cannot be a directory"),
        ({"hot": None}, "'' cannot be a directory"),
        ({"hot": {"device": ID}}, "'' cannot be a directory"),
        ({"hot": {"path": "/mnt/h t", "device": ID}}, "cannot be a mount point"),
        ({"hot": {"path": "/mnt/h", "device": ID, "filesytem": "xfs"}}, "filesytem: there is no setting of this name; write filesystem"),
        ({"hot": {"path": "/mnt/h", "device": ID, "filesystem": "btrfs"}}, "'btrfs' is not made here"),
        ({"hot": {"path": "/mnt/h", "device": ID, "options": "a b"}}, "'a b' is not a mount option"),
        ({"hot": {"path": "/mnt/h", "device": "/dev/disk/by-uuid/../sda"}}, "names no UUID"),
        ({"hot": {"path": "/mnt/h", "device": ID}, "log": {"path": "/mnt/l", "device": ID}}, "is already the device of hot"),
        ({"hot": {"path": "/mnt/h", "device": ID}, "log": "/mnt/h/"}, "/mnt/h is already the path of hot"),
    ],
)
def test_what_is_wrong_is_said(written: dict[str, Any], said: str) -> None:
    sentences = [finding.sentence() for finding in parse(written)[1]]
    assert len(sentences) == 1
    assert said in sentences[0]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/mnt/nvme/ziggie", "mnt-nvme-ziggie.mount"),
        ("/mnt/my-data", "mnt-my\\x2ddata.mount"),
        ("/.hidden/a@b", "\\x2ehidden-a\\x40b.mount"),
    ],
)
def test_a_unit_is_called_as_systemd_escape_says(path: str, name: str) -> None:
    assert mount_unit(path) == name


def test_a_unit_mounts_by_uuid_before_the_engine_and_stops_no_boot() -> None:
    lines = unit_text(StorageClass(name="hot", path="/mnt/hot", device="/dev/disk/by-uuid/u-1")).splitlines()
    assert {"Before=docker.service", "What=/dev/disk/by-uuid/u-1", "Where=/mnt/hot", "Type=xfs", "Options=noatime,nofail"} < set(lines)
    assert lines[-1] == "WantedBy=local-fs.target"

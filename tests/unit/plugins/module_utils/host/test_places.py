# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the data lies, and where it will."""

from __future__ import annotations

from ansible_collections.ziggie.stack.plugins.module_utils.host.places import places
from ansible_collections.ziggie.stack.plugins.module_utils.storage.classes import StorageClass

BLOCKS = [{"name": "nvme1n1", "path": "/dev/nvme1n1", "by_id": ["/dev/disk/by-id/n"], "links": ["/dev/disk/by-uuid/u"]}]
DISKS = {"/var/lib/docker": {"block": "vda"}, "/mnt/hot": {"block": "vda"}, "/var/log/z": {"block": ""}}


def test_a_class_lies_on_its_device_even_before_it_is_mounted() -> None:
    classes = [
        StorageClass(name="hot", path="/mnt/hot", device="/dev/disk/by-id/n"),
        StorageClass(name="warm", path="/mnt/warm", device="/dev/disk/by-uuid/u"),
        StorageClass(name="gone", path="/mnt/gone", device="/dev/disk/by-id/gone"),
        StorageClass(name="log", path="/var/log/z"),
        StorageClass(name="plain", path="/mnt/hot"),
    ]
    assert places(DISKS, BLOCKS, "/var/lib/docker", classes) == {"": "vda", "hot": "nvme1n1", "warm": "nvme1n1", "plain": "vda"}

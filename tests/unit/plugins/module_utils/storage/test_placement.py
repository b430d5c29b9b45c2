# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All classes of a host together."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import StorageClass
from ansible_collections.ziggie.stack.plugins.module_utils.storage import codes
from ansible_collections.ziggie.stack.plugins.module_utils.storage.decide import unit_text
from ansible_collections.ziggie.stack.plugins.module_utils.storage.placement import LEAST_FREE, place

WRITTEN = {"hot": {"path": "/mnt/hot", "device": "/dev/disk/by-id/nvme-a"}, "log": "/var/log/ziggie"}


def host(facts: dict[str, Any], free: int = LEAST_FREE, **more: Any) -> Facts:
    disk = {"size": 100 << 30, "free": free, "device": "/dev/sda1", "mount": "/"}
    storage = {"hot": facts, **{name: state for name, state in more.items() if name != "mounted"}}
    disks = {"/mnt/hot": more.get("mounted", disk), "/var/log/ziggie": disk}
    return Facts.from_dict({"systemd": True, "storage": storage, "disks": disks})


def test_only_what_differs_has_steps(facts: dict[str, Any]) -> None:
    assert place(WRITTEN, host(facts)).steps == {"hot": ("format", "unit", "mount")}
    assert place({"log": "/var/log/ziggie"}, host(facts)).steps == {}


def test_the_budget_is_made_for_the_disk_that_will_be_there(facts: dict[str, Any]) -> None:
    disk = place(WRITTEN, host(facts)).disks["/mnt/hot"]
    assert (disk.mount, disk.device, disk.usable) == ("/mnt/hot", "/dev/nvme1n1", 97 << 30)
    assert disk.size == 100 << 30


def test_a_disk_counts_as_much_once_it_is_mounted_as_before(hot: StorageClass, facts: dict[str, Any]) -> None:
    before = place(WRITTEN, host(facts)).disks["/mnt/hot"]
    mounted = {"unit": unit_text(hot), "enabled": True, "target": {"source": "/dev/nvme1n1", "link": False, "holds": ""}}
    block = facts["device"]["block"] | {"mounts": ["/mnt/hot"]}
    device = {**facts["device"], "block": block, "signatures": [{"type": "xfs", "uuid": hot.uuid}], "blank": None}
    real = {"size": 100 << 30, "usable": 99 << 30, "free": 90 << 30, "device": "/dev/nvme1n1", "mount": "/mnt/hot"}
    placed = place(WRITTEN, host(facts | mounted | {"device": device}, mounted=real))
    assert placed.steps == {}
    after = placed.disks["/mnt/hot"]
    assert after.usable == before.usable
    # What is in use stays what it was.
    assert after.usable - after.free == real["usable"] - real["free"]


def test_a_class_without_space_is_said(facts: dict[str, Any]) -> None:
    findings = place(WRITTEN, host(facts, free=LEAST_FREE - 1)).findings
    # The hot class is about to get a device of its own.
    assert [(finding.code, finding.path) for finding in findings] == [(codes.CLASS_WITHOUT_SPACE, "stack_storage_classes.log")]


def test_two_names_of_one_disk_are_one_device(facts: dict[str, Any]) -> None:
    written = WRITTEN | {"log": {"path": "/mnt/log", "device": "/dev/disk/by-id/wwn-a"}}
    assert [finding.code for finding in place(written, host(facts, log=facts)).findings] == [codes.CLASS_INVALID]


def test_an_imagined_host_has_every_device() -> None:
    placement = place(WRITTEN, Facts(systemd=True))
    assert (placement.steps, placement.findings) == ({}, ())


def test_the_program_that_formats_is_installed_where_it_is_missing(facts: dict[str, Any]) -> None:
    assert place(WRITTEN, host(facts)).packages == ()
    assert place(WRITTEN, host(facts | {"tool": False})).packages == ("xfsprogs",)

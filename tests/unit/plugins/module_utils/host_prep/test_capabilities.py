# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can enforce once it is prepared, decided from its facts and the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import BlockDevice, Ceilings, Cgroup, Disk, Engine, Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.capabilities import decide, devices, driver, slices_absent
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import Settings

DISK = BlockDevice(name="vda", path="/dev/vda", by_id=("/dev/disk/by-id/a",), scheduler="bfq", schedulers=("none", "bfq"))
PART = BlockDevice(name="vda1", path="/dev/vda1", parent="vda", links=("/dev/disk/by-uuid/u",), scheduler="bfq", schedulers=("none", "bfq"))
NVME = BlockDevice(name="nvme1n1", path="/dev/nvme1n1", by_id=("/dev/disk/by-id/n",), links=("/dev/disk/by-uuid/ab",))
FACTS = Facts(
    cgroup=Cgroup(version=2, controllers=("io", "memory"), bfq_weight=True),
    ceilings=Ceilings(nofile=20000, memlock=8 << 20),
    engine=Engine(version="24.0.7", cgroup_driver="systemd"),
    core_ids=(0, 3),
    systemd=True,
    block_devices=(DISK, PART),
    disks={"/var/lib/docker": Disk(block="vda"), "/mnt/hot": Disk(block="vda1")},
)
CLASSES = {"hot": "/mnt/hot"}


def test_what_follows_from_the_facts() -> None:
    found, choice = decide(FACTS, Settings(), CLASSES)
    assert (choice.scheduler, found.io_weight, found.swap_limit, found.memlock_unlimited) == ("bfq", True, False, False)
    assert (found.nofile_max, found.start_interval, found.core_ids) == (20000, False, (0, 3))
    assert (found.slices, found.engine_cores, found.reasons) == (True, True, {})
    # I/O can be throttled on whole disks alone, whatever a definition calls them.
    assert found.devices == dict.fromkeys(["/dev/vda", "/dev/disk/by-id/a", "/dev/vda1", "/dev/disk/by-uuid/u", "hot"], "/dev/vda")
    assert decide(replace(FACTS, engine=Engine(version="25.0.0")), Settings(), {})[0].start_interval is True
    assert decide(replace(FACTS, ceilings=Ceilings(nofile=-1, memlock=-1)), Settings(), {})[0].nofile_max is None


def test_what_is_switched_off_or_missing_has_a_reason() -> None:
    hidden = replace(FACTS, block_devices=())
    found, _choice = decide(hidden, Settings(slices=False), {})
    assert (found.slices, found.io_weight) == (False, False)
    assert found.reasons == {"slices": "stack_host.slices is false", "io_weight": "the disk below its data cannot be seen"}


@pytest.mark.parametrize(
    ("changed", "settings", "why"),
    [
        ({"cgroup": Cgroup(version=1)}, Settings(), "cgroup v1"),
        ({"systemd": False}, Settings(), "systemd"),
        ({}, Settings(services=False), "stack_host.services"),
    ],
)
def test_why_the_engine_cannot_be_kept_off_cores(changed: dict[str, Any], settings: Settings, why: str) -> None:
    found, _choice = decide(replace(FACTS, **changed), settings, {})
    assert found.engine_cores is False
    assert why in found.reasons["engine_cores"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (FACTS, ""),
        (replace(FACTS, cgroup=Cgroup(version=1)), "cgroup v1"),
        (replace(FACTS, systemd=False), "systemd is not its init"),
        (replace(FACTS, engine=Engine(rootless=True)), "without root"),
        (replace(FACTS, engine=Engine(cgroup_driver="cgroupfs")), "the driver cgroupfs"),
        (replace(FACTS, engine=Engine(cgroup_driver="")), ""),
    ],
)
def test_why_a_host_has_no_slices(facts: Facts, why: str) -> None:
    found = slices_absent(facts)
    assert why in found if why else not found


def test_an_engine_that_does_not_run_yet_will_use_what_is_configured() -> None:
    assert driver(Engine()) == "systemd"
    configured = {"exec-opts": ["native.cgroupdriver=cgroupfs"]}
    assert driver(Engine(daemon_config=configured)) == "cgroupfs"
    assert driver(Engine(daemon_config=configured, cgroup_driver="systemd")) == "systemd"


def test_a_class_lies_on_its_device_even_before_it_is_mounted() -> None:
    facts = Facts(
        block_devices=(NVME,),
        disks={"/var/lib/docker": Disk(block="vda"), "/mnt/hot": Disk(block="vda"), "/var/log/z": Disk(block="")},
    )
    classes = {
        "hot": {"path": "/mnt/hot", "device": "/dev/disk/by-id/n"},
        "warm": {"path": "/mnt/warm", "device": "/dev/disk/by-uuid/ab"},
        "gone": {"path": "/mnt/gone", "device": "/dev/disk/by-id/gone"},
        "log": "/var/log/z",
        "plain": "/mnt/hot/sub",
    }
    # A path that the host was not asked for is left out.
    assert devices(facts, classes) == {"": "vda", "hot": "nvme1n1", "warm": "nvme1n1"}
    assert devices(facts, {"plain": "/mnt/hot"}) == {"": "vda", "plain": "vda"}

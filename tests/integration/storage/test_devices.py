# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A storage class on a device of its own: made once, found again, and never over anybody's data."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import StorageClass
from ansible_collections.ziggie.stack.tests.integration.storage.conftest import PLACE, UNITS
from ansible_collections.ziggie.stack.tests.integration.storage.disks import HOLDER, LVM, Disk, ask, fails, run

pytestmark = pytest.mark.integration

HOT = f"{PLACE}/hot"


def wish(disk: Disk, **changed: Any) -> dict[str, Any]:
    return {"hot": {"path": HOT, "device": disk.name, **changed}}


def uuid(disk: Disk) -> str:
    return StorageClass(name="hot", path=HOT, device=disk.name).uuid


def mounted(disk: Disk) -> bool:
    return f"{disk.device} {HOT} " in ask("cat /proc/mounts")


def unit() -> str:
    return ask(f"cat '{UNITS}hot.mount'")


@pytest.mark.parametrize("filesystem", ["xfs", "ext4"])
def test_an_empty_disk_is_formatted_once_and_mounted_by_uuid(disk: Disk, filesystem: str) -> None:
    before = disk.digest()
    told = run("storage", check=True, classes=wish(disk, filesystem=filesystem))
    assert (told["changed"], told["steps"]) == (True, {"hot": ["format", "unit", "mount"]})
    assert f"+{filesystem} ziggie-hot {uuid(disk)}" in told["printed"]
    assert disk.digest() == before
    assert not mounted(disk)

    done = run("storage", classes=wish(disk, filesystem=filesystem))
    assert done["steps"] == told["steps"], done
    assert disk.holds() == [(filesystem, uuid(disk))]
    assert mounted(disk)
    assert f"What=/dev/disk/by-uuid/{uuid(disk)}" in unit()
    assert ask(f"systemctl is-enabled '{UNITS.rpartition('/')[2]}hot.mount'") == "enabled"
    assert {"noatime", "rw"} <= set(ask(f"findmnt -no OPTIONS {HOT}").split(","))

    ask(f"echo precious > {HOT}/data")
    assert run("storage", classes=wish(disk, filesystem=filesystem))["changed"] is False
    # As after a boot that did not find it in time.
    ask(f"umount {HOT}")
    assert run("storage", classes=wish(disk, filesystem=filesystem))["steps"] == {"hot": ["mount"]}
    assert ask(f"cat {HOT}/data") == "precious"

    assert run("storage", state="absent", classes=wish(disk))["steps"] == {"hot": ["unmount", "unit"]}
    assert not mounted(disk)
    assert fails(f"ls '{UNITS}hot.mount'")
    assert run("storage", classes=wish(disk, filesystem=filesystem))["steps"] == {"hot": ["unit", "mount"]}
    assert ask(f"cat {HOT}/data") == "precious"


def test_a_run_killed_between_format_and_mount_goes_on(disk: Disk) -> None:
    ask(f"mkfs.xfs -q -L ziggie-hot -m uuid={uuid(disk)} {disk.device}")
    assert run("storage", classes=wish(disk))["steps"] == {"hot": ["unit", "mount"]}
    assert mounted(disk)


@pytest.mark.parametrize("signed", [False, True], ids=["before its signature", "after its signature"])
def test_a_run_killed_while_formatting_begins_again(disk: Disk, signed: bool) -> None:
    if signed:
        ask(f"mkfs.xfs -q -m uuid={uuid(disk)} {disk.device}")
        # A superblock whose making was not ended (sb_inprogress).
        disk.write(b"\x01", 126)
        assert disk.holds() == [("xfs", uuid(disk))]
    else:
        disk.write(b"half a journal", 1 << 20)
        assert "bytes that no known format explains" in run("storage", classes=wish(disk))["msg"]
    note = f'{{"device": "{disk.name}", "uuid": "{uuid(disk)}", "size": {320 << 20}}}'
    ask("mkdir -p /var/lib/ziggie/storage && cat > /var/lib/ziggie/storage/hot.json", note.encode())
    assert run("storage", classes=wish(disk))["changed"] is True
    assert mounted(disk)
    assert fails("ls /var/lib/ziggie/storage/hot.json")


def raid(disk: Disk) -> None:
    # struct mdp_superblock_1 of linux/raid/md_p.h at 4 KiB, as metadata 1.2 has it: magic, version, and its own offset in sectors.
    block = bytearray(256)
    struct.pack_into("<IIII16s32s", block, 0, 0xA92B4EFC, 1, 0, 0, b"ziggie-test-raid", b"host:0")
    struct.pack_into("<Q", block, 144, 8)
    disk.write(bytes(block), 4096)


def partitioned(disk: Disk) -> None:
    disk.write(struct.pack("<B3sB3sII", 0, b"", 0x83, b"", 2048, 4096).ljust(64, b"\0") + b"\x55\xaa", 446)


OCCUPIED: dict[str, tuple[Callable[[Disk], Any], str]] = {
    "a file system": (lambda disk: ask(f"mkfs.ext4 -q -L mine {disk.device}"), "ext4 mine"),
    "a partition table": (partitioned, "dos"),
    "LVM": (lambda disk: disk.write(LVM), "LVM2_member"),
    "RAID": (raid, "linux_raid_member"),
    "swap": (lambda disk: ask(f"mkswap -q {disk.device}"), "swap"),
    "bytes at its end": (lambda disk: disk.write(b"tail", (320 << 20) - 9), "no known format"),
    "a mount": (
        lambda disk: ask(f"mkfs.ext4 -q {disk.device} && mkdir -p {PLACE}/m && mount -o ro {disk.device} {PLACE}/m"),
        f"mounted at {PLACE}/m",
    ),
    "a mount in a namespace of its own": (
        lambda disk: ask(
            f"mkfs.ext4 -q {disk.device} && (unshare -m sh -c 'echo $$ > {HOLDER}; mount -o ro {disk.device} /mnt && exec sleep 60'"
            " >/dev/null 2>&1 &) && sleep 1"
        ),
        "another mount namespace holds it",
    ),
}


@pytest.mark.parametrize(("occupy", "said"), OCCUPIED.values(), ids=OCCUPIED)
def test_a_disk_that_holds_anything_is_left_alone(disk: Disk, other: Disk, occupy: Callable[[Disk], Any], said: str) -> None:
    occupy(disk)
    before = disk.digest()
    both = {**wish(disk), "log": {"path": f"{PLACE}/log", "device": other.name}}
    answer = run("storage", classes=both)
    assert said in answer["msg"]
    assert disk.digest() == before
    # Nor the one that is blank: all are looked at before any is touched.
    assert other.holds() == []
    assert fails(f"ls '{UNITS}hot.mount' || ls '{UNITS}log.mount'")


def test_data_is_not_hidden_by_a_mount(disk: Disk) -> None:
    ask(f"mkdir -p {HOT}/postgres && echo precious > {HOT}/postgres/data")
    assert f"{HOT}/postgres/data lies there" in run("storage", classes=wish(disk))["msg"]
    assert disk.holds() == []
    ask(f"rm {HOT}/postgres/data")
    assert run("storage", classes=wish(disk))["changed"] is True


def test_a_disk_is_found_whatever_its_name_is_now(disk: Disk, other: Disk) -> None:
    run("storage", classes=wish(disk))
    ask(f"echo precious > {HOT}/data && umount {HOT}")
    # After a boot the kernel has given the names the other way round.
    ask(f"losetup -d {disk.device}; losetup -d {other.device}; losetup {other.device} {disk.image}; losetup {disk.device} {other.image}")
    ask(f"ln -sf {other.device} {disk.name}; ln -sf {disk.device} {other.name}")
    assert run("storage", classes=wish(disk))["steps"] == {"hot": ["mount"]}
    assert ask(f"cat {HOT}/data") == "precious"
    assert disk.holds() == []
    ask(f"umount {HOT}; losetup -d {disk.device}; losetup -d {other.device}")


def test_a_name_that_may_change_and_one_that_is_gone_are_refused(disk: Disk) -> None:
    assert f"write {disk.name}" in run("storage", classes=wish(disk, device=disk.device))["msg"]
    assert "does not exist" in run("storage", classes=wish(disk, device=f"{disk.name}-gone"))["msg"]
    assert "is not a block device" in run("storage", classes=wish(disk, device=disk.image))["msg"]
    assert disk.holds() == []


def test_host_info_tells_the_same_before_anything_is_touched(disk: Disk) -> None:
    ask(f"mkfs.ext4 -q -L mine {disk.device}")
    told = run("host_info", classes=wish(disk))["host"]["storage"]["hot"]
    assert told["device"]["block"]["size"] == 320 << 20
    assert [entry["type"] for entry in told["device"]["signatures"]] == ["ext4"]
    assert told["target"] == {"source": "", "link": False, "holds": ""}

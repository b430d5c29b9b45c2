# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block devices, on a folder that looks like a host's /sys and /dev."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import block_devices
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import BlockDevice
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump

SECTORS = 20 << 21


class Machine:
    """A folder with the files of a host, and the blkid that its devices would see."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[str, str] = {}
        self.code = 2

    def write(self, name: str, text: str) -> None:
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def device(self, name: str, number: str, *, parent: str = "", node: bool = True, **files: str) -> None:
        real = f"/sys/devices/{parent}/{name}" if parent else f"/sys/devices/{name}"
        for file, text in {"size": str(SECTORS), "dev": number, "ro": "0", **files}.items():
            self.write(f"{real}/{file.replace('__', '/')}", text)
        if parent:
            self.write(f"{real}/partition", "1")
        link = self.root / f"sys/class/block/{name}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(self.root / real.lstrip("/"))
        if node:
            self.write(f"/dev/{name}", "\0" * 512)

    def link(self, name: str, target: str) -> None:
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(self.root / target.lstrip("/"))

    def blkid(self, command: list[str], **_options: bool) -> tuple[int, str, str]:
        assert command[0] == "blkid"
        printed = self.found.get(Path(command[-1]).name, "")
        return (0, printed, "") if printed else (self.code, "", "")

    def describe(self) -> dict[str, BlockDevice]:
        return {device.name: device for device in block_devices.describe(Root(str(self.root)), self.blkid)}


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_host_that_shows_none_has_none(machine: Machine) -> None:
    assert machine.describe() == {}


def test_what_a_disk_is(machine: Machine) -> None:
    machine.device(
        "nvme1n1", "259:1", serial="S1", device__model="A  disk ", queue__rotational="0", queue__scheduler="[none] mq-deadline bfq", ro="1"
    )
    machine.link("/dev/disk/by-id/nvme-A_disk_S1", "/dev/nvme1n1")
    machine.link("/dev/disk/by-path/pci-0", "/dev/nvme1n1")
    machine.write("/run/udev/data/b259:1", "S:disk/by-id/nvme-A_disk_S1\nE:ID_SERIAL=A_disk_S1\nE:ID_MODEL=A disk\n")
    found = machine.describe()["nvme1n1"]
    wanted = {
        "path": "/dev/nvme1n1",
        "number": "259:1",
        "by_id": ["/dev/disk/by-id/nvme-A_disk_S1"],
        "links": ["/dev/disk/by-path/pci-0"],
        "id_serial": "A_disk_S1",
        "type": "disk",
        "size": 20 << 30,
        "rotational": False,
        "read_only": True,
        "serial": "S1",
        "model": "A disk",
        "scheduler": "none",
        "schedulers": ["none", "mq-deadline", "bfq"],
        "probed": True,
        "signature": "",
        "mounts": [],
        "root": False,
        "swap": False,
        "busy": False,
    }
    assert {key: dump(found)[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("UUID=u\nTYPE=xfs\nUSAGE=filesystem\nLABEL=hot\n", {"filesystem": "xfs", "uuid": "u", "label": "hot", "signature": "xfs"}),
        ("TYPE=LVM2_member\nUSAGE=raid\n", {"filesystem": "", "usage": "raid", "signature": "LVM2_member"}),
        ("PTTYPE=gpt\nPTUUID=p\n", {"filesystem": "", "partition_table": "gpt", "signature": "gpt", "uuid": ""}),
    ],
)
def test_what_is_on_a_disk(machine: Machine, printed: str, wanted: dict[str, str]) -> None:
    machine.device("vdb", "254:16")
    machine.found["vdb"] = printed
    found = machine.describe()["vdb"]
    assert {key: dump(found)[key] for key in wanted} == wanted


@pytest.mark.parametrize(("code", "probed", "ambivalent"), [(2, True, False), (8, True, True), (4, False, False), (127, False, False)])
def test_only_an_answer_says_that_a_disk_is_empty(machine: Machine, code: int, probed: bool, ambivalent: bool) -> None:
    machine.device("vdb", "254:16")
    machine.code = code
    found = machine.describe()["vdb"]
    assert (found.probed, found.ambivalent) == (probed, ambivalent)


def test_what_cannot_be_opened_was_not_probed(machine: Machine) -> None:
    machine.device("vdb", "254:16", node=False)
    assert machine.describe()["vdb"].probed is False


def test_a_device_without_a_size_is_none(machine: Machine) -> None:
    machine.device("loop0", "7:0", size="0")
    assert machine.describe() == {}


def test_partitions_mounts_and_the_systems_disk(machine: Machine) -> None:
    machine.device("vda", "254:0", queue__scheduler="[mq-deadline] none")
    machine.device("vda1", "254:1", parent="vda")
    machine.device("vda2", "254:2", parent="vda")
    machine.device("vdb", "254:16")
    machine.write("/sys/devices/vda/vda2/holders/dm-0", "")
    machine.device("dm-0", "253:0")
    machine.write("/sys/devices/dm-0/slaves/vda2", "")
    machine.write("/proc/self/mountinfo", "1 0 253:0 / / rw - ext4 /dev/mapper/root rw\n2 1 254:1 / /srv rw - ext4 /dev/root rw\n")
    machine.write("/proc/swaps", "Filename Type Size Used Priority\n/dev/vdb partition 1024 0 -2\n")
    found = machine.describe()
    assert found["vda"].partitions == ("vda1", "vda2")
    assert (found["vda1"].type, found["vda1"].parent, found["vda1"].scheduler) == ("part", "vda", "mq-deadline")
    assert (found["vda1"].mounts, found["dm-0"].mounts) == (("/srv",), ("/",))
    assert {name for name, device in found.items() if device.root} == {"vda", "vda2", "dm-0"}
    assert {name for name, device in found.items() if device.swap} == {"vdb"}
    assert block_devices.disks_below(found.values(), "dm-0") == ["vda"]
    assert block_devices.disks_below(found.values(), "vda1") == ["vda"]
    assert block_devices.disks_below(found.values(), "gone") == []

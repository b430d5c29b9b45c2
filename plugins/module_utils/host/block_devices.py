# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block devices of a host: what they are, what is on them, and who uses them.

Sources: Documentation/ABI/stable/sysfs-block and Documentation/admin-guide/devices.txt of the kernel, blkid(8).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .facts import BlockDevice
from .mounts import Mount, mounts
from .root import Root, Run, output

_CLASS = "/sys/class/block"
# sysfs counts in these, whatever the device's own block is.
_SECTOR = 512
# blkid: nothing found, or too many different things found.
_NOTHING, _AMBIVALENT = 2, 8
_BY_ID = "/dev/disk/by-id/"
_SYSTEM = ("/", "/boot", "/boot/efi", "/usr")


def describe(root: Root, run: Run) -> tuple[BlockDevice, ...]:
    """Return every disk and partition that has a size, ordered by name."""
    names = [name for name in root.names(_CLASS) if root.number(f"{_CLASS}/{name}/size")]
    mounted, links = mounts(root), _links(root)
    swaps = {Path(line.split()[0]).name for line in root.text("/proc/swaps").splitlines()[1:] if line.strip()}
    found = {name: _device(root, run, name, mounted, links, swaps) for name in names}
    system = {name for name, device in found.items() if set(device.mounts) & set(_SYSTEM)}
    return tuple(replace(device, root=bool(_above(found, name) & system)) for name, device in found.items())


def disks_below(devices: Iterable[BlockDevice], name: str) -> list[str]:
    """Return the disks that carry a device: itself, the disk of a partition, the disks under a mapping or an array."""
    known = {device.name: device for device in devices}
    carriers, left = set(), [name]
    while left:
        device = known.get(left.pop())
        if device is None:
            continue
        lower = device.slaves or ((device.parent,) if device.parent else ())
        left += lower
        if not lower:
            carriers.add(device.name)
    return sorted(carriers)


def _device(root: Root, run: Run, name: str, mounted: Sequence[Mount], links: Mapping[str, Sequence[str]], swaps: set[str]) -> BlockDevice:
    block = f"{_CLASS}/{name}"
    number = root.text(f"{block}/dev")
    # The kernel writes the slashes of a device's name as exclamation marks.
    path = "/dev/" + name.replace("!", "/")
    parent = _parent(root, block)
    queue = f"{_CLASS}/{parent or name}/queue"
    schedulers = root.text(f"{queue}/scheduler").split()
    return BlockDevice(
        name=name,
        path=path,
        number=number,
        by_id=tuple(link for link in links.get(path, ()) if link.startswith(_BY_ID)),
        links=tuple(link for link in links.get(path, ()) if not link.startswith(_BY_ID)),
        id_serial=_udev(root, number).get("ID_SERIAL", ""),
        type=_type(root, name, block),
        parent=parent,
        size=(root.number(f"{block}/size") or 0) * _SECTOR,
        rotational=root.number(f"{queue}/rotational") == 1,
        removable=root.number(f"{_CLASS}/{parent or name}/removable") == 1,
        read_only=root.number(f"{block}/ro") == 1,
        serial=root.text(f"{block}/serial") or root.text(f"{block}/device/serial"),
        model=" ".join(root.text(f"{block}/device/model").split()),
        scheduler=next((entry.strip("[]") for entry in schedulers if entry.startswith("[")), None),
        schedulers=tuple(entry.strip("[]") for entry in schedulers),
        **_content(root, run, path),
        partitions=tuple(child for child in root.names(block) if root.exists(f"{block}/{child}/partition")),
        holders=tuple(root.names(f"{block}/holders")),
        slaves=tuple(root.names(f"{block}/slaves")),
        mounts=tuple(mount.at for mount in mounted if mount.device == path or (number and mount.number == number)),
        swap=name in swaps,
    )


def _parent(root: Root, block: str) -> str:
    if not root.exists(f"{block}/partition"):
        return ""
    return Path(os.path.realpath(root.path(block))).parent.name


def _type(root: Root, name: str, block: str) -> Any:
    if root.exists(f"{block}/partition"):
        return "part"
    for head, kind in (("loop", "loop"), ("dm-", "dm"), ("md", "md"), ("zram", "zram"), ("sr", "rom"), ("ram", "ram")):
        if name.startswith(head):
            return kind
    return "disk"


def _links(root: Root) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for folder in ("/dev/mapper", *(f"/dev/disk/{kind}" for kind in root.names("/dev/disk"))):
        for name in root.names(folder):
            link = root.path(f"{folder}/{name}")
            if link.is_symlink():
                found.setdefault("/dev/" + Path(os.path.realpath(link)).name, []).append(f"{folder}/{name}")
    return found


def _udev(root: Root, number: str) -> dict[str, str]:
    lines = root.text(f"/run/udev/data/b{number}").splitlines()
    return dict(line[2:].split("=", 1) for line in lines if line.startswith("E:") and "=" in line)


def _content(root: Root, run: Run, path: str) -> dict[str, Any]:
    readable, busy = _opened(root, path)
    code, printed = output(run, ["blkid", "--probe", "--output", "export", str(root.path(path))]) if readable else (-1, "")
    told = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
    usage, kind = told.get("USAGE", ""), told.get("TYPE", "")
    return {
        "probed": code in (0, _NOTHING, _AMBIVALENT),
        "ambivalent": code == _AMBIVALENT,
        "busy": busy,
        "signature": kind or told.get("PTTYPE", ""),
        "usage": usage,
        "partition_table": told.get("PTTYPE", ""),
        "filesystem": kind if usage == "filesystem" else "",
        "uuid": told.get("UUID", ""),
        "label": told.get("LABEL", ""),
    }


def _opened(root: Root, path: str) -> tuple[bool, bool]:
    """Tell whether a device can be read, and whether something holds it: the kernel then refuses an exclusive opening (open(2))."""
    node = root.path(path)
    busy = False
    for flags in (os.O_RDONLY | os.O_EXCL, os.O_RDONLY):
        try:
            handle = os.open(node, flags | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            busy = busy or error.errno == errno.EBUSY
            continue
        try:
            # blkid says the same of a device that is empty and of one that cannot be read.
            os.pread(handle, _SECTOR, 0)
        except OSError:
            return False, busy
        finally:
            os.close(handle)
        return True, busy
    return False, busy


def _above(found: Mapping[str, BlockDevice], name: str) -> set[str]:
    """Return a device with its partitions and all that is built of them."""
    above, left = set(), [name]
    while left:
        one = left.pop()
        if one in found and one not in above:
            above.add(one)
            left += [*found[one].partitions, *found[one].holders]
    return above

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block devices of a host: what they are, what is on them, and who uses them.

Sources: Documentation/ABI/stable/sysfs-block and Documentation/admin-guide/devices.txt of the kernel, blkid(8).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .mounts import Mount, mounts
from .run import Run, output
from .tree import Tree

_CLASS = "/sys/class/block"
# sysfs counts in these, whatever the device's own block is.
_SECTOR = 512
# blkid: nothing found, or too many different things found.
_NOTHING, _AMBIVALENT = 2, 8
_BY_ID = "/dev/disk/by-id/"
_SYSTEM = ("/", "/boot", "/boot/efi", "/usr")


def describe(tree: Tree, run: Run) -> list[dict[str, Any]]:
    """Return every disk and partition that has a size, ordered by name.

    Each has `name`, `path` (`/dev/…`), `number` (`major:minor`), `by_id` (its names in /dev/disk/by-id), `links` (all its other
    names in /dev), `id_serial` (as udev calls it), `type` (`disk`, `part`, `loop`, `dm`, `md`, `zram`, `ram`, `rom`), `parent` (the
    disk of a partition), `size` (bytes), `rotational`, `removable`, `read_only`, `serial`, `model`, `scheduler` (in force) and
    `schedulers` (present), what was found on it (`signature`, `usage`, `partition_table`, `filesystem`, `uuid`, `label`,
    `ambivalent`), `partitions`, `holders`, `slaves`, `mounts`, `swap` (the kernel swaps to it), `busy` (somebody holds it, even
    out of our sight), `root` (the system itself is on it, on a part of it, or on what is built of it), and `probed`: whether it
    could be read at all. What was not probed is not known to be empty.
    """
    names = sorted(_names(tree))
    mounted = mounts(tree)
    links = _links(tree)
    swaps = {Path(line.split()[0]).name for line in tree.text("/proc/swaps").splitlines()[1:] if line.strip()}
    found = {name: _device(tree, run, name, mounted, links, swaps) for name in names}
    system = {name for name, device in found.items() if set(device["mounts"]) & set(_SYSTEM)}
    for name, device in found.items():
        device["root"] = bool(_above(found, name) & system)
    return list(found.values())


def disks_below(found: list[dict[str, Any]], name: str) -> list[str]:
    """Return the disks that carry a device: itself, the disk of a partition, the disks under a mapping or an array."""
    devices = {device["name"]: device for device in found}
    carriers, left = set(), [name]
    while left:
        device = devices.get(left.pop())
        if device is None:
            continue
        lower = device["slaves"] or ([device["parent"]] if device["parent"] else [])
        left += lower
        if not lower:
            carriers.add(str(device["name"]))
    return sorted(carriers)


def _names(tree: Tree) -> Iterator[str]:
    try:
        entries = list(tree.path(_CLASS).iterdir())
    except OSError:
        return
    for entry in entries:
        if tree.number(f"{_CLASS}/{entry.name}/size"):
            yield entry.name


def _device(tree: Tree, run: Run, name: str, mounted: list[Mount], links: dict[str, list[str]], swaps: set[str]) -> dict[str, Any]:
    block = f"{_CLASS}/{name}"
    number = tree.text(f"{block}/dev")
    # The kernel writes the slashes of a device's name as exclamation marks.
    path = "/dev/" + name.replace("!", "/")
    parent = _parent(tree, block)
    queue = f"{_CLASS}/{parent or name}/queue"
    schedulers = tree.text(f"{queue}/scheduler").split()
    return {
        "name": name,
        "path": path,
        "number": number,
        "by_id": [link for link in links.get(path, []) if link.startswith(_BY_ID)],
        "links": [link for link in links.get(path, []) if not link.startswith(_BY_ID)],
        "id_serial": _udev(tree, number).get("ID_SERIAL", ""),
        "type": _type(tree, name, block),
        "parent": parent,
        "size": (tree.number(f"{block}/size") or 0) * _SECTOR,
        "rotational": tree.number(f"{queue}/rotational") == 1,
        "removable": tree.number(f"{_CLASS}/{parent or name}/removable") == 1,
        "read_only": tree.number(f"{block}/ro") == 1,
        "serial": tree.text(f"{block}/serial") or tree.text(f"{block}/device/serial"),
        "model": " ".join(tree.text(f"{block}/device/model").split()),
        "scheduler": next((entry.strip("[]") for entry in schedulers if entry.startswith("[")), None),
        "schedulers": [entry.strip("[]") for entry in schedulers],
        **_content(tree, run, path),
        "partitions": sorted(child for child in _children(tree, block) if tree.exists(f"{block}/{child}/partition")),
        "holders": _children(tree, f"{block}/holders"),
        "slaves": _children(tree, f"{block}/slaves"),
        "mounts": [mount.at for mount in mounted if mount.device == path or (number and mount.number == number)],
        "swap": name in swaps,
    }


def _children(tree: Tree, folder: str) -> list[str]:
    try:
        return sorted(entry.name for entry in tree.path(folder).iterdir())
    except OSError:
        return []


def _parent(tree: Tree, block: str) -> str:
    if not tree.exists(f"{block}/partition"):
        return ""
    return Path(os.path.realpath(tree.path(block))).parent.name


def _type(tree: Tree, name: str, block: str) -> str:
    if tree.exists(f"{block}/partition"):
        return "part"
    for head, kind in (("loop", "loop"), ("dm-", "dm"), ("md", "md"), ("zram", "zram"), ("sr", "rom"), ("ram", "ram")):
        if name.startswith(head):
            return kind
    return "disk"


def _links(tree: Tree) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for folder in ("/dev/mapper", *(f"/dev/disk/{kind}" for kind in _children(tree, "/dev/disk"))):
        for name in _children(tree, folder):
            link = tree.path(f"{folder}/{name}")
            if link.is_symlink():
                found.setdefault("/dev/" + Path(os.path.realpath(link)).name, []).append(f"{folder}/{name}")
    return found


def _udev(tree: Tree, number: str) -> dict[str, str]:
    lines = tree.text(f"/run/udev/data/b{number}").splitlines()
    return dict(line[2:].split("=", 1) for line in lines if line.startswith("E:") and "=" in line)


def _content(tree: Tree, run: Run, path: str) -> dict[str, Any]:
    readable, busy = _opened(tree, path)
    code, printed = output(run, ["blkid", "--probe", "--output", "export", str(tree.path(path))]) if readable else (-1, "")
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


def _opened(tree: Tree, path: str) -> tuple[bool, bool]:
    """Tell whether a device can be read, and whether somebody holds it: the kernel then refuses an exclusive opening (open(2))."""
    node = tree.path(path)
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


def _above(found: dict[str, dict[str, Any]], name: str) -> set[str]:
    """Return a device with its partitions and all that is built of them."""
    above, left = set(), [name]
    while left:
        one = left.pop()
        if one in found and one not in above:
            above.add(one)
            left += [*found[one]["partitions"], *found[one]["holders"]]
    return above

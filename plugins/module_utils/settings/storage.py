# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage classes: a directory, or a device of its own that is mounted there."""

from __future__ import annotations

import posixpath
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..problems import Finding, suggestion
from ..storage import codes

FILESYSTEMS = ("xfs", "ext4")
BY_ID = "/dev/disk/by-id/"
BY_UUID = "/dev/disk/by-uuid/"

# What a mount always has: reading writes nothing, and a boot does not stop for a disk that is gone.
OPTIONS = ("noatime", "nofail")

# The most bytes of a label that both xfs (12) and ext4 (16) take.
_LABEL = 12
_NAMESPACE = uuid.UUID("6c1c8a4e-5c4f-4c55-9d0c-0b7f6f3f1f5e")
_KEYS = ("path", "device", "filesystem", "options")
_OPTION = re.compile(r"[A-Za-z0-9_.+:=/-]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_MOUNTABLE = re.compile(r"[A-Za-z0-9_.+:@/-]*")
_UUID = re.compile(r"[0-9A-Fa-f-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClass:
    """A class of storage: where it lies and, where `device` is not empty, on what.

    `uuid` is the UUID that its file system has or will have: made of class and device, so that a run knows its own again.
    """

    name: str
    path: str
    device: str = ""
    filesystem: str = FILESYSTEMS[0]
    options: tuple[str, ...] = OPTIONS

    @property
    def label(self) -> str:
        """What the file system is called, for people."""
        return f"ziggie-{self.name}"[:_LABEL]

    @property
    def uuid(self) -> str:
        """The UUID of the file system: the one that is named, or the one that we give."""
        if self.names_filesystem:
            return self.device.removeprefix(BY_UUID).lower()
        return str(uuid.uuid5(_NAMESPACE, f"{self.name}\n{self.device}"))

    @property
    def names_filesystem(self) -> bool:
        """Whether the device is named by a file system that is there already, which is used as it is."""
        return self.device.startswith(BY_UUID)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, as `from_dict` and the storage module take it."""
        return {
            "name": self.name,
            "path": self.path,
            "device": self.device,
            "filesystem": self.filesystem,
            "options": list(self.options),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StorageClass:
        """Take what `to_dict` made."""
        return cls(**{**data, "options": tuple(data["options"])})


def path_of(written: Any) -> str:
    """Return the directory of a class as it was written: a path, or a mapping that has one; empty where there is none."""
    found = written.get("path") if isinstance(written, Mapping) else written
    return str(found) if found else ""


def directories(written: Mapping[str, Any]) -> dict[str, str]:
    """Return the directory of each class, without a slash at its end."""
    return {name: path_of(value).rstrip("/") for name, value in written.items() if path_of(value)}


def parse(written: Mapping[str, Any]) -> tuple[list[StorageClass], list[Finding]]:
    """Return the classes that have a device, and what is wrong with the way any class is written."""
    found: list[StorageClass] = []
    findings: list[Finding] = []
    for name, value in written.items():
        wrong = list(_wrong(str(name), value))
        findings.extend(wrong)
        if isinstance(value, Mapping) and value.get("device") and not wrong:
            found.append(
                StorageClass(
                    name=str(name),
                    path=posixpath.normpath(path_of(value)),
                    device=str(value["device"]),
                    filesystem=str(value.get("filesystem") or FILESYSTEMS[0]),
                    options=tuple(dict.fromkeys((*OPTIONS, *_options(value.get("options"))))),
                )
            )
    findings.extend(_shared(written, found))
    return sorted(found, key=lambda entry: entry.path), findings


def _wrong(name: str, value: Any) -> Iterator[Finding]:
    at = f"stack_storage_classes.{name}"
    path = path_of(value)
    if not _NAME.fullmatch(name):
        yield error(codes.CLASS_INVALID, at, f"{name!r} cannot be a file's name", "use letters, digits, _ and -, a letter or digit first")
    if not path.startswith("/") or posixpath.normpath(path) == "/" or ".." in path.split("/"):
        yield error(codes.CLASS_INVALID, at, f"{path!r} cannot be a directory for data", "write an absolute path below /")
    if not isinstance(value, Mapping):
        return
    if value.get("device") and not _MOUNTABLE.fullmatch(path):
        yield error(codes.CLASS_INVALID, f"{at}.path", f"{path!r} cannot be a mount point", "use letters, digits and _ . + : @ - only")
    for key in value:
        if key not in _KEYS:
            yield error(codes.CLASS_INVALID, f"{at}.{key}", "there is no setting of this name", suggestion(key, _KEYS))
    filesystem = value.get("filesystem") or FILESYSTEMS[0]
    if filesystem not in FILESYSTEMS:
        yield error(codes.CLASS_INVALID, f"{at}.filesystem", f"{filesystem!r} is not made here", suggestion(filesystem, FILESYSTEMS))
    for option in _options(value.get("options")):
        if not _OPTION.fullmatch(option):
            yield error(codes.CLASS_INVALID, f"{at}.options", f"{option!r} is not a mount option", "write options as mount(8) takes them")
    device = str(value.get("device") or "")
    if device.startswith(BY_UUID) and not _UUID.fullmatch(device.removeprefix(BY_UUID)):
        yield error(codes.CLASS_INVALID, f"{at}.device", f"{device!r} names no UUID", f"write {BY_UUID} and the file system's UUID")


def _options(written: Any) -> list[str]:
    return (
        [str(option) for option in written]
        if isinstance(written, (list, tuple))
        else [part for part in str(written or "").split(",") if part]
    )


def _shared(written: Mapping[str, Any], classes: list[StorageClass]) -> Iterator[Finding]:
    holders: dict[str, str] = {}
    for entry in classes:
        other = holders.setdefault(entry.device, entry.name)
        if other != entry.name:
            yield error(
                codes.CLASS_INVALID,
                f"stack_storage_classes.{entry.name}.device",
                f"{entry.device} is already the device of {other}",
                "give each class a device of its own, or a directory on the other's",
            )
    places: dict[str, str] = {}
    for name, path in directories(written).items():
        other = places.setdefault(posixpath.normpath(path), str(name))
        if other != name and {other, name} & {entry.name for entry in classes}:
            yield error(
                codes.CLASS_INVALID,
                f"stack_storage_classes.{name}.path",
                f"{path} is already the path of {other}",
                "give each class its own",
            )


def error(code: str, path: str, message: str, fix: str) -> Finding:
    """Return a finding that stops a run."""
    return Finding(code=code, severity="error", path=path, message=message, fix=fix)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be wrong with a storage class."""

from __future__ import annotations

CLASS_INVALID = "ZH030"
DEVICE_ABSENT = "ZH031"
DEVICE_UNSTABLE = "ZH032"
DEVICE_IN_USE = "ZH033"
DEVICE_HOLDS_DATA = "ZH034"
DEVICE_NOT_BLANK = "ZH035"
DEVICE_TOO_SMALL = "ZH036"
TARGET_HOLDS_DATA = "ZH037"
TARGET_TAKEN = "ZH038"
CLASS_WITHOUT_SPACE = "ZH039"
NO_SYSTEMD = "ZH040"
DEVICE_UNREADABLE = "ZH041"

MEANINGS = {
    CLASS_INVALID: "a storage class is not written as one",
    DEVICE_ABSENT: "the device of a storage class is not there",
    DEVICE_UNSTABLE: "the device of a storage class is named by a name that may change at a boot",
    DEVICE_IN_USE: "the device of a storage class is mounted, partitioned, part of something, or the system's own",
    DEVICE_HOLDS_DATA: "the device of a storage class holds a file system, LVM, RAID, a partition table or the like",
    DEVICE_NOT_BLANK: "the device of a storage class holds bytes that no known format explains",
    DEVICE_TOO_SMALL: "the device of a storage class is smaller than any file system",
    TARGET_HOLDS_DATA: "files lie where a device would be mounted, and would be hidden",
    TARGET_TAKEN: "something else is mounted where a device is wanted, or a link leads there",
    CLASS_WITHOUT_SPACE: "almost nothing is free where a storage class lies",
    NO_SYSTEMD: "the host has no systemd, which would mount the device at boot",
    DEVICE_UNREADABLE: "the content of the device of a storage class cannot be read",
}

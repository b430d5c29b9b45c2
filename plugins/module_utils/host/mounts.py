# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mounted where, by the kernel's own device numbers.

Source: proc_pid_mountinfo(5). A device's name there may be an alias such as `/dev/root`; its number is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .root import Root

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One mount: where, of which device (`number` is `major:minor`), with which file system and options."""

    number: str
    at: str
    device: str
    filesystem: str
    options: str


def mounts(root: Root) -> list[Mount]:
    """Return all mounts in the order in which they were made."""
    found = []
    for line in root.text("/proc/self/mountinfo").splitlines():
        head, _dash, tail = line.partition(" - ")
        first, last = head.split(), tail.split()
        if len(first) >= 6 and len(last) >= 3:
            options = list(dict.fromkeys([*first[5].split(","), *last[2].split(",")]))
            if "ro" in options:
                # A mount may be read-only though its file system is not, and the other way round; either is enough.
                options = ["ro", *(option for option in options if option not in ("ro", "rw"))]
            found.append(
                Mount(
                    number=first[2],
                    at=_plain(first[4]),
                    device=_plain(last[1]),
                    filesystem=last[0],
                    options=",".join(options),
                )
            )
    return found


def holder(found: list[Mount], path: str) -> Mount:
    """Return the mount that a path lies on: the deepest, and of several at one place the last."""
    return max(
        (mount for mount in found if path == mount.at or path.startswith(mount.at.rstrip("/") + "/")),
        key=lambda mount: (len(mount.at), found.index(mount)),
        default=Mount(number="", at="/", device="", filesystem="", options=""),
    )


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), text)

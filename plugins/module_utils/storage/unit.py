# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd unit that mounts a class at boot.

A unit and no line of fstab: it is a file of its own, so it is written and removed by one rename, never shares a file with what
others wrote, and says itself that the engine waits for it.
"""

from __future__ import annotations

from .classes import BY_UUID, StorageClass

UNITS = "/etc/systemd/system"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.")


def unit_name(path: str) -> str:
    """Return the unit's name as systemd-escape(1) makes it of a path."""
    parts = [part for part in path.split("/") if part]
    escaped = ["".join(_escaped(character) for character in part) for part in parts]
    name = "-".join(escaped)
    return (f"\\x2e{name[1:]}" if name.startswith(".") else name) + ".mount"


def render(entry: StorageClass, uuid: str) -> str:
    """Return the unit's text."""
    return f"""\
# Written by ziggie.stack.host_prep; changes here are overwritten.
[Unit]
Description=Storage class {entry.name} of the stack
Before=docker.service

[Mount]
What={BY_UUID}{uuid}
Where={entry.path}
Type={entry.filesystem}
Options={",".join(entry.options)}

[Install]
WantedBy=local-fs.target
"""


def _escaped(character: str) -> str:
    return character if character in _PLAIN else "".join(f"\\x{byte:02x}" for byte in character.encode())

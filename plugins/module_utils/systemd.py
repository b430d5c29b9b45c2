# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd calls things, and the mark of what this collection writes for it.

Sources: systemd.unit(5) (names and their escapes), systemd.slice(5) (a dash nests), systemd-escape(1).
"""

from __future__ import annotations

# Where an administrator's units lie; what packages bring lies elsewhere and is never written to.
UNITS = "/etc/systemd/system"

# The first line of every file that this collection writes outside of its own directory; a file without it is not ours.
MARK = "# Written by ziggie.stack; changes here are overwritten."

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.")


def slice_name(project: str, tier: str = "") -> str:
    """Return the name of a project's slice, or of the slice of one of its tiers, which is nested in it."""
    stem = project.replace("-", "\\x2d")
    return f"{stem}-{tier}.slice" if tier else f"{stem}.slice"


def slice_path(project: str, tier: str = "") -> str:
    """Return the path of a slice in the tree of control groups, relative to its root."""
    whole = slice_name(project)
    return f"{whole}/{slice_name(project, tier)}" if tier else whole


def mount_unit(path: str) -> str:
    """Return the name of the unit that mounts something at a path."""
    parts = [part for part in path.split("/") if part]
    escaped = ["".join(_escaped(character) for character in part) for part in parts]
    name = "-".join(escaped)
    return (f"\\x2e{name[1:]}" if name.startswith(".") else name) + ".mount"


def _escaped(character: str) -> str:
    return character if character in _PLAIN else "".join(f"\\x{byte:02x}" for byte in character.encode())

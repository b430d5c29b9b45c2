# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that host preparation keeps on a host, and the commands that put it into force."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Command = tuple[str, ...]

DAEMON_RELOAD: Command = ("systemctl", "daemon-reload")

_CONTROL = "/run/systemd/system.control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file: `content` (`None`: it must not exist), and the commands that `apply` it when it has changed.

    The commands of all documents run after all files are written, in the order of the documents, each once and where it is named last.
    `due` runs them even where the file is right, because its effect is not in force. `effect` says in words what a change does to what runs.
    """

    path: str
    content: str | None
    mode: str = "0644"
    apply: tuple[Command, ...] = ()
    due: bool = False
    effect: str = "nothing restarts"

    def to_dict(self) -> dict[str, Any]:
        """Return the document as the `files` module takes it."""
        return {
            "path": self.path,
            "state": "absent" if self.content is None else "present",
            **({} if self.content is None else {"content": self.content, "mode": self.mode}),
            "apply": [list(command) for command in self.apply],
            "due": self.due,
        }


def in_force(unit: str, properties: Mapping[str, int | str]) -> Command:
    """Return the command that gives a running unit its new figures at once; `DAEMON_RELOAD` has to follow it.

    Reading a unit again does not touch the group of what runs (seen with systemd 257), setting a property does. What that
    leaves in /run is removed, so that the unit's own file alone says what holds.
    """
    name = shlex.quote(unit)
    words = " ".join(f"{key}={value}" for key, value in properties.items())
    left = " ".join(shlex.quote(f"{_CONTROL}/{unit}.d/50-{key}.conf") for key in properties)
    return ("sh", "-c", f"systemctl is-active --quiet {name} || exit 0; systemctl set-property --runtime {name} {words} && rm -f {left}")

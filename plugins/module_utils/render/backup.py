# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the host back its data up and drill that: timers, the program that they start, and what it may use."""

from __future__ import annotations

from ..settings.backup import Settings
from ..units import MIB

NAME = "ziggie-backup"
DRILL = "ziggie-drill"
# Where the program lies below the project directory, and which module of the core it is.
PROGRAM = "bin/backup"
PROGRAM_OF = "backup/main.py"
UNITS = "/etc/systemd/system"

# A nightly backup and a drill wait for each other, and for a restore.
_WAIT = 6 * 3600

_SERVICE = """\
[Unit]
Description={about} {project}
Documentation=man:systemd.service(5)
After=docker.service network-online.target
Wants=network-online.target
ConditionPathExists={directory}/{program}

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I -S {directory}/{program} {verb} --wait {wait}
ExecStopPost=/usr/bin/python3 -I -S {directory}/{program} resume
TimeoutStartSec=12h
{properties}
"""

_TIMER = """\
[Unit]
Description={about} {project}, {every}

[Timer]
OnCalendar={calendar}
RandomizedDelaySec=5m
Persistent=true

[Install]
WantedBy=timers.target
"""


def properties(memory: int, *, slices: bool) -> dict[str, str]:
    """Return what a backup or restore may use: little memory, and of disk and processor what nobody else wants.

    Without slices there are no weights: for a unit that has one, systemd on cgroup v1 takes control of the whole hierarchy, and moves what runs in
    containers out of their groups.
    """
    weights = {"CPUWeight": "1", "IOWeight": "1"} if slices else {}
    return {
        "MemoryMax": f"{memory // MIB}M",
        "MemorySwapMax": "0",
        "TasksMax": "64",
        "Nice": "19",
        "IOSchedulingClass": "idle",
        **weights,
        "NoNewPrivileges": "yes",
    }


def units(project: str, directory: str, said: Settings, *, slices: bool) -> dict[str, str]:
    """Return the units' texts by path, for the release in a project directory."""
    lines = "\n".join(f"{name}={value}" for name, value in properties(said.memory, slices=slices).items())
    words = {"project": project, "directory": directory, "program": PROGRAM, "properties": lines, "wait": _WAIT}
    found = {}
    for name, verb, about, every, calendar in (
        (NAME, "run", "Back up the data of", "every day", f"*-*-* {said.at}:00"),
        (DRILL, "drill", "Drill the backups of", "every week", f"{said.drill.day} *-*-* {said.drill.at}:00"),
    ):
        found[f"{UNITS}/{name}.service"] = _SERVICE.format(**words, verb=verb, about=about)
        found[f"{UNITS}/{name}.timer"] = _TIMER.format(**words, about=about, every=every, calendar=calendar)
    return found

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the host back its data up: a timer, the program that it starts, and what the program has to know."""

from __future__ import annotations

from ..units import MIB

NAME = "ziggie-backup"
# Where the program lies below the project directory, and which module of the core it is.
PROGRAM = "bin/backup"
PROGRAM_OF = "backup/main.py"
UNITS = "/etc/systemd/system"

_SERVICE = """\
[Unit]
Description=Back up the data of {project}
Documentation=man:systemd.service(5)
After=docker.service network-online.target
Wants=network-online.target
ConditionPathExists={directory}/{program}

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I -S {directory}/{program} run
ExecStopPost=/usr/bin/python3 -I -S {directory}/{program} resume
TimeoutStartSec=12h
{properties}
"""

_TIMER = """\
[Unit]
Description=Back up the data of {project} every day

[Timer]
OnCalendar=*-*-* {at}:00
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


def units(project: str, directory: str, at: str, memory: int, *, slices: bool) -> dict[str, str]:
    """Return the units' texts by path, for the release in a project directory."""
    lines = "\n".join(f"{name}={value}" for name, value in properties(memory, slices=slices).items())
    words = {"project": project, "directory": directory, "program": PROGRAM, "at": at, "properties": lines}
    return {f"{UNITS}/{NAME}.service": _SERVICE.format(**words), f"{UNITS}/{NAME}.timer": _TIMER.format(**words)}

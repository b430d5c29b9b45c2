# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the host write its services' live state: a timer and the program that it starts."""

from __future__ import annotations

NAME = "ziggie-live-state"
# In memory, and below what node-exporter sees of the host.
DIRECTORY = f"/run/{NAME}"
FILE = f"{DIRECTORY}/ziggie.prom"
# Where the program lies below the project directory, and which module of the core it is.
PROGRAM = "bin/live-state"
PROGRAM_OF = "collect/main.py"
UNITS = "/etc/systemd/system"

# How often, in seconds; a look at 27 services takes 0.2 s of a processor.
INTERVAL = 30

# Access to the engine's socket is as strong as root, so all other rights are dropped. What belongs to other users is read
# for certificates and backups alone.
_SERVICE = """\
[Unit]
Description=Write the live state of {project}'s services for node-exporter
Documentation=man:systemd.service(5)
After=docker.service
ConditionPathExists={directory}/{program}

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I -S {directory}/{program} {directory}
TimeoutStartSec=25
RuntimeDirectory={name}
RuntimeDirectoryPreserve=yes
Nice=10
CPUWeight=20
MemoryMax=96M
TasksMax=16
CapabilityBoundingSet=CAP_DAC_READ_SEARCH
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
PrivateDevices=yes
PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
InaccessiblePaths={secrets}
"""

_TIMER = """\
[Unit]
Description=Write the live state of {project}'s services every {interval} seconds

[Timer]
OnActiveSec=0
OnCalendar=*:*:0/{interval}
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def units(project: str, directory: str) -> dict[str, str]:
    """Return the units' texts by path, for the release in a project directory."""
    secrets = " ".join(f"-{place}/secrets" for place in (directory, directory.rpartition("/")[0]))
    words = {"project": project, "directory": directory, "program": PROGRAM, "name": NAME, "secrets": secrets, "interval": INTERVAL}
    return {f"{UNITS}/{NAME}.service": _SERVICE.format(**words), f"{UNITS}/{NAME}.timer": _TIMER.format(**words)}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every path outside of the stack's own directory that host preparation may write.

The storage classes' mount units are not among them: the `storage` module writes those, and their facts are with the classes.
"""

from __future__ import annotations

from ..systemd import UNITS, slice_name
from ..tiers import TIERS

DAEMON_CONFIG = "/etc/docker/daemon.json"
FIREWALL_RULES = "/etc/ziggie/firewall.nft"
FIREWALL_UNIT = f"{UNITS}/ziggie-firewall.service"
FIREWALL_WANTED = f"{UNITS}/docker.service.d/60-ziggie-firewall.conf"
FORMER = "/var/lib/ziggie/before.json"
HUGE_PAGES = "/etc/tmpfiles.d/60-ziggie-huge-pages.conf"
IO_MODULES = "/etc/modules-load.d/60-ziggie-io.conf"
IO_RULES = "/etc/udev/rules.d/90-ziggie-io.rules"
JOURNAL = "/etc/systemd/journald.conf.d/60-ziggie.conf"
SWAP_FILE = "/var/lib/ziggie/swap"
SWAP_SCRIPT = "/usr/local/lib/ziggie/swap"
SWAP_UNIT = f"{UNITS}/ziggie-swap.service"
# A drop-in of the target instead of a link to the unit: a file like all others.
SWAP_WANTED = f"{UNITS}/multi-user.target.d/60-ziggie-swap.conf"
SYSCTL = "/etc/sysctl.d/60-ziggie.conf"
# The units that are protected, each by a drop-in.
PROTECTED = ("ssh.service", "docker.service", "containerd.service", "systemd-journald.service", "system.slice", "user.slice")


def drop_in(unit: str) -> str:
    """Return the path of the drop-in that protects a unit."""
    return f"{UNITS}/{unit}.d/60-ziggie.conf"


def slice_unit(project: str, tier: str = "") -> str:
    """Return the path of the unit of a project's slice."""
    return f"{UNITS}/{slice_name(project, tier)}"


def owned(project: str) -> list[str]:
    """Return every path whose content a plan compares with what it would write."""
    return [
        DAEMON_CONFIG,
        FIREWALL_RULES,
        FIREWALL_UNIT,
        FIREWALL_WANTED,
        FORMER,
        HUGE_PAGES,
        IO_MODULES,
        IO_RULES,
        JOURNAL,
        SWAP_SCRIPT,
        SWAP_UNIT,
        SWAP_WANTED,
        SYSCTL,
        *(drop_in(unit) for unit in PROTECTED),
        *(slice_unit(project, tier) for tier in ("", *TIERS)),
    ]

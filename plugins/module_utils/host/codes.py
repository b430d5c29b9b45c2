# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about a host."""

from __future__ import annotations

NOT_ROOT = "ZH001"
ENGINE_TOO_OLD = "ZH002"
COMPOSE_TOO_OLD = "ZH003"
NETWORK_OVERLAPS = "ZH004"
PORT_TAKEN = "ZH005"
DISK_TOO_SMALL = "ZH006"
CAPACITY_ABOVE_HOST = "ZH007"
DAEMON_CONFIG_INVALID = "ZH008"
NETWORK_INVALID = "ZH009"
STORAGE_CLASS_UNKNOWN = "ZH010"
STORAGE_PATH_SHARED = "ZH011"
SETTING_UNREADABLE = "ZH012"
DISK_TAKEN = "ZH013"
STORAGE_WOULD_MOVE = "ZH020"
SLICE_TAKEN = "ZH060"
FIREWALL_IMPOSSIBLE = "ZH061"
SWAP_IMPOSSIBLE = "ZH062"
SYSCTL_FIXED = "ZH063"

MEANINGS = {
    NOT_ROOT: "the run is not root on the host",
    ENGINE_TOO_OLD: "the Docker Engine is older than what is maintained",
    COMPOSE_TOO_OLD: "Docker Compose is missing or too old",
    NETWORK_OVERLAPS: "a network of the stack overlaps one that the host already has",
    PORT_TAKEN: "a port that the stack publishes is already served",
    DISK_TOO_SMALL: "too little room is free where the engine keeps its images",
    CAPACITY_ABOVE_HOST: "the declared capacity is more than the kernel reports",
    DAEMON_CONFIG_INVALID: "the engine's configuration on the host cannot be read",
    NETWORK_INVALID: "a network of the stack is no network",
    STORAGE_CLASS_UNKNOWN: "a volume has a storage class that has no directory",
    STORAGE_PATH_SHARED: "two volumes would lie in one directory, or one inside of the other",
    SETTING_UNREADABLE: "a setting of the inventory does not parse",
    DISK_TAKEN: "a filesystem that the budget counts on is used by something else",
    STORAGE_WOULD_MOVE: "a volume would leave its data behind",
    SLICE_TAKEN: "a slice that the stack needs is somebody else's",
    FIREWALL_IMPOSSIBLE: "the host cannot have the stack's firewall",
    SWAP_IMPOSSIBLE: "the host cannot swap as it is asked to",
    SYSCTL_FIXED: "a kernel setting cannot be set on this host",
}

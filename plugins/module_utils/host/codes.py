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
STORAGE_WOULD_MOVE = "ZH020"

HOST_CODES = frozenset(value for name, value in dict(globals()).items() if name.isupper())

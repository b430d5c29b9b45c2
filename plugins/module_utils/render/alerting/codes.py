# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about alert receivers."""

from __future__ import annotations

BAD_RECEIVER = "ZM001"
UNKNOWN_RECEIVER_KEY = "ZM002"
MISSING_RECEIVER_KEY = "ZM003"
MISSING_RECEIVER_SECRET = "ZM004"
RECEIVER_NAME_TAKEN = "ZM005"
NO_RECEIVER = "ZM006"
NO_ALERTMANAGER = "ZM007"

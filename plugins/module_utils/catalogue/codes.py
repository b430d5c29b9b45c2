# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about the catalogue and its overrides."""

from __future__ import annotations

UNKNOWN_SERVICE = "ZC001"
UNKNOWN_SECTION = "ZC002"
OVERRIDE_SHAPE = "ZC003"
UNREADABLE_FRAGMENT = "ZC004"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about the catalogue and its overrides."""

from __future__ import annotations

UNKNOWN_SERVICE = "ZC001"
UNKNOWN_SECTION = "ZC002"
OVERRIDE_SHAPE = "ZC003"
UNREADABLE_FRAGMENT = "ZC004"

MEANINGS = {
    UNKNOWN_SERVICE: "an override or an exclusion names a service that the catalogue does not have",
    UNKNOWN_SECTION: "an override has a section that a Compose file does not have",
    OVERRIDE_SHAPE: "an override is no mapping where one is needed",
    UNREADABLE_FRAGMENT: "a fragment of the catalogue cannot be read",
}

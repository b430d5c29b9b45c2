# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about what the Compose Specification does not allow."""

from __future__ import annotations

KEY_UNKNOWN = "ZB320"
WRONG_TYPE = "ZB321"
WRONG_VALUE = "ZB322"
KEY_MISSING = "ZB323"
NAME_INVALID = "ZB324"
KEY_NOT_TEXT = "ZB325"

MEANINGS = {
    KEY_UNKNOWN: "a key that Compose does not know",
    WRONG_TYPE: "a value of another type than Compose expects, such as text in place of a list",
    WRONG_VALUE: "a value that Compose does not accept for this key",
    KEY_MISSING: "a key that Compose needs is missing",
    NAME_INVALID: "a name with characters that Compose does not accept",
    KEY_NOT_TEXT: "a key that YAML reads as a number, a truth value or nothing",
}

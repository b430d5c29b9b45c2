# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of a Budget's plain data: it grows when a key goes or changes, so that what another version of us wrote is not misread."""

from __future__ import annotations

from typing import Any

FORMAT = 1


def current(document: dict[str, Any]) -> dict[str, Any]:
    """Return a Budget that was read back, or an empty one where another version of us wrote it: absent is better than misread."""
    return document if document.get("format") == FORMAT else {}

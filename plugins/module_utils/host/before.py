# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel's settings were before the stack's host preparation set them first."""

from __future__ import annotations

import json
from typing import Any

from .tree import Tree

PLACE = "/var/lib/ziggie/before.json"


def read(tree: Tree) -> dict[str, dict[str, str]]:
    """Return `sysctl` and `huge_pages`, each setting with its former value; empty where nothing was set yet."""
    try:
        noted: dict[str, Any] = json.loads(tree.text(PLACE))
        return {part: {str(name): str(value) for name, value in noted[part].items()} for part in ("sysctl", "huge_pages")}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"sysctl": {}, "huge_pages": {}}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the kernel hands out transparent huge pages.

Source: Documentation/admin-guide/mm/transhuge.rst of the kernel.
"""

from __future__ import annotations

import os
import re
from typing import Any

from .tree import Tree

FOLDER = "/sys/kernel/mm/transparent_hugepage"
FILES = {"enabled": "enabled", "defrag": "defrag", "max_ptes_none": "khugepaged/max_ptes_none"}
_CHOSEN = re.compile(r"\[(.+?)\]")


def describe(tree: Tree) -> dict[str, Any]:
    """Return `enabled`, `defrag` and `max_ptes_none` as text, empty where the kernel has none, and whether they are `writable`."""
    found = {}
    for name, file in FILES.items():
        text = tree.text(f"{FOLDER}/{file}")
        chosen = _CHOSEN.search(text)
        found[name] = chosen[1] if chosen else text
    return {**found, "writable": bool(found["enabled"]) and os.access(tree.path(f"{FOLDER}/enabled"), os.W_OK)}

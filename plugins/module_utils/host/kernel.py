# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's kernel is set to: modules, parameters, swap, huge pages.

Sources: modprobe(8), depmod(8), Documentation/ABI/stable/sysfs-module, proc_swaps(5), Documentation/admin-guide/mm/transhuge.rst of
the kernel.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any

from .facts import FormerSettings, HugePages, ModuleState, Swap, SwapArea
from .root import Root

HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage"
HUGE_PAGES_FILES = {"enabled": "enabled", "defrag": "defrag", "max_ptes_none": "khugepaged/max_ptes_none"}
# Where the first run notes the values that settings had.
FORMER = "/var/lib/ziggie/before.json"

_KIB = 1024
_CHOSEN = re.compile(r"\[(.+?)\]")


def module(root: Root, name: str) -> ModuleState:
    """Return whether a module is loaded (or built in), loadable or absent."""
    if root.exists(f"/sys/module/{name}"):
        return "loaded"
    folder = f"/lib/modules/{root.text('/proc/sys/kernel/osrelease')}"
    if f"/{name}.ko" in root.text(f"{folder}/modules.builtin"):
        return "loaded"
    return "loadable" if f"/{name}.ko" in root.text(f"{folder}/modules.dep") else "absent"


def swap(root: Root) -> Swap:
    """Return what the host swaps to."""
    areas = []
    for line in root.text("/proc/swaps").splitlines()[1:]:
        words = line.split()
        if len(words) >= 5:
            path, kind, size, used, priority = words[:5]
            areas.append(SwapArea(path=path, type=kind, size=int(size) * _KIB, used=int(used) * _KIB, priority=int(priority)))
    return Swap(areas=tuple(areas), zram=module(root, "zram"))


def huge_pages(root: Root) -> HugePages:
    """Return the settings of transparent huge pages."""
    found = {}
    for name, file in HUGE_PAGES_FILES.items():
        text = root.text(f"{HUGE_PAGES}/{file}")
        chosen = _CHOSEN.search(text)
        found[name] = chosen[1] if chosen else text
    return HugePages(**found, writable=bool(found["enabled"]) and os.access(root.path(f"{HUGE_PAGES}/enabled"), os.W_OK))


def sysctl(root: Root, names: Iterable[str]) -> dict[str, str]:
    """Return the values of kernel parameters, as text."""
    return {name: root.text(_parameter(name)) for name in names}


def fixed(root: Root, names: Iterable[str]) -> tuple[str, ...]:
    """Return the parameters that cannot be set from here."""
    return tuple(name for name in names if not os.access(root.path(_parameter(name)), os.W_OK))


def former(root: Root) -> FormerSettings:
    """Return the values that settings had before a run of ours set them first; none where no run did."""
    try:
        noted: dict[str, Any] = json.loads(root.text(FORMER))
        return FormerSettings(**{part: {str(name): str(value) for name, value in noted[part].items()} for part in ("sysctl", "huge_pages")})
    except (ValueError, KeyError, TypeError, AttributeError):
        return FormerSettings()


def _parameter(name: str) -> str:
    return "/proc/sys/" + name.replace(".", "/")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process the kernel would kill first, of each container and of the host, from one pass over /proc.

Source: oom_badness() in mm/oom_kill.c: resident memory, swap and page tables in pages, plus oom_score_adj thousandths of all memory.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from ..engine.cgroup import PROC
from .model import Victim

_KIB = 1024
_NEVER = -1000
_IDENTIFIER = re.compile(r"[0-9a-f]{64}")
HOST = ""


def victims(identifiers: Collection[str], memory: int, *, proc: Path = PROC, most: int = 3) -> Mapping[str, tuple[Victim, ...]]:
    """Return by container id its worst process, and by `HOST` the `most` worst ones of no container, worst first.

    `memory` is all memory and swap of the host in bytes. What cannot be read or may never be killed is left out.
    """
    found: dict[str, list[Victim]] = {}
    try:
        processes = [entry for entry in proc.iterdir() if entry.name.isdigit()]
    except OSError:
        return {}
    for entry in processes:
        victim = _victim(entry, memory)
        if victim is not None:
            found.setdefault(_owner(entry, identifiers), []).append(victim)
    return {owner: tuple(sorted(those, key=_order)[: most if owner == HOST else 1]) for owner, those in found.items()}


def _order(victim: Victim) -> tuple[int, int, int]:
    return -victim.badness, -victim.resident, victim.pid


def _victim(entry: Path, memory: int) -> Victim | None:
    try:
        fields = dict(
            line.split(":", 1) for line in (entry / "status").read_text(encoding="utf-8", errors="replace").splitlines() if ":" in line
        )
        adjustment = int((entry / "oom_score_adj").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    if "VmRSS" not in fields or adjustment == _NEVER or memory <= 0:
        # A kernel thread has no memory of its own.
        return None
    resident = sum(int(fields.get(name, "0").split()[0]) * _KIB for name in ("VmRSS", "VmSwap", "VmPTE"))
    return Victim(
        process=fields.get("Name", "").strip(),
        pid=int(entry.name),
        badness=resident * 1000 // memory + adjustment,
        adjustment=adjustment,
        resident=resident,
    )


def _owner(entry: Path, identifiers: Collection[str]) -> str:
    try:
        lines = (entry / "cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return HOST
    return next((name for name in _IDENTIFIER.findall(lines) if name in identifiers), HOST)

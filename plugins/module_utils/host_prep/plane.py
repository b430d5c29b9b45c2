# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps the host's own services working while the stack is at its limit.

Memory that is `memory.min` is never reclaimed, as far as every group above has as much (cgroup-v2.rst), so the slices above carry
the sums. Figures, from a Debian 13 host with 25 containers (Engine 26.1, containerd 1.7): dockerd 129 MiB, a docker-proxy
4.6 MiB for each published port, containerd 58 MiB, a shim 20 MiB of which half is shared, journald 16 MiB.

A container that floods its log has the engine do the work, outside of every limit of its own (a flood of one line over and over took
0.9 cores of dockerd). Where cores are kept for the critical tier, the engine shares the others with whoever floods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..budget.core_list import written
from ..budget.cores import numbered
from ..budget.units import MIB
from ..host.units import MARK
from .document import DAEMON_RELOAD, Command, Document, in_force

FOLDER = "/etc/systemd/system"
JOURNAL = "/etc/systemd/journald.conf.d/60-ziggie.conf"

# Of the reserve, this much may be held for named services; the rest is for the kernel and for what nobody named.
_SHARE = (1, 2)
# The journal may take this part of the disk's reserve, within these bounds.
_JOURNAL_PART, _JOURNAL_LEAST, _JOURNAL_MOST = 10, 64 * MIB, 1024 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One unit: what it may keep, alone and for each container, when it dies (`None`: as its package says), and if it does containers' work."""

    unit: str
    memory: int
    per_container: int = 0
    oom: int | None = None
    for_containers: bool = False


# sshd makes itself the last to die, and gives what its unit says to everybody who logs in: so its unit says nothing.
GUARDS = (
    Guard(unit="ssh.service", memory=32 * MIB),
    Guard(unit="docker.service", memory=160 * MIB, per_container=4 * MIB, oom=-500, for_containers=True),
    Guard(unit="containerd.service", memory=64 * MIB, per_container=12 * MIB, oom=-999, for_containers=True),
    Guard(unit="systemd-journald.service", memory=32 * MIB, oom=-500),
)
# The slices above: what the rest of the system's services, and whoever has logged in, may keep.
_SYSTEM, _USERS = 64 * MIB, 96 * MIB


def protections(budget: Mapping[str, Any]) -> dict[str, int]:
    """Return the `MemoryMin` of each unit and slice, in whole MiB, scaled down where the reserve is small."""
    containers = sum(int(service["replicas"]) for service in budget["services"].values() if service["enabled"])
    wanted = {guard.unit: guard.memory + guard.per_container * containers for guard in GUARDS} | {"": _SYSTEM, "user.slice": _USERS}
    most = budget["reserve"]["memory"] * _SHARE[0] // _SHARE[1]
    total = sum(wanted.values())
    given = {unit: figure if total <= most else figure * most // total // MIB * MIB for unit, figure in wanted.items()}
    rest = given.pop("")
    return given | {"system.slice": rest + sum(given[guard.unit] for guard in GUARDS)}


def journal(budget: Mapping[str, Any]) -> int:
    """Return the most bytes that the journal may take of the disk."""
    return max(_JOURNAL_LEAST, min(_JOURNAL_MOST, (budget["reserve"].get("disk") or 0) // _JOURNAL_PART // MIB * MIB))


def engine_cores(budget: Mapping[str, Any], core_ids: Sequence[int]) -> str:
    """Return the list of cores that the engine may use, empty for all: those that are not kept for the critical tier."""
    others = [service["cpus"]["cores"] for service in budget["services"].values() if service["tier"] != "critical"]
    count = next((count for count in others if count is not None), None)
    return "" if count is None else written(numbered(core_ids, range(count)))


def documents(budget: Mapping[str, Any], facts: Mapping[str, Any], *, wanted: bool) -> list[Document]:
    """Return the drop-ins of the units and of journald; without systemd, or where they are not wanted, none."""
    wanted = wanted and bool(budget)
    scores = {guard.unit: guard.oom for guard in GUARDS}
    second = facts["cgroup"]["version"] == 2
    minimum = protections(budget) if wanted and second else {}
    cores = engine_cores(budget, facts["core_ids"]) if wanted and second else ""
    confined = {guard.unit: cores for guard in GUARDS if guard.for_containers}
    units = [*scores, "system.slice", "user.slice"]
    found = []
    for unit in units:
        lines = list(_lines(unit, minimum.get(unit), scores.get(unit), confined.get(unit, ""))) if wanted else []
        # Without a figure of ours, what was protected or confined is so no longer.
        figures = {"MemoryMin": minimum.get(unit, 0)} | ({"AllowedCPUs": confined[unit]} if unit in confined else {})
        protect = (in_force(unit, figures),) if second else ()
        commands = (*protect, *_rescore(unit, scores.get(unit)), DAEMON_RELOAD) if facts["systemd"] else ()
        path = f"{FOLDER}/{unit}.d/60-ziggie.conf"
        found.append(Document(path=path, content="\n".join([MARK, *lines, ""]) if lines else None, apply=commands))
    text = f"{MARK}\n[Journal]\nSystemMaxUse={journal(budget) // MIB}M\n" if wanted else None
    restart: tuple[Command, ...] = (("systemctl", "restart", "systemd-journald.service"),) if facts["systemd"] else ()
    return [*found, Document(path=JOURNAL, content=text, apply=restart)]


def _lines(unit: str, minimum: int | None, score: int | None, cores: str) -> Iterator[str]:
    if minimum is None and score is None:
        return
    yield "[Slice]" if unit.endswith(".slice") else "[Service]"
    if minimum is not None:
        yield f"MemoryMin={minimum}"
    if score is not None:
        yield f"OOMScoreAdjust={score}"
    if cores:
        yield f"AllowedCPUs={cores}"


def _rescore(unit: str, score: int | None) -> Iterator[Command]:
    """Yield what gives a running service its score without a restart; a host that is a container may not, and then keeps its own."""
    if score is not None:
        look = f"pid=$(systemctl show --property=MainPID --value {unit})"
        yield ("sh", "-c", f'{look}; [ "${{pid:-0}}" -eq 0 ] || echo {score} > "/proc/$pid/oom_score_adj" 2>/dev/null || true')

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps the host's own services working while the stack is at its limit.

Memory that is `memory.min` is never reclaimed, as far as every group above has as much (cgroup-v2.rst), so the slices above carry
the sums. Figures, from a Debian 13 host with 25 containers (Engine 26.1, containerd 1.7): dockerd 129 MiB, a docker-proxy
4.6 MiB for each published port, containerd 58 MiB, a shim 20 MiB of which half is shared, journald 16 MiB.

A container that floods its log has the engine do the work, outside of every limit of its own (a flood of one line over and over took
0.9 cores of dockerd). Where cores are kept for the critical tier, the engine shares the other cores with the containers that flood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..budget.cores import numbered
from ..budget.model import Budget
from ..host.facts import Facts
from ..systemd import MARK
from ..units import MIB, core_list
from .document import DAEMON_RELOAD, Command, Document, in_force
from .paths import JOURNAL, PROTECTED, drop_in

# Of the reserve, this much may be held for named services; the rest is for the kernel and all others.
_SHARE = (1, 2)
# The journal may take this part of the disk's reserve, within these bounds.
_JOURNAL_PART, _JOURNAL_LEAST, _JOURNAL_MOST = 10, 64 * MIB, 1024 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One unit: the memory that it may keep, alone and for each container, and whether it works for containers.

    `oom` is its score in the kernel's order of death, `None` for the one that its package gives it.
    """

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
# The slices above: what the rest of the system's services, and logged-in users, may keep.
_SYSTEM, _USERS = 64 * MIB, 96 * MIB


def protections(budget: Budget) -> dict[str, int]:
    """Return the `MemoryMin` of each unit and slice in bytes, whole MiB, scaled down where the reserve is small."""
    containers = sum(share.replicas for share in budget.services.values() if share.enabled)
    wanted = {guard.unit: guard.memory + guard.per_container * containers for guard in GUARDS} | {"": _SYSTEM, "user.slice": _USERS}
    most = budget.reserve.memory * _SHARE[0] // _SHARE[1]
    total = sum(wanted.values())
    given = {unit: figure if total <= most else figure * most // total // MIB * MIB for unit, figure in wanted.items()}
    rest = given.pop("")
    return given | {"system.slice": rest + sum(given[guard.unit] for guard in GUARDS)}


def journal(budget: Budget) -> int:
    """Return the most bytes that the journal may take of the disk."""
    return max(_JOURNAL_LEAST, min(_JOURNAL_MOST, (budget.reserve.disk or 0) // _JOURNAL_PART // MIB * MIB))


def engine_cores(budget: Budget, core_ids: Sequence[int]) -> str:
    """Return the list of cores that the engine may use, empty for all: those that are not kept for the critical tier."""
    return core_list(numbered(core_ids, range(budget.cores.host - budget.cores.kept))) if budget.cores.kept else ""


def documents(budget: Budget | None, facts: Facts, *, wanted: bool) -> list[Document]:
    """Return the drop-ins of the units and of journald; without systemd, or where they are not wanted, none."""
    protected = budget if wanted else None
    second = facts.cgroup.version == 2
    minimum = protections(protected) if protected and second else {}
    cores = engine_cores(protected, facts.core_ids) if protected and second else ""
    found = [_drop_in(unit, facts, minimum, cores, protected=protected is not None) for unit in PROTECTED]
    text = f"{MARK}\n[Journal]\nSystemMaxUse={journal(protected) // MIB}M\n" if protected else None
    restart: tuple[Command, ...] = (("systemctl", "restart", "systemd-journald.service"),) if facts.systemd else ()
    return [*found, Document(path=JOURNAL, content=text, apply=restart, effect="journald restarts; containers keep running")]


def _drop_in(unit: str, facts: Facts, minimum: Mapping[str, int], cores: str, *, protected: bool) -> Document:
    guard = next((guard for guard in GUARDS if guard.unit == unit), None)
    score = guard.oom if guard else None
    confined = guard is not None and guard.for_containers
    lines = list(_lines(unit, minimum.get(unit), score, cores if confined else "")) if protected else []
    # Without a figure of ours, what was protected or confined is so no longer.
    figures: dict[str, int | str] = {"MemoryMin": minimum.get(unit, 0)}
    if confined:
        figures["AllowedCPUs"] = cores
    at_once = (in_force(unit, figures),) if facts.cgroup.version == 2 else ()
    return Document(
        path=drop_in(unit),
        content="\n".join([MARK, *lines, ""]) if lines else None,
        apply=(*at_once, *_rescore(unit, score), DAEMON_RELOAD) if facts.systemd else (),
        effect=f"the protection of {unit} changes in place; nothing restarts",
    )


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
    """Yield the command that gives a running service its score without a restart; where the host is a container and may not, it keeps its own."""
    if score is not None:
        look = f"pid=$(systemctl show --property=MainPID --value {unit})"
        yield ("sh", "-c", f'{look}; [ "${{pid:-0}}" -eq 0 ] || echo {score} > "/proc/$pid/oom_score_adj" 2>/dev/null || true')

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Budget as slices of systemd: one for the stack, and in it one for each tier.

The kernel protects a container's reservation (`memory.low`) only as far as every group above it is protected, too
(cgroup-v2.rst, Memory), so each slice carries the sum of what lies in it. `memory.low` is kept as long as there is something else to
reclaim; where there is not, as on a host without swap whose hogs hold anonymous memory, the kernel takes protected memory before it ends
anything. So the critical tier has `memory.min`, too: what it covers is never taken, and the kernel ends a process, by the order of death, instead.
Docker sets none for a container; the tier's covers them all where the control groups are mounted with `memory_recursiveprot`, as systemd does.
Sources: systemd.resource-control(5), systemd.slice(5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..budget.model import Budget, Share
from ..limits import Limits
from ..systemd import MARK, slice_name
from ..tiers import TIERS

# The two I/O schedulers that act by weights.
BFQ, COST = "bfq", "cost"

# The tier whose reservations are kept at all costs.
KEPT = "critical"

# The engine gives a container neither of these.
_PROPERTIES = {
    "memory_min": "MemoryMin",
    "memory_high": "MemoryHigh",
    **{limit.slice.figure: limit.slice.property for limit in Limits.table() if limit.slice},
}
_LEAST, _DEFAULT, _MOST = 1, 100, 10_000
# What Docker counts a container's CPU shares by when nothing is said.
_SHARES = 1024
_PAGE = 1 << 16
# BFQ's own range of weights; systemd maps its own onto it in two straight lines that meet at 100 (src/basic/cgroup-util.h).
_BFQ_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The figures of one slice: bytes, counts, weights.

    `memory_max` and `pids_max` are `None` where only what lies in it is limited, as is `memory_swap`, what may be swapped; `memory_min` where nothing is
    kept at all costs, and `memory_high`, above which the kernel takes back and slows before anything is killed, where the policy asks for none.

    `io_weight` is what the kernel is to hold, 1 to 1000, in the unit of a container's I/O weight.
    """

    name: str
    memory_low: int
    cpu_weight: int
    io_weight: int
    memory_max: int | None = None
    memory_min: int | None = None
    memory_high: int | None = None
    memory_swap: int | None = None
    pids_max: int | None = None

    def to_dict(self) -> dict[str, int]:
        """Return the figures that the kernel is to hold, without what nobody limits."""
        names = ("memory_max", "memory_min", "memory_high", "memory_low", "memory_swap", "pids_max", "cpu_weight", "io_weight")
        figures = {name: getattr(self, name) for name in names}
        return {name: figure for name, figure in figures.items() if figure is not None}


def slices(budget: Budget, project: str) -> dict[str, Slice]:
    """Return the slices of a Budget by tier, `""` being the whole.

    The whole may use pool less margin, which every run's limits fit in. It weighs no more than the host's other groups: the engine is in one
    of those, every line that a container writes goes through it, and whoever starves the engine stops all that log. It weighs less where the
    reserve is more than half of the CPUs: so the host has its reserve even when all containers want all of it. Every sum is over the services that
    run: a service that is off is protected from nothing, and what its tier would carry for it would go to its neighbours instead.
    """
    running = {tier: [share for share in budget.services.values() if share.enabled and share.tier == tier] for tier in TIERS}
    lows = {tier: sum(share.memory.reservation * share.replicas for share in services) for tier, services in running.items()}
    shares = {tier: sum(share.cpus.shares * share.replicas for share in services) for tier, services in running.items()}
    highs = _highs(budget, running, lows)
    most = max(shares.values(), default=0)
    scale = max(most * _DEFAULT // _SHARES, _MOST)
    found = {
        "": Slice(
            name=slice_name(project),
            memory_max=budget.pool.memory - budget.margin,
            memory_min=lows[KEPT],
            memory_low=sum(lows.values()),
            # A container's own limit of 0 is lost whenever systemd reads its units again (seen with systemd 257): runc tells it no such property.
            memory_swap=_swap([share for services in running.values() for share in services]),
            pids_max=sum(share.pids * share.replicas for services in running.values() for share in services),
            cpu_weight=_against(budget.pool.cpus, budget.reserve.cpus),
            io_weight=_DEFAULT,
        )
    }
    for tier, traits in TIERS.items():
        found[tier] = Slice(
            name=slice_name(project, tier),
            memory_min=lows[tier] if tier == KEPT else None,
            memory_high=highs.get(tier),
            memory_low=lows[tier],
            cpu_weight=_clamped(shares[tier] * _DEFAULT * _MOST // (_SHARES * scale)),
            io_weight=traits.io_weight,
        )
    return found


def unit(one: Slice, tier: str, scheduler: str) -> str:
    """Return the text of a slice's unit."""
    about = f"Containers of the {tier} tier" if tier else "Containers of the stack"
    lines = (f"{key}={value}" for key, value in properties(one, scheduler).items())
    return "\n".join([MARK, "[Unit]", f"Description={about}", "[Slice]", *lines, ""])


def properties(one: Slice, scheduler: str) -> dict[str, int]:
    """Return a slice's properties for systemd; a weight of I/O is among them where a scheduler (`bfq`, `cost`) acts by it."""
    figures = {**one.to_dict(), "io_weight": _io(one.io_weight, scheduler)}
    if scheduler not in (BFQ, COST):
        del figures["io_weight"]
    if not one.pids_max:
        figures.pop("pids_max", None)
    return {_PROPERTIES[name]: figure for name, figure in figures.items()}


def differing(one: Slice, live: Mapping[str, int], *, weighed: bool) -> list[str]:
    """Return the figures that a slice should hold and does not; those of I/O count where weights act (`weighed`)."""
    held = {**live, "io_weight": live.get("io_bfq_weight", live.get("io_weight", 0))}
    keys = [key for key in one.to_dict() if key != "io_weight" or weighed]
    return [f"{key} is {held.get(key, 0)}, not {one.to_dict()[key]}" for key in keys if not same(key, one.to_dict()[key], held.get(key, 0))]


def same(key: str, wanted: int, live: int) -> bool:
    """Tell whether the kernel holds a figure: it counts memory in pages, and the largest are 64 KiB."""
    return abs(wanted - live) < _PAGE if key.startswith("memory") else wanted == live


def _io(weight: int, scheduler: str) -> int:
    """Return what to write for systemd so that the scheduler gets this weight."""
    if scheduler == COST or weight <= _DEFAULT:
        return weight
    return _DEFAULT + -(-(weight - _DEFAULT) * (_MOST - _DEFAULT) // (_BFQ_MOST - _DEFAULT))


def _highs(budget: Budget, running: Mapping[str, Sequence[Share]], lows: Mapping[str, int]) -> dict[str, int]:
    """Return the bytes above which each lower tier is slowed: its part of what the kept tier's limits leave, never less than is promised to it.

    Where all limits fit into the pool, no tier can get in another's way, and none is slowed.
    """
    limits = {tier: sum(share.memory.limit * share.replicas for share in services) for tier, services in running.items()}
    room = max(0, budget.pool.memory - budget.margin - limits.pop(KEPT))
    asked = sum(limits.values())
    if budget.policy.memory_high == "none" or asked <= room:
        return {}
    return {tier: max(lows[tier], room * limit // asked // _PAGE * _PAGE) for tier, limit in limits.items() if limit}


def _swap(running: Sequence[Share]) -> int | None:
    """Return the bytes that the stack may swap, nothing where one of its services may swap as the engine lets it."""
    found = [share.memory.swap for share in running]
    return None if None in found else sum((share.memory.swap or 0) * share.replicas for share in running)


def _against(pool: int, reserve: int) -> int:
    return _clamped(min(_DEFAULT * pool // reserve, _DEFAULT)) if reserve > 0 else _DEFAULT


def _clamped(weight: int) -> int:
    return max(_LEAST, min(_MOST, weight))

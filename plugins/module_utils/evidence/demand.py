# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service is configured to take: memory and processes, each with the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of demand. `resource` is memory (bytes) or pids (a count of processes and threads).

    A `firm` amount is taken in normal operation and cannot be given back, so the floor holds it; any other is an upper bound that
    the program may reach, so only the request holds it. An amount `beside` the program is memory of the container that is not the
    program's own.
    """

    resource: str = "memory"
    firm: bool
    beside: bool = False
    meaning: str


KINDS: Mapping[str, Kind] = {
    "heap": Kind(firm=True, meaning="a heap of fixed size and what its runtime takes beside it"),
    "buffers": Kind(firm=True, meaning="memory that a server allocates at its start"),
    "cache": Kind(firm=True, meaning="a cache or data set that fills up to its limit"),
    "limit": Kind(firm=True, meaning="a limit that the program keeps for all of its memory"),
    "guest": Kind(firm=True, meaning="the memory of a virtual machine"),
    "request": Kind(firm=False, meaning="a bound of one unit of work, which takes nothing until it is reached"),
    "workers": Kind(firm=False, meaning="what all further workers take when all are busy"),
    "connections": Kind(firm=False, meaning="what all connections take when all are busy"),
    "fork": Kind(firm=False, meaning="pages copied while a forked process writes a snapshot"),
    "bursts": Kind(firm=False, meaning="memory above a threshold before the program brakes"),
    "file cache": Kind(firm=False, meaning="the kernel's cache of files that the program relies on"),
    "native": Kind(firm=False, meaning="upper bounds of a runtime's memory outside of the heap"),
    "model": Kind(firm=False, meaning="model weights and key-value caches"),
    "tmpfs": Kind(firm=False, beside=True, meaning="files in a tmpfs, which the kernel charges to the container"),
    "shm": Kind(firm=False, beside=True, meaning="the ceiling of /dev/shm, charged only as far as it is used"),
    "threads": Kind(resource="pids", firm=True, meaning="processes and threads"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """An amount that a service is configured to take, in bytes or, for pids, a count. `source` names where it is written."""

    amount: int
    kind: str
    source: str
    sentence: str

    @property
    def resource(self) -> str:
        """Return `memory` or `pids`."""
        return KINDS[self.kind].resource

    @property
    def firm(self) -> bool:
        """Tell whether the floor must hold it."""
        return KINDS[self.kind].firm

    @property
    def beside(self) -> bool:
        """Tell whether it is memory of the container beside the program's own."""
        return KINDS[self.kind].beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The sums of demands. `floor` is the least memory in bytes that holds every firm amount, `request` the most that can be used.

    `beside` is the part of the request that is not the program's: it comes on top of what else is known of the program. `pids` is
    the least count of processes and threads. Zero means that nothing is configured.
    """

    floor: int
    request: int
    beside: int
    pids: int


_NOTHING = Need(floor=0, request=0, beside=0, pids=0)


def need(demands: Iterable[Demand]) -> Need:
    """Return the sums of demands. They add up: each stands for memory of its own."""
    listed = tuple(demands)
    if not listed:
        return _NOTHING
    memory = [demand for demand in listed if demand.resource == "memory"]
    return Need(
        floor=sum(demand.amount for demand in memory if demand.firm),
        request=sum(demand.amount for demand in memory),
        beside=sum(demand.amount for demand in memory if demand.beside),
        pids=sum(demand.amount for demand in listed if demand.resource == "pids"),
    )

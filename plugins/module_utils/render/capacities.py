# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation page that says what of a stack fits on which host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.capacities import Fitting, fit, smallest
from ..budget.capacity import Capacity
from ..budget.model import Budget, Share
from ..tiers import PRIORITIES, TIERS
from ..units import GIB, MIB, cores

# Of a disk of 200 GB, ext4 keeps 1.6% for its tables of inodes and 5% for root: 186 GB are left for use.
USABLE = (93, 100)
# Of a plan of 16 GiB the kernel reports 15974 MiB: it keeps the rest for itself before anything runs.
REPORTED = (15_974, 16_384)
SHOWN = 3

_INTRODUCTION = """# Capacities

<!-- This page is made by plugins/module_utils/render/capacities.py of the catalog and the budget; a test holds it to them. -->

What of the catalog's stack fits on which host, what has to go, and what each service gets. The figures are those that a run would compute:
memory is what the kernel reports (about 97.5% of what a plan is sold as), disk what an ext4 filesystem leaves for use (about 93% of the GB that are
sold), sizes are binary, and the policy is the default one where nothing else is said. What is met in full is bold.

What does not fit goes by importance: the lowest priority first, and of equals the one that asks for most; who depends on a service that
goes, goes with it; what is then still free brings back the most important of those. To leave services out, name them in `catalog_excluded`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A plan as it is sold, in GiB, cores and GB of disk, with what differs from the default policy."""

    size: int
    cpus: int
    disk: int
    reserve: str = ""

    @property
    def policy(self) -> dict[str, Any]:
        """Return what of the policy is not the default."""
        return {"reserve": {"memory": self.reserve}} if self.reserve else {}

    @property
    def memory(self) -> int:
        """Return the bytes that the kernel of such a host reports."""
        return self.size * GIB * REPORTED[0] // REPORTED[1] // MIB * MIB

    @property
    def capacity(self) -> dict[str, Any]:
        """Return what such a host has, as the budget takes it."""
        return {"memory": self.memory, "cpus": self.cpus, "disk": self.disk * 1000**3 * USABLE[0] // USABLE[1] // MIB * MIB}


PROFILES = (
    Profile(size=4, cpus=2, disk=50, reserve="1g"),
    Profile(size=8, cpus=4, disk=100, reserve="1g"),
    Profile(size=16, cpus=4, disk=200),
    Profile(size=24, cpus=6, disk=300),
    Profile(size=32, cpus=8, disk=400),
    Profile(size=64, cpus=16, disk=800),
)


def page(compose: Mapping[str, Any]) -> str:
    """Return the page's text."""
    fittings = {profile: fit(compose, profile.capacity, profile.policy) for profile in PROFILES}
    blocks = [_INTRODUCTION, *_off(fittings.values()), *_whole(smallest(compose)), *_overview(fittings)]
    for profile, fitting in fittings.items():
        blocks.extend(_profile(profile, fitting))
    return "\n".join(blocks)


def _off(fittings: Iterable[Fitting]) -> Iterator[str]:
    budgets = [fitting.budget for fitting in fittings if fitting.budget]
    off = sorted({name for budget in budgets for name, share in budget.services.items() if not share.enabled})
    if off:
        yield f"A service whose credentials are missing is off, holds nothing, and is not counted here: {', '.join(off)}.\n"


def _whole(host: Capacity) -> Iterator[str]:
    plan = -(-host.memory * REPORTED[1] // REPORTED[0] // GIB)
    yield "## The smallest host for the whole stack\n"
    yield f"**{_mib(host.memory)} MiB** of memory as the kernel reports it, so a plan of {plan} GiB, and **{cores(host.cpus)} cores**."
    yield f"With every volume at its floor, an image of each kind, all logs and the reserve for the system it takes {_gib(host.disk or 0)} of disk;"
    yield f"it may start {host.pids} processes and threads with the reserve, and takes no swap.\n"


def _overview(fittings: Mapping[Profile, Fitting]) -> Iterator[str]:
    yield "## At a glance\n"
    yield "| Plan | The kernel reports | Whole stack | Has to go | Services with all they ask for | Disk for use | Volumes get |\n|---|---|---|---|---|---|---|"
    for profile, fitting in fittings.items():
        shares = _on(fitting.budget)
        full = sum(share.memory.limit == share.memory.request for share in shares.values())
        fits = f"lacks {_lacks(fitting)}" if fitting.shortfalls else "fits"
        name = f"[{profile.size} GiB, {profile.cpus} cores](#{_anchor(profile)})"
        taken = fitting.budget.disks[0] if fitting.budget else None
        disk = f"{_gib(taken.disk.size)} of {profile.disk} GB | {_gib(taken.volumes)}" if taken else " | "
        gone = len(fitting.dropped) or "nothing"
        yield f"| {name} | {_mib(profile.memory)} MiB | {fits} | {gone} | {full} of {len(shares)} | {disk} |"
    yield ""


def _profile(profile: Profile, fitting: Fitting) -> Iterator[str]:
    yield f"## {_title(profile)}\n"
    yield f"The kernel reports {_mib(profile.memory)} MiB. {_reserve(profile, fitting)}\n"
    if fitting.dropped:
        yield f"The whole stack lacks {_lacks(fitting)}. What has to go, in this order:\n"
        for position, drop in enumerate(fitting.dropped, start=1):
            because = f", which needs {drop.needs}" if drop.needs else ""
            yield f"{position}. {drop.name} (floor {_mib(drop.floor)} MiB){because}"
        yield ""
    if fitting.budget is None:
        return
    yield "| Service | Tier | Priority | Floor | Gets | Asks for | CPUs reserved | Disk | Its own settings |\n|---|---|---|---:|---:|---:|---:|---:|---|"
    for name, share in sorted(_on(fitting.budget).items(), key=_rank):
        yield _row(name, share)
    yield ""


def _reserve(profile: Profile, fitting: Fitting) -> str:
    if fitting.budget is None:
        return ""
    budget = fitting.budget
    kept = f"of them, less than by default (`stack_policy: {{reserve: {{memory: {profile.reserve}}}}}`)," if profile.reserve else "of them"
    return (
        f"The system keeps {_mib(budget.reserve.memory)} MiB {kept} and {_mib(budget.margin)} MiB are nobody's; "
        f"{_mib(budget.total.memory.limit)} MiB are given to {len(_on(budget))} services."
    )


def _on(budget: Budget | None) -> dict[str, Share]:
    """Return the shares of the services that are not off."""
    return {name: share for name, share in budget.services.items() if share.enabled} if budget else {}


def _lacks(fitting: Fitting) -> str:
    units = {
        "memory": lambda figure: f"{_mib(figure)} MiB",
        "cpus": lambda figure: f"{cores(figure)} cores",
        "disk": lambda figure: f"{_gib(figure)} of disk",
    }
    return ", ".join(units.get(name, lambda figure, name=name: f"{figure} {name}")(figure) for name, figure in fitting.shortfalls.items())


def _rank(entry: tuple[str, Share]) -> tuple[int, int, str]:
    name, share = entry
    return list(TIERS).index(share.tier), PRIORITIES.index(share.priority), name


def _row(name: str, share: Share) -> str:
    memory = share.memory
    settings = ", ".join(f"`{name}={value}`" for name, value in list(share.tuning.settings.items())[:SHOWN])
    gets = f"**{_mib(memory.limit)}**" if memory.limit == memory.request else _mib(memory.limit)
    figures = (_mib(memory.floor), gets, _mib(memory.request), cores(share.cpus.reservation), _disk(share))
    return f"| {' | '.join((name, share.tier, share.priority, *figures, settings))} |"


def _disk(share: Share) -> str:
    asked = sum(volume.request or 0 for volume in share.storage.values())
    figure = _gib(share.disk) if share.disk else ""
    return f"**{figure}**" if share.disk and share.disk == asked else figure


def _title(profile: Profile) -> str:
    return f"{profile.size} GiB, {profile.cpus} cores"


def _anchor(profile: Profile) -> str:
    return _title(profile).lower().replace(",", "").replace(" ", "-")


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{_mib(size)} MiB"


def _mib(size: int) -> str:
    return str(size // MIB)

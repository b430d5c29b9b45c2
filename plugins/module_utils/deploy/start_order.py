# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services can be started now, and which have to wait for another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..compose.values import COMPLETED, HEALTHY, STARTED
from .release import reached

# How far a service is. Each stage fulfils another of Compose's conditions; a job that has ended well fulfils them all.
WAITING, STARTING, RUNNING, UP, OVER = range(5)
_FULFILLED = {STARTED: RUNNING, HEALTHY: UP, COMPLETED: OVER}


class Order:
    """The services that are to come up, each after those that it depends on.

    `after` maps each service to its dependencies and Compose's condition for each. Those that are not among the services are
    taken for fulfilled, and so is one that itself waits for the service, directly or not. Of `ends`, jobs, each is up when it is over.
    """

    def __init__(self, after: Mapping[str, Mapping[str, str]], ends: Collection[str] = ()) -> None:
        within = {name: {leader: after[name][leader] for leader in after[name] if leader in after} for name in after}
        before = {name: reached(within, name) for name in within}
        self._after = {
            name: {leader: within[name][leader] for leader in within[name] if name not in before[leader] and leader != name}
            for name in within
        }
        self._stage = dict.fromkeys(after, WAITING)
        self._wanted = {name: OVER if name in ends else UP for name in after}
        chains: dict[str, int] = {}
        # The service that the longest chain of others waits for is first.
        for name in sorted(within, key=lambda name: (-len(before[name]), name)):
            for leader in self._after[name]:
                chains[leader] = max(chains.get(leader, 0), 1 + chains.get(name, 0))
        self._names = sorted(after, key=lambda name: (-chains.get(name, 0), name))

    def ready(self) -> list[str]:
        """Take the services that can be started now; each is named once."""
        names = [name for name in self._names if self._stage[name] == WAITING and self._is_free(name)]
        self._stage.update(dict.fromkeys(names, STARTING))
        return names

    def see(self, name: str, stage: int) -> None:
        """Take note of how far a service is; one that is being started does not go back to waiting."""
        if stage > WAITING or self._stage[name] == WAITING:
            self._stage[name] = stage

    def missing(self) -> list[str]:
        """Name those that are not up."""
        return sorted(name for name, stage in self._stage.items() if stage < self._wanted[name])

    def underway(self) -> list[str]:
        """Name those that were started, or are being started, and are not up."""
        return sorted(name for name, stage in self._stage.items() if WAITING < stage < self._wanted[name])

    def _is_free(self, name: str) -> bool:
        return all(self._stage[leader] >= _FULFILLED.get(condition, UP) for leader, condition in self._after[name].items())

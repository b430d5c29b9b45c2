# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measurement may look at: the running containers of a stack, by service and by the program that the Budget tuned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..engine.container import number, service, title
from ..engine.settings.subject import SECONDS, Subject, of

Container = Mapping[str, Any]
Found = dict[str, Any]

# The programs mostly wait for each other's processor; more threads than this only make them wait for longer.
WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """The tuner of a service and the settings that it made."""

    tuner: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The containers as the engine describes them, and by service what the Budget on the host tuned."""

    inspected: Sequence[Container]
    tunings: Mapping[str, Tuned]
    project: str
    socket: str

    def running(self) -> Iterator[tuple[str, Container]]:
        """Yield each service that runs, with its container; one with several is named by each of them, as `ziggie-api/2`."""
        counts = Counter(service(container) for container in self.inspected)
        for container in self.inspected:
            if container["State"].get("Running") and not container["State"].get("Paused"):
                name = service(container)
                yield title(name, number(container), counts[name]), container

    def named(self, tuner: str) -> list[str]:
        """Return the services whose tuning is of this tuner, as the stack's network knows them."""
        return sorted({service(container) for _name, container, tuned in self.tuned() if tuned.tuner == tuner})

    def tuned(self) -> Iterator[tuple[str, Container, Tuned]]:
        """Yield each service that runs and was tuned, as `running` does, with what the Budget says of it."""
        for name, container in self.running():
            if service(container) in self.tunings:
                yield name, container, self.tunings[service(container)]

    def of_tuner(self, tuner: str, *, seconds: int = SECONDS) -> dict[str, Subject]:
        """Return the running services whose tuning is of this tuner."""
        return {name: self.subject(container, seconds=seconds) for name, container, tuned in self.tuned() if tuned.tuner == tuner}

    def subject(self, container: Container, *, seconds: int = SECONDS) -> Subject:
        """Return what may be asked of a container."""
        return of(container, self.socket, seconds=seconds)


def together(parts: Mapping[str, Callable[[], Found]]) -> dict[str, Found]:
    """Measure parts that disturb nothing: the probes by themselves, since they have little time, then all others at once."""
    found = {name: parts[name]() for name in parts if name == "probes"}
    with ThreadPoolExecutor(max(1, len(parts))) as pool:
        waiting = {name: pool.submit(part) for name, part in parts.items() if name not in found}
    return found | {name: future.result() for name, future in waiting.items()}


def each(of_each: Callable[[Any], Found], asked: Mapping[str, Any]) -> dict[str, Found]:
    """Ask all at once; return each answer by its name."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip(asked, pool.map(of_each, asked.values()), strict=True))

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measurement may look at: the running containers of a stack, by service and by the program that the Budget tuned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..engine.live import number, service, title
from ..engine.settings.subject import SECONDS, Subject, of

Container = Mapping[str, Any]
Found = dict[str, Any]

WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The containers as the engine describes them, and the Budget on the host."""

    inspected: Sequence[Container]
    budget: Mapping[str, Any]
    socket: str

    def running(self) -> Iterator[tuple[str, Container]]:
        """Yield each service that runs, with its container; one with several is named by each of them, as `ziggie-api/2`."""
        counts = Counter(service(container) for container in self.inspected)
        for container in self.inspected:
            if container["State"].get("Running") and not container["State"].get("Paused"):
                name = service(container)
                yield title(name, number(container), counts[name]), container

    def named(self, engine: str) -> list[str]:
        """Return the services whose tuning is of this engine, as the stack's network knows them."""
        return sorted({name for _title, container in self.running() if self._engine(name := service(container)) == engine})

    def tuned(self, engine: str, *, seconds: int = SECONDS) -> dict[str, Subject]:
        """Return the running services whose tuning is of this engine."""
        return {
            name: self.subject(container, seconds=seconds)
            for name, container in self.running()
            if self._engine(service(container)) == engine
        }

    def subject(self, container: Container, *, seconds: int = SECONDS) -> Subject:
        """Return what may be asked of a container."""
        return of(container, self.socket, seconds=seconds)

    def _engine(self, name: str) -> str:
        tuning = (self.budget.get("services", {}).get(name) or {}).get("tuning") or {}
        return str(tuning.get("engine") or "")


def together(parts: Mapping[str, Callable[[], Found]]) -> dict[str, Found]:
    """Measure parts that disturb nobody: the probes by themselves, since they have little time, then all others at once."""
    found = {name: parts[name]() for name in parts if name == "probes"}
    with ThreadPoolExecutor(max(1, len(parts))) as pool:
        waiting = {name: pool.submit(part) for name, part in parts.items() if name not in found}
    return found | {name: future.result() for name, future in waiting.items()}


def each(of_each: Callable[[Any], Found], asked: Mapping[str, Any]) -> dict[str, Found]:
    """Ask all at once; return each answer by its name."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip(asked, pool.map(of_each, asked.values()), strict=True))

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of a Compose definition as the rules see it: what is written, and what its image is known for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..compose.entries import Mount, Port, Probe
from ..compose.service import Service as Written
from ..compose.values import dig, mapping
from ..images.facts import Facts
from ..images.name import ImageName
from ..images.table import facts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with the facts about its image; memory in bytes, CPUs in millicores, `None` where nothing is written.

    `command` is entrypoint and command together; in `environment` a variable that the shell gives is empty; `variables` adds
    those of env files.
    """

    written: Written
    image: ImageName
    facts: Facts
    command: tuple[str, ...]
    environment: Mapping[str, str]
    variables: Mapping[str, str]

    @classmethod
    def read(cls, name: str, data: Mapping[str, Any], files: Mapping[str, str] | None = None) -> Service:
        """Read a service; what does not parse counts as not written."""
        return cls.of(Written.read(name, data, files))

    @classmethod
    def of(cls, written: Written, *, completes: bool = False) -> Service:
        """Add to a service what its image is known for. `completes` says that others wait for it to end with success."""
        image = ImageName.parse(written.image)
        return cls(
            written=written,
            image=image,
            facts=facts_of(image, written.entrypoint, written.command, completes=completes),
            command=(*(written.entrypoint or ()), *(written.command or ())),
            environment={name: value or "" for name, value in written.environment.items()},
            variables={name: value or "" for name, value in written.variables.items()},
        )

    @property
    def name(self) -> str:
        """Return the service's name."""
        return self.written.name

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the service as written."""
        return self.written.raw

    @property
    def memory(self) -> int | None:
        """Return the memory limit that is written."""
        return self.written.declared.memory.value

    @property
    def own_memory(self) -> int | None:
        """Return the memory limit that the author wrote, `None` where a budget did."""
        budget = mapping(self.data.get("x-budget"))
        return None if budget.get("complete") and not dig(budget, "memory", "asked") else self.memory

    @property
    def heap_bound(self) -> int | None:
        """Return the memory limit that its author's heap is to fit in, `None` where a budget made the limit to fit the heap."""
        return None if mapping(self.data.get("x-budget")).get("complete") else self.memory

    @property
    def memory_at(self) -> str:
        """Return where the memory limit is written, empty where it is not."""
        return self.written.declared.memory.at

    @property
    def reservation(self) -> int | None:
        """Return the memory reservation that is written."""
        return self.written.declared.reservation.value

    @property
    def cpus(self) -> int | None:
        """Return the CPU quota that is written."""
        return self.written.declared.cpus.value

    @property
    def cpus_at(self) -> str:
        """Return where the CPU quota is written, empty where it is not."""
        return self.written.declared.cpus.at

    @property
    def pids(self) -> int | None:
        """Return the limit of processes that is written, 0 or less for unlimited."""
        return self.written.declared.pids.value

    @property
    def pids_at(self) -> str:
        """Return where the limit of processes is written, empty where it is not."""
        return self.written.declared.pids.at

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """Return what is mounted, tmpfs too."""
        return self.written.mounts

    @property
    def ports(self) -> tuple[Port, ...]:
        """Return the published ports."""
        return self.written.ports

    @property
    def probe(self) -> Probe | None:
        """Return the health check that is written."""
        return self.written.probe

    @property
    def replicas(self) -> int:
        """Return how many containers are asked for."""
        return self.written.replicas

    @property
    def budgeted(self) -> bool:
        """Tell whether the budget gives this service its limits."""
        return "x-budget" in self.data

    @property
    def floor(self) -> int:
        """Return the memory below which it is known not to work, 0 where nothing is known."""
        return self.facts.floor

    @property
    def queues(self) -> bool:
        """Tell whether it keeps a queue in Redis."""
        when = self.facts.queue_when
        return when is not None and (not when or self.variables.get(when[0]) == when[1])

    def setting(self, name: str) -> str | None:
        """Return the value of `--name value`, `--name=value` or `-c name=value`; the last one counts, as in most programs."""
        found = None
        for position, word in enumerate(self.command):
            following = self.command[position + 1] if position + 1 < len(self.command) else ""
            key, equals, value = word.lstrip("-").partition("=")
            if key == name and equals:
                found = value
            elif word.startswith(f"--{name} "):
                found = word.partition(" ")[2].strip()
            elif word in (f"--{name}", f"-{name}"):
                found = following
        return found

    def mount_over(self, path: str) -> Mount | None:
        """Return the mount at a path or above it."""
        return next((mount for mount in self.mounts if path == mount.target or path.startswith(mount.target.rstrip("/") + "/")), None)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container as it is now: what the engine was asked for, and what the kernel enforces."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..limits import KernelLimits, Limits
from ..typed import OPTIONAL, dump_fields, load
from .cgroup import CGROUPS, PROC, Group, Protection

LABEL_PREFIX = "ziggie.stack."

# A lab's image that imitates the real one has this label; results say so.
STAND_IN_LABEL = "org.ziggie.lab.stand-in"

_COMPOSE = "com.docker.compose."
# What the engine calls a volume that was given no name.
_UNNAMED = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPort:
    """A port of a container (`80/tcp`) that is published on an address and a port of the host, 0 where the engine picks one."""

    container: str
    address: str
    host: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container in the words of the stack.

    `number` is which of its service's containers it is, from 1. `health` is `none` where there is no probe, and `health_output` what its last run
    printed. `created` and `started` are seconds since 1970, 0 for never. `labels` are ours, without their prefix. `kernel` is empty while the
    container does not run. `cgroup_parent` is the slice or group that it was put into, empty for the engine's own. `unnamed` are the places of its volumes
    that have no name.

    The last four are there where they were asked for (`ziggie.stack.stack_info`): what it uses now, which image its reference points to, how much of
    its memory is protected, and which configuration files are not the release's.
    """

    service: str
    number: int
    name: str
    id: str
    image: str
    image_id: str
    state: str
    health: str
    health_output: str
    restarts: int
    oom_killed: bool
    created: float
    started: float
    exit_code: int
    labels: Mapping[str, str]
    limits: Limits
    kernel: KernelLimits
    cgroup_parent: str
    ports: tuple[PublishedPort, ...]
    stand_in: bool
    unnamed: tuple[str, ...]
    use: Mapping[str, Any] | None = field(default=None, metadata=OPTIONAL)
    image_current: str | None = field(default=None, metadata=OPTIONAL)
    protection: Protection | None = field(default=None, metadata=OPTIONAL)
    changed_files: tuple[str, ...] | None = field(default=None, metadata=OPTIONAL)

    @classmethod
    def of(
        cls,
        inspected: Mapping[str, Any],
        *,
        kernel: bool = True,
        proc: Path = PROC,
        cgroups: Path = CGROUPS,
        cores: Collection[int] | None = None,
    ) -> Container:
        """Return an engine's inspect answer as a container; `cores` are those of the host. Without `kernel`, the kernel's files are not read."""
        state, host = inspected["State"], inspected["HostConfig"]
        labels = inspected["Config"].get("Labels") or {}
        group = Group.of(state["Pid"], proc=proc, cgroups=cgroups) if kernel and state.get("Pid") else None
        return cls(
            service=service(inspected),
            number=number(inspected),
            name=inspected["Name"].lstrip("/"),
            id=inspected["Id"],
            image=inspected["Config"]["Image"],
            image_id=inspected["Image"],
            state=state["Status"],
            health=(state.get("Health") or {}).get("Status", "none"),
            health_output=_last_probe(state),
            restarts=inspected.get("RestartCount", 0),
            oom_killed=bool(state.get("OOMKilled")),
            created=seconds(inspected.get("Created", "")),
            started=seconds(state.get("StartedAt", "")),
            exit_code=state.get("ExitCode", 0),
            labels={key[len(LABEL_PREFIX) :]: value for key, value in labels.items() if key.startswith(LABEL_PREFIX)},
            limits=Limits.of_engine(host, os.sched_getaffinity(0) if cores is None else cores),
            kernel=KernelLimits.read(group.version, group.read) if group else KernelLimits(),
            cgroup_parent=host.get("CgroupParent") or "",
            ports=tuple(_ports(host)),
            stand_in=labels.get(STAND_IN_LABEL) == "true",
            unnamed=tuple(sorted(_unnamed(inspected))),
        )

    @property
    def is_up(self) -> bool:
        """Tell whether it runs and, where it has a probe, is healthy."""
        return self.state == "running" and self.health in ("healthy", "none")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)


# Beside the definition: by service, the image that its tag named when its containers were first made of it.
PINS = "images.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedImage:
    """What a tag named when containers were first made of it: the digest that its registry knows, empty for an image of the host alone, and its id."""

    reference: str
    digest: str
    id: str

    @property
    def pinned(self) -> str:
        """Return the reference with its digest."""
        return f"{self.reference}@{self.digest}" if self.digest and "@" not in self.reference else self.reference


def familiar(reference: str) -> str:
    """Return a reference as the engine lists it: with its tag, without Docker Hub's own name."""
    name = reference.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def is_of(image: str, reference: str) -> bool:
    """Tell whether a container's image is that of a reference: one that is held has its digest besides."""
    return image == reference or ("@" not in reference and image.partition("@")[0] == reference)


def digest_of(reference: str, digests: Iterable[str]) -> str:
    """Return by which digest a registry knows the image of a reference, empty where none does; an engine names the image's repositories with it."""
    name = reference.partition("@")[0].rpartition("/")[2].partition(":")[0]
    known = [entry.partition("@")[::2] for entry in digests]
    return next((digest for repository, digest in known if repository.rpartition("/")[2] == name), "")


def containers(data: Any) -> list[Container]:
    """Return a list of containers as plain data as what it was. Raises `ValueError`."""
    return load(list[Container], data, "containers")


def service(inspected: Mapping[str, Any]) -> str:
    """Return the name of the service that a container, as the engine describes it, belongs to."""
    return str((inspected["Config"].get("Labels") or {}).get(f"{_COMPOSE}service", ""))


def number(inspected: Mapping[str, Any]) -> int:
    """Return which of its service's containers one is."""
    written = str((inspected["Config"].get("Labels") or {}).get(f"{_COMPOSE}container-number", ""))
    return int(written) if written.isdecimal() else 1


def title(service_name: str, which: int, of: int) -> str:
    """Return what a container is called among `of` containers of its service: the service, or `ziggie-api/2`."""
    return service_name if of == 1 else f"{service_name}/{which}"


def seconds(text: str) -> float:
    """Return the seconds since 1970 of a time as the engine writes it (`2026-11-23T21:27:01.123456789Z`), 0 for none."""
    head, _dot, fraction = text.rstrip("Z").partition(".")
    try:
        # The engine writes the year 1 for never.
        return max(datetime.strptime(head, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp() + float(f"0.{fraction[:6] or '0'}"), 0.0)
    except ValueError:
        return 0.0


def _last_probe(state: Mapping[str, Any]) -> str:
    log = (state.get("Health") or {}).get("Log") or []
    return str(log[-1].get("Output", "")).strip()[:500] if log else ""


def _unnamed(inspected: Mapping[str, Any]) -> Iterator[str]:
    for mount in inspected.get("Mounts") or []:
        if mount.get("Type") == "volume" and _UNNAMED.fullmatch(mount.get("Name") or ""):
            yield str(mount["Destination"])


def _ports(host: Mapping[str, Any]) -> Iterator[PublishedPort]:
    for inside, published in sorted((host.get("PortBindings") or {}).items()):
        for outside in published or []:
            yield PublishedPort(container=inside, address=outside.get("HostIp") or "0.0.0.0", host=int(outside["HostPort"] or 0))

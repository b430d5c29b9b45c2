# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit saw of a Docker host. Sizes are bytes, CPU is millicores, times are seconds since 1970, shares are 0 to 1.

`None` means unknown: the audit could not see it. Zero is always a measured zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..limits import Limits
from ..typed import dump_fields, load_fields

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Bytes of a directory or file. `complete` is false where counting stopped early: then it is at least this much."""

    bytes: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a container uses, and what its limits did to it since it was started, from its cgroup.

    `memory` includes page cache; `working_set` excludes the cache that the kernel can drop. `memory_peak` includes page cache (`memory.peak`
    on cgroup v2, `memory.max_usage_in_bytes` on v1). `kernel_limit` is the memory limit that the kernel enforces, 0 for none.
    `cpu` is the use while the audit looked, `cpu_average` since the container was started. `pressure` is the share of the last minute in
    which a task waited for `cpu`, `memory` or `io` (PSI avg60).
    """

    memory: int | None = None
    working_set: int | None = None
    memory_peak: int | None = None
    kernel_limit: int | None = None
    memory_at_limit: int | None = None
    oom_kills: int | None = None
    pids: int | None = None
    cpu: int | None = None
    cpu_average: int | None = None
    throttled_share: float | None = None
    pressure: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Samples of one figure: median, 95th percentile (nearest rank) and maximum."""

    p50: int
    p95: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What watching a container gave: `samples` in `seconds`. `restarted` is true where it was started anew in the window."""

    samples: int
    seconds: float
    restarted: bool
    working_set: Spread | None
    cpu: Spread | None
    pids: Spread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """The process that the kernel would kill first, of a container or of the host.

    `badness` is in thousandths of all memory: resident memory, swap and page tables, plus `adjustment` (oom_score_adj). The kernel kills the
    process with the highest one; -1000 is never killed. Source: oom_badness() in mm/oom_kill.c of the kernel.
    """

    process: str
    pid: int
    badness: int
    adjustment: int
    resident: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A volume or bind mount of a container. `kind` is volume, bind or tmpfs; `source` is the volume's name or the host's path."""

    kind: str
    source: str
    target: str
    read_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A published port: host `address` and `port`, `protocol`, and the port inside (`target`)."""

    address: str
    port: int
    protocol: str
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A container. `project` and `service` are empty where Compose did not make it; `health` is `none` where it has no probe."""

    id: str
    name: str
    project: str
    service: str
    image: str
    state: str
    health: str
    health_output: str
    exit_code: int
    oom_killed: bool
    restarts: int
    restart_policy: str
    created: float
    started: float
    finished: float
    network_mode: str
    limits: Limits
    use: Use
    window: Window | None
    victim: Victim | None
    mounts: tuple[Mounted, ...]
    ports: tuple[Port, ...]
    log: Size | None
    writable: Size | None

    @property
    def running(self) -> bool:
        """Tell whether it has processes."""
        return self.state in ("running", "paused", "restarting")

    @property
    def title(self) -> str:
        """Return what it is called within its project."""
        return self.service or self.name

    @property
    def key(self) -> str:
        """Return what its service is called on this host: `project/service`, or its own name."""
        return f"{self.project}/{self.service}" if self.project else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A named volume, or a directory of the host that containers mount. `used` is false where no container mounts it."""

    kind: str
    name: str
    path: str
    size: Size | None
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The host as its kernel reports it. `available` is MemAvailable; `pressure` is PSI avg60 as a share, by cpu, memory and io.

    `firewalls` names what was found in front of containers; `own_rules` is true where this collection's firewall is loaded, `None` where the audit
    was not allowed to look.
    """

    hostname: str
    kernel: str
    root: bool
    cgroup_version: int
    cores: int
    memory: int
    available: int
    swap: int
    swap_free: int
    pressure: Mapping[str, float]
    firewalls: tuple[str, ...]
    own_rules: bool | None
    victims: tuple[Victim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSeen:
    """The engine that was audited, and the sockets of others on the same host.

    `daemon` is what its configuration file says of logs, ulimits and address pools. `disk_mount` is where the file system lies that holds its data.
    """

    socket: str
    version: str
    root: str
    storage_driver: str
    logging_driver: str
    rootless: bool
    daemon: Mapping[str, Any]
    others: tuple[str, ...]
    disk_mount: str
    disk_size: int | None
    disk_free: int | None
    images: int
    image_bytes: Size | None
    unused_images: int
    build_cache: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All that one audit saw.

    `definitions` holds for each Compose project (empty text: containers of none) the definition that would make its containers, with
    secrets replaced by `${NAME}`. `unknown` says in sentences what could not be seen and why. `watched` is how long it sampled, in seconds.
    """

    format: int
    when: float
    took: float
    watched: float
    machine: Machine
    engine: EngineSeen
    containers: tuple[Seen, ...]
    volumes: tuple[Volume, ...]
    definitions: Mapping[str, Any]
    unknown: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Audit:
        """Read what `to_dict` made. Raises `ValueError` with the path of what is wrong."""
        if data.get("format") != FORMAT:
            raise ValueError(f"format: expected {FORMAT}, got {data.get('format')!r}; another version of the collection wrote this audit")
        return load_fields(cls, data)

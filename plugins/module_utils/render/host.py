# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can do, as far as a definition depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..settings.storage import directories
from ..typed import dump_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What of a budget a host can enforce once it is prepared; each default holds where nothing is known.

    `nofile_max` is the most open files of a process (`None`: no ceiling), `core_ids` the numbers of the host's cores, `devices` maps
    each name of a block device, and each storage class, to the disk that a container's I/O can be throttled on (`None`: not known),
    `reasons` says why a capability is missing, as part of a sentence.
    """

    io_weight: bool = False
    slices: bool = False
    oom_score_adj: bool = True
    memory_reservation: bool = True
    swap_limit: bool = True
    memlock_unlimited: bool = True
    start_interval: bool = True
    live_state: bool = True
    nofile_max: int | None = None
    core_ids: tuple[int, ...] = ()
    cpuset: bool = True
    engine_cores: bool = True
    devices: Mapping[str, str] | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host(Capabilities):
    """What a definition depends on: the capabilities, the project's name, and where things are on the host.

    `storage_classes` maps a class to its directory, `registry_map` a registry to the place to pull from instead, `credentials` are the
    names of those that exist (`None`: those of the budget's policy).
    """

    project: str = "ziggie"
    storage_classes: Mapping[str, str] = field(default_factory=dict)
    registry_map: Mapping[str, str] = field(default_factory=dict)
    credentials: frozenset[str] | None = None

    @classmethod
    def of(cls, capabilities: Capabilities, *, project: str) -> Host:
        """Return a host with these capabilities, of which nothing else matters."""
        return cls(**{one.name: getattr(capabilities, one.name) for one in fields(Capabilities)}, project=project)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> Host:
        """Take what is known of a host; keys that say nothing about a definition are passed over."""
        known = {name: value for name, value in (data or {}).items() if name in cls.__dataclass_fields__ and value is not None}
        if "storage_classes" in known:
            known["storage_classes"] = directories(known["storage_classes"])
        if "credentials" in known:
            known["credentials"] = frozenset(str(name) for name in known["credentials"])
        if "core_ids" in known:
            known["core_ids"] = tuple(sorted(known["core_ids"]))
        return cls(**known)

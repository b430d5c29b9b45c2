# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can do, as far as a definition depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..storage.classes import directories


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The capabilities, each with the value that holds where nothing is known."""

    io_weight: bool = False
    slices: bool = False
    project: str = "ziggie"
    devices: Mapping[str, str] | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
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
    storage_classes: Mapping[str, str] = field(default_factory=dict)
    registry_map: Mapping[str, str] = field(default_factory=dict)
    credentials: frozenset[str] | None = None

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

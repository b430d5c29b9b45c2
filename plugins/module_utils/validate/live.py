# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ziggie.stack.stack_info` returned of a host, and `ziggie.stack.measure` of its slices, as types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.model import Budget
from ..deploy.changes import Changes
from ..deploy.inspect import VolumePlace
from ..engine.container import Container, containers, title
from ..host.slices import SliceState
from ..typed import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A container, and the name that its checks have."""

    subject: str
    container: Container


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Containers, what differs from the release, and the Budget, slices, volumes and clock of the host.

    `budget` is `None` where there is none that can be read, and `unread` says why. `release_changed` are the files of the release that are not those
    that were kept when it came up, `None` where none was kept.
    """

    containers: tuple[Named, ...]
    changes: Changes
    budget: Budget | None
    unread: str
    slices: Mapping[str, SliceState]
    volumes: Mapping[str, VolumePlace]
    release_changed: tuple[str, ...] | None
    now: float

    @classmethod
    def of(cls, answer: Mapping[str, Any], slices: Any) -> Live:
        """Return the modules' answers as types. Raises `ValueError`; a Budget that cannot be read is part of the answer."""
        found, changed = containers(answer["containers"]), answer.get("release_changed")
        counts = Counter(container.service for container in found)
        budget, unread = None, "there is no Budget on the host"
        if answer.get("budget"):
            try:
                budget, unread = load(Budget, answer["budget"]), ""
            except ValueError as error:
                unread = f"the Budget on the host cannot be read ({error})"
        return cls(
            containers=tuple(Named(subject=title(one.service, one.number, counts[one.service]), container=one) for one in found),
            changes=load(Changes, answer.get("changes"), "changes"),
            budget=budget,
            unread=unread,
            slices=load(dict[str, SliceState], slices, "slices"),
            volumes=load(dict[str, VolumePlace], answer.get("volumes", {}), "volumes"),
            release_changed=None if changed is None else load(tuple[str, ...], changed, "release_changed"),
            now=load(float, answer.get("now"), "now"),
        )

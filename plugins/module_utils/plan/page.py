# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report page shows of a Plan: the host first, then the files of the release, then the containers, service by service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..deploy.changes import Changes
from ..deploy.released_files import FileChange
from ..host_prep.changes import HostChange
from ..limits import BYTES, MILLICORES, Limits
from ..render.page.figures import amount
from ..units import cores
from .plan import ContainerChange, Impact, Plan, PlannedHook, container_changes

# What each impact is called and what it does to the service; the most disturbing first.
_ACTIONS: dict[Impact, tuple[str, str]] = {
    "recreated": ("recreate", "the container is replaced"),
    "started": ("start", "the container was never started"),
    "reload": ("reload", "its configuration is read again, the container goes on"),
    "in place": ("in place", "no request fails"),
    "none": ("wait", "it is starting"),
}
_ORDER = list(_ACTIONS)
_UNITS = {limit.name: limit.unit for limit in Limits.table()}
_LONGEST = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A service that differs from the release: the action, what it means, and key, value before and value after of each difference."""

    name: str
    action: str
    meaning: str
    rows: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything that changes, ready to be shown.

    `hooks` are those that run. Of containers: new services, services that are removed, those that differ, and how many stay as they are; `uncompared` says
    why nothing is known of them, empty where they were compared.
    """

    host: tuple[HostChange, ...]
    files: tuple[FileChange, ...]
    hooks: tuple[PlannedHook, ...]
    new: list[str]
    gone: list[str]
    differing: list[Changed]
    same: int
    uncompared: str

    @property
    def count(self) -> int:
        """Return how many things change."""
        return len(self.host) + len(self.files) + len(self.new) + len(self.gone) + len(self.differing)


def planned(plan: Plan) -> Shown:
    """Return what a run changes."""
    services = plan.budget.services if plan.budget else {}
    on = [name for name, share in services.items() if share.enabled]
    # Files of secrets are files like others here: their paths are all that is known of them.
    files = (*(plan.files or ()), *(FileChange(path=path, action="write") for path in plan.secrets))
    return _shown(plan.containers or (), on, plan.host_changes, files, plan.hooks, plan.uncompared)


def compared(changes: Changes) -> Shown:
    """Return how containers differ from their release, where no run is planned."""
    return _shown(container_changes(changes), changes.services)


def _shown(
    containers: Iterable[ContainerChange],
    services: Iterable[str],
    host: tuple[HostChange, ...] = (),
    files: tuple[FileChange, ...] = (),
    hooks: tuple[PlannedHook, ...] = (),
    uncompared: str = "",
) -> Shown:
    acts = {change.service: change for change in containers}
    differing = sorted((one for one in acts.values() if one.impact in _ACTIONS), key=lambda one: (_ORDER.index(one.impact), one.service))
    return Shown(
        host=host,
        files=files,
        hooks=hooks,
        new=sorted(name for name, change in acts.items() if change.impact == "new"),
        gone=sorted(name for name, change in acts.items() if change.impact == "removed"),
        differing=[_changed(change) for change in differing],
        same=len(set(services) - set(acts)),
        uncompared=uncompared,
    )


def _changed(change: ContainerChange) -> Changed:
    action, meaning = _ACTIONS[change.impact]
    if change.replacement:
        meaning = str(change.replacement)
    rows = [(item.key, _value(item.key, item.live), _value(item.key, item.desired)) for item in change.differences]
    return Changed(name=change.service, action=action, meaning=meaning, rows=rows or [("", "", "")])


def _value(key: str, value: object) -> str:
    kind = key.rpartition(".")[2]
    if isinstance(value, int) and not isinstance(value, bool):
        if _UNITS.get(kind) is BYTES:
            return amount(value) if value > 0 else "none"
        if _UNITS.get(kind) is MILLICORES:
            return f"{cores(value)} CPUs" if value else "none"
    written = "nothing" if value in (None, "") else str(value)
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}\u2026"

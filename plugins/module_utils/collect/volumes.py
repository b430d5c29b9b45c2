# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of the disk volumes take, against what the Budget gives them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from ..budget.model import Budget
from .exposition import Family, values

USED = "ziggie_volume_used_bytes"
SIZE = "ziggie_volume_size_bytes"
MEASURED = "ziggie_volume_measured_timestamp_seconds"

# After how many seconds a volume is measured anew, and for how many all measuring of one run may take.
AGAIN = 900.0
PATIENCE = 5.0
# The unit of st_blocks, whatever the filesystem's own (stat(2)).
_BLOCK = 512


def families(
    volumes: Mapping[str, str], budget: Budget | None, before: str, now: float, clock: Callable[[], float], problems: list[str]
) -> list[Family]:
    """Return what each volume takes and may take; `volumes` are directories by name, `before` is the text of the last run.

    One volume is measured in a run, the one whose turn it is, and all those that never were; the others keep their figures. One that
    cannot be measured, or not in time, has none and is named in `problems`.
    """
    used = Family(name=USED, kind="gauge", help="What the volume's files take of the disk.")
    size = Family(name=SIZE, kind="gauge", help="What the Budget gives the volume of the disk.")
    measured = Family(name=MEASURED, kind="gauge", help="When the volume was last measured, in seconds since 1970.")
    owners = _owners(volumes, budget)
    figures, times = values(before, USED, "volume"), values(before, MEASURED, "volume")
    turns = sorted(owners, key=lambda volume: (times.get(volume, 0.0), volume))
    due = [volume for place, volume in enumerate(turns) if volume not in times or (place == 0 and now - times[volume] > AGAIN)]
    deadline = clock() + PATIENCE
    why: dict[str, str] = {}
    for volume in due:
        figures.pop(volume, None)
        times[volume] = now
        try:
            figures[volume] = _used(volumes[volume], deadline, clock)
        except OSError as error:
            why[volume] = str(error)
    problems.extend(
        f"{volume} in {volumes[volume]} cannot be measured: {why.get(volume, 'it could not when it was its turn')}"
        for volume in owners
        if volume not in figures
    )
    for volume, (service, room) in owners.items():
        labels = {"service": service, "volume": volume}
        size.add(room, **labels)
        if volume in times:
            measured.add(times[volume], **labels)
        if volume in figures:
            used.add(int(figures[volume]), **labels)
    return [size, used, measured]


def _owners(volumes: Mapping[str, str], budget: Budget | None) -> dict[str, tuple[str, int]]:
    """Return by volume the service that it is of and its size in the Budget."""
    found = {}
    for name, share in sorted(budget.services.items()) if budget else ():
        for volume, storage in share.storage.items():
            if share.enabled and volume in volumes and storage.size:
                found[volume] = (name, storage.size)
    return found


def _used(place: str, deadline: float, clock: Callable[[], float]) -> int:
    """Return what is below a directory; a file that goes in the meantime counts as it was seen."""
    total, waiting = 0, [place]
    while waiting:
        if clock() > deadline:
            raise TimeoutError(f"more than {PATIENCE:g} s")
        path = waiting.pop()
        try:
            entries = list(os.scandir(path))
        except FileNotFoundError:
            if path == place:
                raise
            continue
        for entry in entries:
            try:
                total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
            except FileNotFoundError:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
    return total

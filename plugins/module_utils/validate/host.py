# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the data lies where it should, with room to grow, and the host knows what time it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..deploy.inspect import VolumePlace
from .check import Check, judged, unknown
from .live import Live


def checks(live: Live, targets: Mapping[str, float], clock: tuple[float, float]) -> Iterator[Check]:
    """Judge volumes, room and clock; `clock` is the controller's time before and after the host was asked."""
    for name, volume in live.volumes.items():
        if volume.device:
            yield judged(
                "compliance.volume",
                name,
                well=volume.device == volume.released,
                figure=volume.device,
                sentence=f"its data lies in {volume.device}, the release says {volume.released}; move the data, then the volume",
            )
        else:
            yield unknown("compliance.volume", name, sentence="the engine has no such volume, or does not say where it lies")
    yield from _room(live.volumes, targets["disk_free_share"])
    before, after = clock
    off = max(before - live.now, live.now - after, 0.0)
    yield judged(
        "compliance.clock",
        well=off <= targets["clock"],
        figure=f"{off:.1f} s off",
        sentence=f"the host's clock is {off:.0f} s off the controller's; look at its time service (timedatectl)",
    )


def _room(volumes: Mapping[str, VolumePlace], least: float) -> Iterator[Check]:
    """Judge each file system once, named by the first volume on it."""
    seen = set()
    for name, volume in volumes.items():
        room = (volume.size, volume.free)
        if not volume.size or volume.free is None:
            yield unknown("compliance.room", name, sentence=f"{volume.released} cannot be looked at")
        elif room not in seen:
            seen.add(room)
            share = volume.free / volume.size
            yield judged(
                "compliance.room",
                name,
                well=share >= least,
                figure=f"{share:.0%} free",
                sentence=f"{volume.free >> 20} MiB of the file system of {volume.released} are free, {least:.0%} should be",
            )

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service mounts the volumes whose directories we own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def without_copy(mounts: list[Any], volumes: Collection[str]) -> list[Any]:
    """Return a service's mounts with those of the given volumes set to copy nothing.

    On the first mount of an empty volume the engine copies what the image has at that place, and with it the image's owner
    and mode over the directory's own (moby, volume/mounts and container/archive: "copy-up"). `nocopy` leaves ours.
    """
    return [_one(mount, volumes) for mount in mounts]


def _one(mount: Any, volumes: Collection[str]) -> Any:
    if isinstance(mount, Mapping):
        if mount.get("type") != "volume" or mount.get("source") not in volumes:
            return mount
        return {**mount, "volume": {**(mount.get("volume") or {}), "nocopy": True}}
    source, _colon, rest = str(mount).partition(":")
    if source not in volumes or not rest:
        return mount
    target, _colon, options = rest.partition(":")
    read_only = {"read_only": True} if "ro" in options.split(",") else {}
    return {"type": "volume", "source": source, "target": target, **read_only, "volume": {"nocopy": True}}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service mounts the volumes whose directories we own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..compose.entries import Mount
from ..compose.values import mapping


def without_copy(mounts: list[Any], volumes: Collection[str]) -> list[Any]:
    """Return a service's mounts with those of the given volumes set to copy nothing.

    On the first mount of an empty volume the engine copies what the image has at that place, and with it the image's owner
    and mode over the directory's own (moby, volume/mounts and container/archive: "copy-up"). `nocopy` leaves ours.
    """
    return [_one(mount, volumes) for mount in mounts]


def _one(entry: Any, volumes: Collection[str]) -> Any:
    mount = Mount.read(entry)
    if mount.kind != "volume" or mount.source not in volumes:
        return entry
    read_only = {"read_only": True} if mount.read_only else {}
    written = entry if isinstance(entry, Mapping) else {"type": "volume", "source": mount.source, "target": mount.target, **read_only}
    return {**written, "volume": {**mapping(written.get("volume")), "nocopy": True}}

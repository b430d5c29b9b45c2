# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On which block device each part of a stack's data lies, or will lie once its storage class is mounted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..storage.classes import StorageClass

ENGINE = ""


def places(
    disks: Mapping[str, Mapping[str, Any]], blocks: Iterable[Mapping[str, Any]], root: str, classes: Iterable[StorageClass]
) -> dict[str, str]:
    """Return the kernel's name of a device by storage class, and by `""` that of the engine's `root`; what is not to be seen is left out."""
    named = {name: block["name"] for block in blocks for name in (block["path"], *block["by_id"], *block["links"])}
    found = {ENGINE: disks[root]["block"]}
    for one in classes:
        found[one.name] = named.get(one.device, "") if one.device else disks[one.path]["block"]
    return {name: device for name, device in found.items() if device}

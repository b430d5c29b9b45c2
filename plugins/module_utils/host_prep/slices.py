# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit files of a stack's slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host.units import TIERS, slice_name
from ..render.slices import units
from .document import DAEMON_RELOAD, Document

PLACE = "/etc/systemd/system"


def documents(budget: Mapping[str, Any], facts: Mapping[str, Any], project: str, *, wanted: bool, scheduler: str) -> list[Document]:
    """Return the slices, or none where they are not wanted; systemd gives what runs its new figures when it reads a unit again."""
    texts = units(budget, project, scheduler) if wanted and budget else {}
    names = [slice_name(project, tier) for tier in ("", *TIERS)]
    return [Document(path=f"{PLACE}/{name}", content=texts.get(name), apply=(DAEMON_RELOAD,) if facts["systemd"] else ()) for name in names]

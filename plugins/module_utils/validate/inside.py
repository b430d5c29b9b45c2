# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether each container has the files that were released and the image that was meant."""

from __future__ import annotations

from collections.abc import Iterator

from .check import Check, judged, unknown
from .live import Live, Named
from .state import REDEPLOY


def checks(live: Live) -> Iterator[Check]:
    """Judge files and image of every container."""
    for one in live.containers:
        if one.container.service not in live.changes.services:
            continue
        changed = one.container.changed_files or ()
        yield judged(
            "compliance.files",
            one.subject,
            well=not changed,
            figure=f"{len(changed)} changed",
            sentence=f"{', '.join(changed)}: the content is not what was released; {REDEPLOY}",
        )
        yield _image(one)


def _image(one: Named) -> Check:
    container = one.container
    current = container.image_current
    if not current:
        return unknown("compliance.image", one.subject, sentence=f"{container.image} is not an image on the host any more")
    return judged(
        "compliance.image",
        one.subject,
        well=current == container.image_id,
        figure=container.image_id.removeprefix("sha256:")[:12],
        sentence=f"{container.image} is now another image than the one that runs; recreate the service",
    )

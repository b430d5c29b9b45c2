# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the programs have the settings that the Budget gave them, from the files that were released, and the image that was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .check import Check, judged, passed, unknown
from .state import REDEPLOY


def checks(live: Mapping[str, Any]) -> Iterator[Check]:
    """Judge settings, files and image of every container."""
    for container in live["containers"]:
        if container["service"] not in live["changes"]["services"]:
            continue
        yield from _settings(container)
        changed = container.get("changed_files", [])
        yield judged(
            "compliance.files",
            container["subject"],
            well=not changed,
            figure=f"{len(changed)} changed",
            sentence=f"{', '.join(changed)}: the content is not what was released; {REDEPLOY}",
        )
        yield _image(container)


def _settings(container: Mapping[str, Any]) -> Iterator[Check]:
    asked = container.get("settings") or {}
    if not asked:
        return
    differences = ", ".join(f"{entry['key']} is {entry['live']}, not {entry['desired']}" for entry in asked["differences"])
    if differences:
        yield judged(
            "compliance.settings", container["subject"], well=False, figure=f"{len(asked['differences'])} differ", sentence=differences
        )
    elif asked["unknown"]:
        yield unknown("compliance.settings", container["subject"], sentence=f"{asked['engine']}: {'; '.join(asked['unknown'])}")
    else:
        yield passed("compliance.settings", container["subject"], figure=f"{len(asked['live'])} agree")


def _image(container: Mapping[str, Any]) -> Check:
    current = container.get("image_current", "")
    if not current:
        return unknown("compliance.image", container["subject"], sentence=f"{container['image']} is no image on the host any more")
    return judged(
        "compliance.image",
        container["subject"],
        well=current == container["image_id"],
        figure=container["image_id"].removeprefix("sha256:")[:12],
        sentence=f"{container['image']} is now another image than the one that runs; recreate the service",
    )

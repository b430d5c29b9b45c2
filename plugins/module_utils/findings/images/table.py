# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is known of images, by what they are called."""

from __future__ import annotations

from collections.abc import Mapping

from . import applications, databases, monitoring, operations, selfhosted
from .facts import UNKNOWN, Facts
from .name import ImageName

IMAGES: Mapping[str, Facts] = {**databases.TABLE, **applications.TABLE, **monitoring.TABLE, **operations.TABLE, **selfhosted.TABLE}


def facts_of(image: ImageName) -> Facts:
    """Return what is known of an image; a Facts that knows nothing where no table names it."""
    return next((IMAGES[key] for key in image.names() if key in IMAGES), UNKNOWN)

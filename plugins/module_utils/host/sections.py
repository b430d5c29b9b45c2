# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walk a Compose definition that may be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def mappings(section: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the named mappings of a section; what has another shape is the budget's to report."""
    if isinstance(section, Mapping):
        yield from ((str(name), value) for name, value in section.items() if isinstance(value, Mapping))

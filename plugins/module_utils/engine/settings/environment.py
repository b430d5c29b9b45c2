# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are set by their environment: what stands in that of the running process."""

from __future__ import annotations

from . import sizes
from .probe import Probe
from .subject import Subject


def ask(subject: Subject) -> dict[str, str]:
    """Return the program's environment."""
    return dict(subject.program().environment)


def normal(name: str, value: str) -> object:
    """Return bytes for Go's memory limit, else the text."""
    return sizes.size(value, sizes.GO) if name == "GOMEMLIMIT" else value


GO = Probe(engine="go", ask=ask, normal=normal)
OLLAMA = Probe(engine="ollama", ask=ask)

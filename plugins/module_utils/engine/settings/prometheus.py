# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: the flags that it runs with, and the limit that its Go runtime has."""

from __future__ import annotations

from . import sizes
from .probe import Probe
from .subject import Subject

PORT = 9090


def ask(subject: Subject) -> dict[str, str]:
    """Return every flag, and GOMEMLIMIT in bytes."""
    flags = subject.fetch(PORT, "/api/v1/status/flags")["data"]
    runtime = subject.fetch(PORT, "/api/v1/status/runtimeinfo")["data"]
    return {**flags, "GOMEMLIMIT": str(runtime["GOMEMLIMIT"])}


def normal(name: str, value: str) -> object:
    """Return bytes, seconds or a number."""
    if name == "GOMEMLIMIT":
        return sizes.size(value, sizes.GO)
    if name.endswith("retention.size"):
        return sizes.parts(value, sizes.PROMETHEUS)
    return sizes.parts(value, sizes.DURATION) if name.endswith("retention.time") else int(value)


PROBE = Probe(engine="prometheus", ask=ask, normal=normal)

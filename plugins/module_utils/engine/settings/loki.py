# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loki: its environment, and the retention of its configuration file, which must be older than the container."""

from __future__ import annotations

import re

from . import environment
from .probe import Probe
from .subject import Subject, UnknownError

_FILE = re.compile(r"--?config\.file[= ](\S+)")
_RETENTION = re.compile(r"^\s*retention_period:\s*(\S+)\s*$", re.MULTILINE)


def ask(subject: Subject) -> dict[str, str]:
    """Return the environment and the retention."""
    program = subject.program()
    path = _FILE.search(program.title)
    if path is None:
        raise UnknownError("it was started without a configuration file")
    retention = _RETENTION.search(subject.read(path[1]))
    return {**program.environment, **({"retention_period": retention[1]} if retention else {})}


PROBE = Probe(engine="loki", ask=ask, normal=environment.normal)

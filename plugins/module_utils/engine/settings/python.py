# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gunicorn and Uvicorn: the workers that live."""

from __future__ import annotations

from .probe import Probe
from .subject import Subject

# What multiprocessing starts beside the workers.
_HELPERS = ("resource_tracker", "semaphore_tracker", "forkserver")


def ask(subject: Subject) -> dict[str, str]:
    """Count the children of the container's program; one without children serves alone."""
    program = subject.program()
    children = [
        process
        for process in subject.processes()
        if process.parent == program.pid and not any(helper in process.title for helper in _HELPERS)
    ]
    return {"workers": str(len(children) or 1)}


PROBE = Probe(engine="python", ask=ask)

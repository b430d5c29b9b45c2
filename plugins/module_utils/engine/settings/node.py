# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node.js: the heap limit that the running process was started with.

A second `node` would tell of itself, so the process's own command line and environment are read; the command line wins.
"""

from __future__ import annotations

import re

from .probe import Probe
from .subject import Subject

_HEAP = re.compile(r"--max[-_]old[-_]space[-_]size=(\d+)")


def ask(subject: Subject) -> dict[str, str]:
    """Return the heap limit, where there is one, and the threads of libuv."""
    program = subject.program()
    found = {name: program.environment[name] for name in ("UV_THREADPOOL_SIZE",) if name in program.environment}
    heaps = _HEAP.findall(program.environment.get("NODE_OPTIONS", "")) + _HEAP.findall(program.title)
    # What is not said is Node's own choice by the memory it sees, which is no setting of the Budget.
    return found | {"max-old-space-size": heaps[-1] if heaps else "unset"}


PROBE = Probe(engine="node", ask=ask)

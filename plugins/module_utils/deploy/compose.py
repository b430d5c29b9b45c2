# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Compose is asked for, and what it says when it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DAEMON = re.compile(r"^(?:time=\S+ level=\w+ msg=)?\"?(?:Error response from daemon: |error: )*(.*?)\"?$", re.IGNORECASE)


def command(socket: str, project: str, directory: str, *words: str) -> list[str]:
    """Return a command of Compose on the release in a directory."""
    return [
        *("docker", "--host", f"unix://{socket}", "compose", "--ansi", "never"),
        *("--project-name", project, "--project-directory", directory, "--file", f"{directory}/compose.yml"),
        *words,
    ]


def make(services: Iterable[str], *, anew: bool) -> list[str]:
    """Return the words that make containers, with their networks and volumes, and start none; `anew` replaces those that are there."""
    return ["up", "--no-start", "--no-deps", "--quiet-pull", "--force-recreate" if anew else "--no-recreate", "--", *services]


def pull(services: Iterable[str]) -> list[str]:
    """Return the words that fetch images."""
    return ["pull", "--quiet", "--", *services]


def start(service: str) -> list[str]:
    """Return the words that start one service whose container is there, with all that only Compose does for it."""
    return ["up", "--detach", "--no-deps", "--no-recreate", "--", service]


def reason(output: str) -> str:
    """Return in one line why a command failed: what the engine said, or else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = [line for line in lines if "error response from daemon" in line.lower()] or lines
    found = _DAEMON.match(said[-1]) if said else None
    return found[1].rstrip(".") if found else "no reason given"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running other programs, and the one error that ends a run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

# The legacy builder needs no plugin, and the plugin is what a bare client lacks.
ENVIRONMENT = {**os.environ, "DOCKER_BUILDKIT": "0", "DOCKER_CLI_HINTS": "false", "LC_ALL": "C.UTF-8"}


class LabError(Exception):
    """What went wrong, as a sentence for the person at the terminal."""


def run(command: Sequence[str], *, sentence: str, stdin: str | None = None, log: Path | None = None) -> str:
    """Run a command and return what it printed; end with the sentence and the output's end if it fails."""
    done = subprocess.run(
        list(command),
        input=stdin if stdin is not None else "",
        text=True,
        capture_output=True,
        env=ENVIRONMENT,
        check=False,
    )
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        where = f" (the whole log: {log})" if log is not None else ""
        raise LabError(f"{sentence}{where}\n{tail}")
    return done.stdout


def succeeds(command: Sequence[str], *, seconds: float = 30) -> bool:
    """Say whether a command ends well."""
    return answer(command, seconds=seconds) is not None


def answer(command: Sequence[str], *, seconds: float = 30) -> str | None:
    """What a command prints, stripped, or None if it fails or takes too long."""
    try:
        done = subprocess.run(list(command), capture_output=True, text=True, env=ENVIRONMENT, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None

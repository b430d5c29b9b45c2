# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call the program on the host that backs up and restores, within its own limits where systemd keeps them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..render.backup import NAME, PROGRAM, properties
from ..typed import load
from .model import FILE, BackupError, Setup

_SYSTEMD = Path("/run/systemd/system")


def call(directory: str, words: Sequence[str]) -> dict[str, Any]:
    """Return what the program answers. Raises `BackupError` where it could not do all that it was asked for."""
    program = f"{directory}/stack/{PROGRAM}"
    if not Path(program).exists():
        raise BackupError(f"there is no {program}: set stack_backup, and run the site playbook")
    command = ["/usr/bin/python3", "-I", "-S", program, *words]
    whole = [*_limits(directory, program), *command]
    done = subprocess.run(whole, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # pylint: disable=ansible-bad-function
    said = done.stderr.decode(errors="replace").strip()
    try:
        # What cleans up after it answers on a line of its own.
        answer = dict(json.loads(done.stdout.splitlines()[0]))
    except (ValueError, IndexError):
        why = said.splitlines()[-1] if said else f"exit code {done.returncode}, which a killed run leaves"
        raise BackupError(f"{program} ended before it answered: {why}") from None
    if answer.get("failures"):
        raise BackupError("; ".join(answer["failures"]))
    return answer


def _limits(directory: str, program: str) -> list[str]:
    if not _SYSTEMD.exists():
        return []
    setup = load(Setup, json.loads((Path(directory) / "stack" / FILE).read_bytes()))
    words = [word for name, value in properties(setup.memory, slices=setup.slices).items() for word in ("--property", f"{name}={value}")]
    after = f"ExecStopPost=/usr/bin/python3 -I -S {program} resume"
    return ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit={NAME}-{os.getpid()}", *words, "--property", after]

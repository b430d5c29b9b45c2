# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a program and keep what it says."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testkit.place import ENVIRONMENT, OUTPUT, ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A program that ended."""

    code: int
    text: str
    seconds: float


def run(command: Sequence[str], *, cwd: Path = ROOT, environment: Mapping[str, str] | None = None, timeout: float = 1800) -> Done:
    """Run quietly."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            list(command),
            cwd=cwd,
            env={**ENVIRONMENT, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        return Done(code=127, text=f"{error.filename} is not installed", seconds=0.0)
    except subprocess.TimeoutExpired:
        return Done(code=124, text=f"no end after {timeout:.0f} s", seconds=timeout)
    return Done(code=done.returncode, text=done.stdout, seconds=time.monotonic() - began)


def follow(command: Sequence[str], log: str, *, cwd: Path = ROOT, environment: Mapping[str, str] | None = None, shown: str = "") -> Done:
    """Run with every line shown as it comes, or those that match a pattern, and all kept in a log."""
    began = time.monotonic()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lines = []
    with (
        (OUTPUT / f"{log}.log").open("w", encoding="utf-8") as file,
        subprocess.Popen(
            list(command),
            cwd=cwd,
            env={**ENVIRONMENT, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            if re.search(shown, line):
                print(line, end="", flush=True)
            file.write(line)
            lines.append(line)
    return Done(code=process.returncode, text="".join(lines), seconds=time.monotonic() - began)

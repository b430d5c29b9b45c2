# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""promtool and amtool: from the PATH, or from the lab's image."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

IMAGE = "ziggie-lab/base"
# Where the lab's image keeps what a service's image must not show.
IN_IMAGE = {"promtool": "/usr/libexec/real/promtool", "amtool": "/usr/bin/amtool"}


def run(tool: str, arguments: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a checker in a directory that holds what it is to read."""
    command = [tool, *arguments]
    if shutil.which(tool) is None:
        command = ["docker", "run", "--rm", "--network=none", "-v", f"{directory}:/checked:ro", "-w", "/checked"]
        command += ["--entrypoint", IN_IMAGE[tool], IMAGE, *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=300)


def missing() -> str:
    """Return what is missing to run the checkers, nothing where they can run."""
    if all(shutil.which(tool) for tool in IN_IMAGE):
        return ""
    if shutil.which("docker") is None:
        return "promtool and amtool are not on the PATH, and there is no docker to run the lab's image"
    found = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False)
    return "" if found.returncode == 0 else f"promtool and amtool are not on the PATH, and {IMAGE} is not built: run tools/lab up"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the working tree as a collection: what git knows or would take, and nothing that a run left."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from testkit.place import ROOT


def collection(directory: Path) -> Path:
    """Make `<directory>/ansible_collections/ziggie/stack` and return it."""
    target = directory / "ansible_collections" / "ziggie" / "stack"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target

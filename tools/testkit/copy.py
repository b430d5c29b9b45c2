# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the working tree as the collection that ships: what git knows or would take, without what the build leaves out."""

from __future__ import annotations

import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import yaml

from testkit.place import ROOT

# What ansible-test reads of the repository itself.
SETTINGS = "tests/config.yml"


def collection(directory: Path) -> Path:
    """Make `<directory>/ansible_collections/ziggie/stack` and return it."""
    left_out = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]
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
        ships = not any(fnmatch(name.partition("/")[0], pattern) for pattern in left_out) or name == SETTINGS
        if source.is_file() and ships:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target

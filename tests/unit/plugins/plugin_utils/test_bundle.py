# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program for the host: whole, small, and the same bytes each time."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.plugin_utils.bundle import CORE, bundle

PROGRAM = "collect/main.py"


def test_it_runs_alone(tmp_path: Path) -> None:
    file = tmp_path / "live-state"
    file.write_bytes(bundle(PROGRAM))
    ran = subprocess.run([sys.executable, "-I", "-S", file, tmp_path], capture_output=True, text=True, check=False, cwd="/", env={})
    assert ran.returncode == 1
    assert ran.stderr.startswith("The live state was not written: there is no ")
    assert ran.stdout == ""


def test_it_is_the_cores_code_and_no_more_than_it_needs() -> None:
    with zipfile.ZipFile(io.BytesIO(bundle(PROGRAM))) as archive:
        sources = {name: archive.read(name) for name in archive.namelist()}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    own = sources.pop("__main__.py")
    assert b"from ziggie.collect.main import main" in own
    assert all(content == (CORE / name.removeprefix("ziggie/")).read_bytes() for name, content in sources.items())
    assert {"ziggie/__init__.py", "ziggie/engine/container.py", "ziggie/engine/client.py", "ziggie/deploy/changes.py"} <= set(sources)
    assert not [name for name in sources if name.startswith(("ziggie/render/", "ziggie/findings/", "ziggie/budget/tune/"))]


def test_the_same_code_is_the_same_bytes() -> None:
    bundle.cache_clear()
    before = bundle(PROGRAM)
    bundle.cache_clear()
    assert bundle(PROGRAM) == before

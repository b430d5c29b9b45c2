# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore takes back an interrupted rotation: before the data come back, or after them where it cannot be taken back without them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
NOTE = json.dumps({"secret": "app", "method": "restart", "user": "", "service": "postgres", "files": [], "step": "begun"})
# In place of the program that restores: it notes what it finds, and its data are what was in the way of taking the rotation back.
PROGRAM = """
import json, pathlib, sys
note = pathlib.Path({note!r})
if sys.argv[1] == "restore":
    pathlib.Path({seen!r}).write_text("there" if note.exists() else "gone")
    if note.exists():
        note.write_text({text!r})
print(json.dumps({{"plan": ["the plan"], "lines": ["as of run 1"]}}))
"""


@pytest.mark.skipif(
    os.getuid() != 0 or Path("/run/systemd/system").exists(), reason="the store belongs to root, and systemd runs no program of a test"
)
@pytest.mark.parametrize(("note", "found", "told"), [(NOTE, "gone", False), ("{", "there", True)])
def test_an_interrupted_rotation_is_taken_back(tmp_path: Path, note: str, found: str, told: bool) -> None:
    program, kept, seen = tmp_path / "stack/bin/backup", tmp_path / "secrets/.rotation", tmp_path / "seen"
    for path, text in ((program, PROGRAM.format(note=str(kept), seen=str(seen), text=NOTE)), (kept, note)):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    [play] = yaml.safe_load((ROOT / "playbooks/restore.yml").read_text(encoding="utf-8"))
    play["hosts"], play["tasks"] = "all", play["tasks"][2:-1]
    play["module_defaults"] = {"group/ziggie.stack.lock": {name: f"{tmp_path}/{name}" for name in ("lock", "log")}}
    play["vars"] = {"stack_directory": str(tmp_path), "restore_service": "postgres", "restore_yes": True}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    command = [Path(sys.executable).with_name("ansible-playbook"), "play.yml", "-i", "localhost,", "-c", "local"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_") or "COLLECTIONS" in name}
    environment |= {"LC_ALL": "C.UTF-8", "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert seen.read_text(encoding="utf-8") == found
    assert not kept.exists()
    assert ("It is tried again once the data are back." in " ".join(done.stdout.split())) is told

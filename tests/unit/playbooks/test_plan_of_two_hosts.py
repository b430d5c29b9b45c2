# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file is applied to all of its hosts or to none, and whoever is refused lets go of the lock: the task of the role, in a play without a stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.used_plans import FILE
from ansible_collections.ziggie.stack.plugins.plugin_utils.contract import write
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.plan.parts import part
from ansible_collections.ziggie.stack.tests.unit.samples import container

ROOT = Path(__file__).resolve().parents[3]


def hold() -> dict[str, Any]:
    """Return the role's task that holds a run to a file, with the parts of the inventory instead of those of the hosts."""
    tasks = yaml.safe_load((ROOT / "roles/plan/tasks/hold.yml").read_text(encoding="utf-8"))
    [task] = [dict(one) for one in tasks if "ziggie.stack.plan_file" in one]
    return {**task, "ziggie.stack.plan_file": {**task["ziggie.stack.plan_file"], "plan": "{{ part }}"}}


def applied(tmp_path: Path, **parts: Any) -> subprocess.CompletedProcess[str]:
    """Apply the file to hosts, which are this machine, and touch a file for each that went on or was unlocked."""
    play = {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Deploy",
                "block": [hold(), {"name": "Go on", "ansible.builtin.file": touched("went-on")}],
                "always": [{"name": "Unlock", "ansible.builtin.file": touched("unlocked")}],
            }
        ],
    }
    hosts = {name: {"part": one.to_dict(), "stack_directory": str(tmp_path / name)} for name, one in parts.items()}
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "there": str(tmp_path)}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": local}}), encoding="utf-8")
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    command = [Path(sys.executable).with_name("ansible-playbook"), "play.yml", "-i", "hosts.json", "-e", f"plan={tmp_path}/x.json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_") or "COLLECTIONS" in name}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env={**environment, "LC_ALL": "C.UTF-8"}, timeout=120
    )


def touched(word: str) -> dict[str, str]:
    return {"path": f"{{{{ there }}}}/{word}-{{{{ inventory_hostname }}}}", "state": "touch", "mode": "0600"}


def names(tmp_path: Path, word: str) -> list[str]:
    return sorted(path.name for path in tmp_path.glob(f"{word}-*"))


@pytest.mark.parametrize(("now", "went_on"), [({}, ["went-on-a", "went-on-b"]), ({"containers": [container(image="redis:7")]}, [])])
def test_one_host_that_drifted_stops_them_all(tmp_path: Path, now: dict[str, Any], went_on: list[str]) -> None:
    write(str(tmp_path / "x.json"), [part(host="a"), part(host="b")])
    run = applied(tmp_path, a=part(host="a"), b=part(host="b", **now))
    assert (run.returncode == 0) == bool(went_on), run.stdout + run.stderr
    assert names(tmp_path, "went-on") == went_on
    assert names(tmp_path, "unlocked") == ["unlocked-a", "unlocked-b"]
    assert (tmp_path / "b" / FILE).exists() == bool(went_on)
    assert ("redis: image was redis:1 when the plan was made" in " ".join((run.stdout + run.stderr).split())) != bool(went_on)

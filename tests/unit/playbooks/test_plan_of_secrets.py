# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way into the plan names the files of secrets that a run writes, and a run that found none to write makes no second call for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
RECIPE = {"path": "redis/conf", "content": "requirepass @redis_password@", "uid": os.getuid(), "gid": os.getgid()}


def tasks(path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROLES / path).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", ["show.yml", "hold.yml", "make.yml"])
def test_the_plan_is_made_with_the_secrets(path: str) -> None:
    made = [text for task in tasks(f"plan/tasks/{path}") if "ziggie.stack.plan(" in (text := " ".join(str(task).split()))]
    assert made
    assert all("secrets=" in text and "plan_secrets" in text for text in made)


def test_the_look_comes_before_what_is_shown_of_it() -> None:
    look, show = tasks("plan/tasks/announce.yml")
    assert look["ansible.builtin.import_tasks"] == "secrets.yml"
    assert "show" in show["ansible.builtin.import_tasks"]


def ran(tmp_path: Path) -> dict[str, Any]:
    """Run the two tasks of the roles as `site` does, on this machine, and return what each did."""
    [look], [write, *_rest] = (
        tasks("plan/tasks/secrets.yml"),
        [task for task in tasks("release/tasks/main.yml") if "ziggie.stack.secrets" in task],
    )
    told = {"looked": "{{ plan_secrets }}", "wrote": "{{ release_secrets }}"}
    show = {
        "ansible.builtin.copy": {"content": "{{ told | to_json }}", "dest": f"{tmp_path}/told.json", "mode": "0600"},
        "vars": {"told": told},
    }
    options = {name: f"{tmp_path}/{name}" for name in ("lock", "log")}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {"group/ziggie.stack.lock": options},
        "vars": {
            "stack_directory": str(tmp_path),
            "stack_credentials": {},
            "release_plan": {"secrets": [RECIPE]},
        },
        "tasks": [look, write, show],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    command = [Path(sys.executable).with_name("ansible-playbook"), "play.yml", "-i", "localhost,", "-c", "local"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_") or "COLLECTIONS" in name}
    environment |= {"LC_ALL": "C.UTF-8", "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    return answer


@pytest.mark.skipif(os.getuid() != 0, reason="the store belongs to root")
def test_what_was_announced_is_written_and_then_not_asked_for_again(tmp_path: Path) -> None:
    path = f"{tmp_path}/stack/secrets/redis/conf"
    first = ran(tmp_path)
    assert first["looked"]["written"] == first["wrote"]["written"] == [path]
    second = ran(tmp_path)
    assert second["looked"]["written"] == []
    assert second["wrote"]["skipped"]
    Path(path).write_text("altered", encoding="utf-8")
    third = ran(tmp_path)
    assert third["looked"]["written"] == third["wrote"]["written"] == [path]

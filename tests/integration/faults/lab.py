# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host to break, and the validation that must say so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
HOST = os.environ.get("ZIGGIE_LAB_HOST", "ziggie-lab")
INVENTORY = os.environ.get("INVENTORY", str(ROOT / "inventories/lab"))
STACK = "/opt/ziggie/stack"
LABELS = "--filter label=com.docker.compose.project=ziggie --filter label=com.docker.compose.service="


def ask(command: str) -> str:
    """Run a shell command on the host; one that fails is an error of the test."""
    done = subprocess.run(["docker", "exec", HOST, "sh", "-c", command], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def container(service: str) -> str:
    """Return the id of a service's container."""
    return ask(f"docker ps -aq --no-trunc {LABELS}{service}")


def inspect(service: str) -> dict[str, Any]:
    return dict(json.loads(ask(f"docker inspect {container(service)}"))[0])


def compose(arguments: str) -> str:
    return ask(f"cd {STACK} && docker compose -f compose.yml {arguments} 2>&1")


def signal(service: str, name: str) -> None:
    """Send a signal to every process of a container; the engine sends to the first only."""
    ask(f"docker top {container(service)} -o pid | tail -n +2 | xargs kill -s {name}")


def healthy(service: str) -> bool:
    state = inspect(service)["State"]
    return bool(state["Running"] and state.get("Health", {}).get("Status", "healthy") == "healthy")


def until(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.5)


class Verdict:
    """What one validation found."""

    def __init__(self, code: int, document: dict[str, Any], said: str) -> None:
        self.code = code
        self.said = said
        self._checks = {f"{check['name']}[{check['subject']}]": check for check in document["checks"]}

    def outcome(self, path: str) -> str:
        return str(self._checks[path]["outcome"]) if path in self._checks else "not asked"

    def sentence(self, path: str) -> str:
        return str(self._checks[path]["sentence"])

    def named(self, outcome: str) -> set[str]:
        return {path for path, check in self._checks.items() if check["outcome"] == outcome}


def order() -> list[str]:
    """Return the command that validates."""
    return [str(Path(sys.executable).parent / "ansible-playbook"), "ziggie.stack.validate", "-i", INVENTORY]


def validate(directory: Path, *, tags: str = "", **variables: str) -> Verdict:
    """Run the playbook as anybody would, and read the report that it writes."""
    command = [*order(), *(["--tags", tags] if tags else [])]
    for name, value in {"validation_directory": str(directory), **variables}.items():
        command += ["-e", f"{name}={value}"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=600)
    report = directory / f"validation-{HOST}.json"
    assert report.exists(), done.stdout + done.stderr
    return Verdict(done.returncode, json.loads(report.read_text(encoding="utf-8")), done.stdout + done.stderr)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host, what was promised to it, and what it really has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import testinfra

# Another host of the lab, for whoever works on two.
HOST = os.environ.get("ZIGGIE_LAB_HOST", "ziggie-lab")
STACK = "/opt/ziggie/stack"
STORE = "/opt/ziggie/secrets"
# A host needs no curl: it has the Python that Ansible uses.
_FETCH = (
    "import ssl, sys, urllib.request; "
    "print(urllib.request.urlopen(sys.argv[1], timeout=10, context=ssl._create_unverified_context()).read().decode())"
)


ROOT = Path(__file__).resolve().parents[3]
OUTPUT = ROOT / ".cache" / "test" / "molecule"
INVENTORY = os.environ.get("ZIGGIE_LAB_INVENTORY", str(ROOT / "inventories" / "lab"))
PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A run that ended."""

    code: int
    text: str

    def recap(self, word: str) -> int:
        """Return a figure of the last line that Ansible prints for the host."""
        found = re.search(rf"^\S+\s+: ok=.*\b{word}=(\d+)|^\S+\s+: {word}=(\d+)", self.text, re.MULTILINE)
        assert found, self.text[-3000:]
        return int(found[1] or found[2])


@pytest.fixture(name="play", scope="session")
def _play(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Played]:
    def play(playbook: str = "site", *words: str, variables: dict[str, Any] | None = None, log: str = "") -> Played:
        command = [str(PLAYBOOK), f"ziggie.stack.{playbook}", "--inventory", INVENTORY, *words]
        if variables:
            file = tmp_path_factory.mktemp("variables") / "extra.json"
            file.write_text(json.dumps(variables), encoding="utf-8")
            command += ["--extra-vars", f"@{file}"]
        # As a person runs it from a checkout: with its ansible.cfg, and not with the one that Molecule made.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_"))}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if log:
            OUTPUT.mkdir(parents=True, exist_ok=True)
            (OUTPUT / log).write_text(done.stdout, encoding="utf-8")
        return Played(code=done.returncode, text=done.stdout)

    return play


@cache
def lab() -> Any:
    return testinfra.get_host(f"docker://{HOST}")


def ask(command: str) -> str:
    """Run a shell command on the host; one that fails is an error of the test."""
    done = lab().run(command)
    assert done.rc == 0, f"{command}\n{done.stdout}{done.stderr}"
    return str(done.stdout)


@cache
def promised() -> dict[str, Any]:
    """Return the Budget that lies on the host."""
    return dict(json.loads(ask(f"cat {STACK}/budget.json")))


@cache
def expected() -> list[str]:
    return sorted(name for name, service in promised()["services"].items() if service["enabled"])


def inspect() -> dict[str, dict[str, Any]]:
    """Return every container of the stack as the engine describes it, by service."""
    listed = ask("docker ps --all --quiet --no-trunc --filter label=com.docker.compose.project=ziggie").split()
    described = json.loads(ask(f"docker inspect {' '.join(listed)}")) if listed else []
    return {container["Config"]["Labels"]["com.docker.compose.service"]: container for container in described}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `service` one case for each service that should run."""
    if "service" in metafunc.fixturenames:
        metafunc.parametrize("service", expected())


@pytest.fixture(name="hostname", scope="session")
def _hostname() -> str:
    return HOST


@pytest.fixture(name="ask", scope="session")
def _ask() -> Any:
    return ask


@pytest.fixture(name="fetch", scope="session")
def _fetch(ask: Any) -> Any:
    """Get a URL from the host."""
    return lambda url: ask(f"python3 -c '{_FETCH}' '{url}'")


@pytest.fixture(name="query", scope="session")
def _query(fetch: Any) -> Any:
    """Ask Prometheus for the series of an expression now: a list of labels with `value`."""

    def query(expr: str) -> list[dict[str, Any]]:
        answer = json.loads(fetch(f"http://127.0.0.1:9090/api/v1/query?query={quote(expr)}"))
        return [{**series["metric"], "value": float(series["value"][1])} for series in answer["data"]["result"]]

    return query


@pytest.fixture(name="inspect", scope="session")
def _inspect() -> Any:
    return inspect


@pytest.fixture(name="budget", scope="session")
def _budget() -> dict[str, Any]:
    return promised()


@pytest.fixture(name="containers", scope="session")
def _containers() -> dict[str, dict[str, Any]]:
    return inspect()


@pytest.fixture(name="secrets", scope="session")
def _secrets() -> dict[str, str]:
    """Return every secret value by name."""
    lines = ask(f'cd {STORE} && for name in *; do printf \'%s \' "$name"; cat "$name"; echo; done').splitlines()
    values = dict(line.split(" ", 1) for line in lines if line)
    assert values
    return values

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual machine: asking it, running the playbook on it, taking its memory and its power."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import testinfra

ROOT = Path(__file__).resolve().parents[3]
INVENTORY = ROOT / "molecule" / "vps" / "inventory"
PORT = os.environ.get("VPS_SSH_PORT", "2222")
STACK = "/opt/ziggie/stack"
# In every image of the lab: a program that needs nothing but Python.
PYTHON = "/usr/libexec/stand-in/python3"
TOOL_IMAGE = "ziggie-lab/base"

_PROFILE = {"ANSIBLE_CALLBACKS_ENABLED": "ansible.posix.profile_tasks", "PROFILE_TASKS_TASK_OUTPUT_LIMIT": "all", "LC_ALL": "C.UTF-8"}


@cache
def host() -> Any:
    return testinfra.get_host(
        f"ssh://root@127.0.0.1:{PORT}",
        ssh_identity_file=str(ROOT / ".lab/vps/key"),
        ssh_extra_args="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=60",
        controlpersist=600,
    )


def ask(command: str) -> str:
    """Run a shell command on the machine; one that fails is an error of the test."""
    done = host().run(command)
    assert done.rc == 0, f"{command}\n{done.stdout}{done.stderr}"
    return str(done.stdout).strip()


def login() -> float:
    """Log in anew; return the seconds that takes."""
    began = time.monotonic()
    done = subprocess.run(
        [ROOT / "tools/vps", "ssh", "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def inspect() -> dict[str, dict[str, Any]]:
    """Return every container of the stack as the engine describes it, by service."""
    described = json.loads(ask("docker inspect $(docker ps --all --quiet --filter label=com.docker.compose.project=ziggie)"))
    return {container["Config"]["Labels"]["com.docker.compose.service"]: container for container in described}


def unhealthy() -> dict[str, str]:
    """Return what is not as it should be, by service."""
    states = {name: container["State"] for name, container in inspect().items()}
    found = {name: state.get("Health", {}).get("Status", state["Status"]) for name, state in states.items()}
    return {name: state for name, state in found.items() if state not in ("healthy", "running")}


def until(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait until something holds; return how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds:.0f} s"
        time.sleep(3)
    return time.monotonic() - began


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A run of the playbook."""

    code: int
    text: str
    seconds: float


def play(name: str = "site", **variables: Any) -> Played:
    """Run a playbook of the collection, with variables that go before the inventory's."""
    began = time.monotonic()
    done = subprocess.run(
        ["ansible-playbook", f"ziggie.stack.{name}", "-i", str(INVENTORY), "--extra-vars", json.dumps(variables)],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", **_PROFILE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Played(code=done.returncode, text=done.stdout + done.stderr, seconds=time.monotonic() - began)


def power(verb: str) -> None:
    """Cut the machine's power, or give it back."""
    done = subprocess.run([ROOT / "tools/vps", verb], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    host.cache_clear()


@contextmanager
def little_memory(left_mib: int) -> Iterator[None]:
    """Leave so much memory to programs; the rest goes to huge pages, which nobody touches, so that pressure takes seconds and not gigabytes."""
    ask("sync; echo 3 >/proc/sys/vm/drop_caches; echo 1 >/proc/sys/vm/compact_memory")
    free = int(ask("awk '/^MemAvailable:/ {print $2}' /proc/meminfo")) // 1024
    ask(f"sysctl -qw vm.nr_hugepages={(free - left_mib) // 2}")
    try:
        yield
    finally:
        ask("sysctl -qw vm.nr_hugepages=0")


def disk() -> dict[str, str]:
    """Return what is mounted for the class hot, by column."""
    source, options, uuid = ask("findmnt --noheadings --mountpoint /mnt/nvme/ziggie --output SOURCE,OPTIONS,UUID").split()
    return {"source": source, "options": options, "uuid": uuid}

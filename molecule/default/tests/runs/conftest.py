# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the playbook, and see what it did to the host."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
OUTPUT = ROOT / ".cache" / "test" / "molecule"
INVENTORY = os.environ.get("ZIGGIE_LAB_INVENTORY", str(ROOT / "inventories" / "lab"))
PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"

# What a run may write; of the data only the directories themselves, since the services write into them.
_WRITTEN = "find /opt/ziggie /etc/docker /etc/sysctl.d /etc/systemd /etc/udev /etc/modules-load.d /etc/apt -printf '%p %m %U:%G %s %T@ %i\\n' | sort"
_DATA = "find /mnt/nvme/ziggie /var/log/ziggie -mindepth 0 -maxdepth 1 -printf '%p %m %U:%G %i\\n' | sort"


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


@pytest.fixture(name="look")
def _look(ask: Any, inspect: Any) -> Callable[[], dict[str, Any]]:
    """Return what a run could have changed: containers and when they were started, files, owners, modes, kernel settings."""

    def look() -> dict[str, Any]:
        return {
            "containers": {
                name: (container["Id"], container["State"]["StartedAt"], container["HostConfig"]) for name, container in inspect().items()
            },
            "files": ask(_WRITTEN).splitlines(),
            "data": ask(_DATA).splitlines(),
            "networks": ask("docker network ls --no-trunc").splitlines(),
            "volumes": ask("docker volume ls").splitlines(),
            "sysctl": ask("sysctl net.core.somaxconn"),
        }

    return look


@pytest.fixture(name="cgroup")
def _cgroup(ask: Any, inspect: Any) -> Callable[[str, str, str], str]:
    """Return a cgroup file of a service, by the controller and the file's names on v1 and v2."""

    def read(service: str, old: str, new: str) -> str:
        identifier = inspect()[service]["Id"]
        return str(ask(f"cat $(find -L /sys/fs/cgroup -maxdepth 6 -path '*{identifier}*' \\( -name {old} -o -name {new} \\))")).strip()

    return read


@pytest.fixture(name="restored")
def _restored(play: Callable[..., Played], ask: Any) -> Iterator[None]:
    """Leave the stack as the inventory says, whatever the test did to it; where it released nothing else, the deploy step does that."""
    release = "cd /opt/ziggie/stack && find compose.yml release.json config secrets -type f -exec md5sum {} + | sort"
    before = ask(release)
    yield
    assert play("deploy" if ask(release) == before else "site").code == 0

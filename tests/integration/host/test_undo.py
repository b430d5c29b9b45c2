# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is prepared, prepared again at no cost, and put back as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.tests.integration.storage.disks import INVENTORY, ROOT, ask

pytestmark = pytest.mark.integration

BEFORE = "3210"
# All that a run of host preparation may write outside of the data, the release and the state of the machine.
LOOK = (
    "find /etc /usr/local/lib /var/lib/ziggie -xdev -type f -not -path '/etc/docker/*' -not -name '*.pending' -printf '%p %m %s\\n' 2>/dev/null | sort;"
    " sysctl net.core.somaxconn; nft list ruleset | grep -c ziggie; systemctl is-active ziggie-firewall"
)
PREPARE = """
- hosts: stack
  gather_facts: false
  tasks:
    - ansible.builtin.import_role: {name: ziggie.stack.catalog}
    - ansible.builtin.import_role: {name: ziggie.stack.preflight}
    - ansible.builtin.import_role: {name: ziggie.stack.host_prep}
"""


def play(what: str | Path) -> str:
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(what), "-i", INVENTORY]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(name="prepare")
def _prepare(tmp_path: Path) -> Iterator[Path]:
    playbook = tmp_path / "prepare.yml"
    playbook.write_text(PREPARE, encoding="utf-8")
    # What a deployed host was before is put aside and brought back.
    play("ziggie.stack.unprepare")
    was = ask("sysctl -n net.core.somaxconn")
    ask(f"sysctl -qw net.core.somaxconn={BEFORE}")
    yield playbook
    ask(f"sysctl -qw net.core.somaxconn={was}")
    play(playbook)


def test_what_was_done_is_undone_and_can_be_done_again(prepare: Path) -> None:
    bare = ask(f"{LOOK}; true")
    assert BEFORE in bare
    assert "changed=1 " in play(prepare)
    prepared = ask(f"{LOOK}; true")
    assert {"/etc/ziggie/firewall.nft", "/etc/sysctl.d/60-ziggie.conf", "/var/lib/ziggie/before.json"} <= {
        line.split()[0] for line in prepared.splitlines()
    }
    assert "net.core.somaxconn = 4096" in prepared
    assert ask("nft list table inet ziggie")
    assert "changed=0 " in play(prepare)

    assert "changed=1 " in play("ziggie.stack.unprepare")
    assert ask(f"{LOOK}; true") == bare
    assert "changed=0 " in play("ziggie.stack.unprepare")

    assert "changed=1 " in play(prepare)
    assert ask(f"{LOOK}; true") == prepared

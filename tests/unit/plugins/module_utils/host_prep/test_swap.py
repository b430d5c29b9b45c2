# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Swap as the inventory wants it: set up, changed, and undone by one script."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import swap
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.paths import SWAP_FILE, SWAP_SCRIPT

Plain = dict[str, Any]
read = Facts.from_dict
SIZE = 1 << 30


def area(path: str, size: int = SIZE, used: int = 0) -> Plain:
    return {"path": path, "size": size, "used": used, "type": "file", "priority": -2}


@pytest.mark.parametrize("policy", ["none", "file", "zram"])
def test_a_policy_has_a_script_a_unit_and_what_starts_it(facts: Plain, policy: str) -> None:
    facts["swap"]["areas"] = [area("/dev/sda2")]
    found = {document.path: document for document in swap.documents(policy, SIZE, read(facts))}
    assert all(document.content for document in found.values())
    assert found[SWAP_SCRIPT].mode == "0755"
    assert found[SWAP_SCRIPT].due
    assert found[SWAP_SCRIPT].apply[-1] == ("systemctl", "restart", "ziggie-swap.service")


@pytest.mark.parametrize(
    ("policy", "areas"),
    [("none", []), ("file", [area(SWAP_FILE, SIZE - 4096)]), ("zram", [area("/dev/zram0", SIZE - 4096)])],
)
def test_what_is_so_already_is_not_done_again(facts: Plain, policy: str, areas: list[Plain]) -> None:
    facts["swap"]["areas"] = areas
    assert not any(document.due for document in swap.documents(policy, SIZE, read(facts)))
    assert list(swap.impossible(policy, SIZE, read(facts | {"disks": {}}))) == []


@pytest.mark.parametrize("changed", [{"virtualization": "container"}, {}])
def test_what_is_kept_is_left_alone_and_what_was_made_is_taken_away(facts: Plain, changed: Plain) -> None:
    found = swap.documents("keep" if not changed else "file", SIZE, read(facts | changed))
    assert [document.content for document in found] == [None] * 3
    assert not any(document.due for document in found)
    assert f"rm -f {SWAP_FILE}" in found[0].apply[0][2]


@pytest.mark.parametrize(
    ("policy", "changed", "said"),
    [
        ("none", {"swap": {"areas": [area("/dev/sda2", 16 << 30, 9 << 30)], "zram": "absent"}}, "9216 MiB are swapped out"),
        ("file", {"disks": {"/": {"free": SIZE, "filesystem": "ext4"}}}, "leaves too little"),
        ("file", {"disks": {"/": {"free": 20 << 30, "filesystem": "btrfs"}}}, "no plain file on btrfs"),
        ("zram", {"swap": {"areas": [], "zram": "absent"}}, "the kernel has no zram"),
        ("zram", {"memory": {"total": SIZE, "available": SIZE}}, "more than half of the memory"),
        ("file", {"systemd": False}, "no systemd"),
    ],
)
def test_what_cannot_be_is_said(facts: Plain, policy: str, changed: Plain, said: str) -> None:
    sentences = [finding.sentence() for finding in swap.impossible(policy, SIZE, read(facts | changed))]
    assert len(sentences) == 1
    assert said in sentences[0]


@pytest.fixture(name="play")
def _play(tmp_path: Path) -> Any:
    """Run a policy's script with the programs that it calls put in their place; return what was called."""
    tools, log = tmp_path / "tools", tmp_path / "log"
    tools.mkdir()
    for name in ("swapon", "swapoff", "mkswap", "modprobe", "fallocate", "zramctl"):
        answer = {"fallocate": '[ $# -lt 3 ] || truncate -s "$2" "$3"', "zramctl": "[ $1 != --find ] || echo /dev/zram7"}.get(name, ":")
        (tools / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {log}\n{answer}\n')
        (tools / name).chmod(0o755)

    def play(policy: str, verb: str) -> list[str]:
        log.write_text("")
        text = swap.script(policy, 1 << 20).replace(SWAP_FILE, str(tmp_path / "swap")).replace("/run/", f"{tmp_path}/")
        environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
        subprocess.run(["sh", "-c", text, "swap", verb], check=True, env=environment, timeout=20)
        return log.read_text().replace(f"{tmp_path}/", "").splitlines()

    return play


def test_a_file_is_made_once_and_for_nobody_else_to_read(play: Any, tmp_path: Path) -> None:
    assert play("file", "start") == ["fallocate -l 1048576 swap.new", "mkswap swap.new", "swapon swap"]
    assert (tmp_path / "swap").stat().st_mode & 0o777 == 0o600
    assert play("file", "start") == ["swapon swap"]
    (tmp_path / "swap").write_text("of another size")
    assert "mkswap swap.new" in play("file", "start")


def test_any_policy_undoes_any_other(play: Any) -> None:
    assert play("zram", "start")[-1] == "swapon --priority 100 /dev/zram7"
    assert play("none", "stop") == ["swapoff /dev/zram7", "zramctl --reset /dev/zram7"]
    assert play("none", "start") == ["swapoff -a"]
    assert play("file", "stop") == ["swapon -a"]
    assert play("file", "stop") == []

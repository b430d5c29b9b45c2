# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a broken producer has written is not stored. restic itself is seen in the lab; here its behaviour at the end of its input is what counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup import restic as subject
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restic import Restic
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository

# Like restic, it stores whatever it has read once its input ends, and leaves on SIGINT without that, also where whoever runs the tests has it ignored.
STORES = """#!/usr/bin/env python3
import os, pathlib, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
place = pathlib.Path(os.environ["RESTIC_REPOSITORY"])
(place / "calls").write_text(" ".join(sys.argv[1:]))
(place / "stored").write_bytes(sys.stdin.buffer.read())
"""
REFUSES = """#!/bin/sh
echo "Fatal: $1: {why}" >&2
exit 1
"""
# As much of a repository as is asked for its configuration, and made.
KEEPS = """#!/bin/sh
case "$1" in
init) touch "$RESTIC_REPOSITORY/config" ;;
cat) [ -e "$RESTIC_REPOSITORY/config" ] || { echo "Fatal: repository does not exist" >&2; exit 10; } ;;
esac
"""


def restic(place: Path, script: str) -> Restic:
    program = place / "restic"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    return Restic(Repository(url=str(place)), place / "key", "shop", str(program))


def test_a_stream_is_stored_whole_with_its_size_and_hash(tmp_path: Path) -> None:
    size, digest = restic(tmp_path, STORES).store("a.dump", iter([b"ab", b"c"]), {"run": "r"})
    assert (tmp_path / "stored").read_bytes() == b"abc"
    assert (size, digest) == (3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_tags_name_project_and_run_and_the_key_is_in_no_argument(tmp_path: Path) -> None:
    restic(tmp_path, STORES).store("a.dump", iter([b"a"]), {"run": "r"})
    said = (tmp_path / "calls").read_text(encoding="utf-8")
    assert said == "backup --stdin --stdin-filename a.dump --host shop --tag shop --tag run=r"


def test_what_a_producer_wrote_before_it_died_is_not_stored(tmp_path: Path) -> None:
    def dies() -> Iterator[bytes]:
        yield b"half of a dump" * 10_000
        raise BackupError("exit code 137")

    with pytest.raises(BackupError, match="exit code 137"):
        restic(tmp_path, STORES).store("a.dump", dies(), {})
    assert not (tmp_path / "stored").exists()


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("wrong password or no key found", "does not open {place}; put the key there that was made with it"),
        (
            "no space left on device",
            "the repository {place}: restic backup of a.dump ended with exit code 1: Fatal: backup: no space left on device",
        ),
    ],
)
def test_what_restic_says_is_told_with_the_repository(tmp_path: Path, why: str, said: str) -> None:
    with pytest.raises(BackupError) as caught:
        restic(tmp_path, REFUSES.format(why=why)).store("a.dump", (b"x" * 65536 for _chunk in range(64)), {})
    assert said.format(place=tmp_path) in str(caught.value)


def test_a_repository_that_cannot_be_reached_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="connection refused"):
        restic(tmp_path, REFUSES.format(why="connection refused")).prepare()


def test_a_repository_that_was_there_and_is_gone_is_not_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "KNOWN", tmp_path / "known")
    (tmp_path / "config").touch()
    one = restic(tmp_path, KEEPS)
    one.prepare()
    (tmp_path / "config").unlink()
    with pytest.raises(BackupError, match=r"was there and is gone: mount what it lies on; if it is lost for good, remove .*/known/"):
        one.prepare()
    assert not (tmp_path / "config").exists()
    next((tmp_path / "known").iterdir()).unlink()
    one.prepare()
    assert (tmp_path / "config").exists()


def test_without_restic_the_site_playbook_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="run the site playbook, which installs it"):
        Restic(Repository(url=str(tmp_path)), tmp_path / "key", "shop", str(tmp_path / "none")).prepare()

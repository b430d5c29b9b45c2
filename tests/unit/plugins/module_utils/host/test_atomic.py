# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The old file or the new one, never half."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.atomic import Ownership, read, write

MINE = Ownership(uid=os.getuid(), gid=os.getgid(), mode=0o640)


def test_a_file_appears_whole_with_its_owner_and_mode(tmp_path: Path) -> None:
    write(tmp_path / "a", b"new", MINE)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert MINE.holds(tmp_path / "a")
    assert not Ownership(uid=MINE.uid, gid=MINE.gid, mode=0o600).holds(tmp_path / "a")


def test_a_reader_of_the_old_file_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with (tmp_path / "a").open("rb") as reader:
        write(tmp_path / "a", b"new", MINE)
        assert reader.read() == b"old"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="full"):
        write(tmp_path / "a", b"new", MINE)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def fail(*_arguments: object) -> None:
    raise OSError("full")


def test_no_file_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "a") is None

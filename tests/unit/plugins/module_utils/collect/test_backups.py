# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest backup is found, and what is none is not taken for one."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.collect.backups import newest


def _file(path: Path, when: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (when, when))


def test_the_newest_file_counts(tmp_path: Path) -> None:
    _file(tmp_path / "a.dump", 100)
    _file(tmp_path / "daily/b.dump", 300)
    _file(tmp_path / "weekly/deep/c.dump", 200)
    assert newest(tmp_path) == 300
    assert newest(tmp_path / "a.dump") == 100


def test_what_is_not_finished_does_not_count(tmp_path: Path) -> None:
    _file(tmp_path / "a.dump", 100)
    for name in ("b.dump.tmp", "c.dump.part", "d.partial", ".e.dump", ".hidden/f.dump"):
        _file(tmp_path / name, 900)
    assert newest(tmp_path) == 100


def test_no_file_is_never(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert newest(tmp_path) == 0
    assert newest(tmp_path / "gone") == 0

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and directories: only what differs is written, and a check writes nothing."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


def snapshot(place: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(place.rglob("*"))
    }


@pytest.fixture(name="options")
def _options(tmp_path: Path, mine: dict[str, int]) -> dict[str, Any]:
    return {
        "directories": [{"path": str(tmp_path / "data"), "mode": "0700", **mine}],
        "files": [
            {"path": str(tmp_path / "config/a.conf"), "content": "one\n", **mine},
            {"path": str(tmp_path / "config/deep/b.conf"), "content": "zwei ü\n", "mode": "0600", **mine},
        ],
        "exclusive": [str(tmp_path / "config")],
    }


def test_what_is_declared_is_made(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    answer = run("files", **options)
    assert answer["changed"] is True
    assert answer["changed_paths"] == [str(tmp_path / name) for name in ("data", "config/a.conf", "config/deep/b.conf")]
    assert (tmp_path / "config/deep/b.conf").read_text(encoding="utf-8") == "zwei ü\n"
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "config/a.conf").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "config/deep/b.conf").stat().st_mode) == 0o600


def test_a_second_run_touches_nothing(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    run("files", **options)
    before = snapshot(tmp_path)
    answer = run("files", **options)
    assert (answer["changed"], answer["changed_paths"], answer["diff"]) == (False, [], [])
    assert snapshot(tmp_path) == before


def test_a_check_tells_and_touches_nothing(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/stray").write_text("old")
    before = snapshot(tmp_path)
    answer = run("files", check=True, **options)
    assert answer["changed"] is True
    assert len(answer["changed_paths"]) == 4
    assert snapshot(tmp_path) == before


def test_only_the_file_that_differs_is_written(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    run("files", **options)
    before = snapshot(tmp_path)
    options["files"][0]["content"] = "two\n"
    answer = run("files", **options)
    assert answer["changed_paths"] == [str(tmp_path / "config/a.conf")]
    assert answer["diff"] == [
        {
            "before_header": str(tmp_path / "config/a.conf"),
            "after_header": str(tmp_path / "config/a.conf"),
            "before": "one\n",
            "after": "two\n",
        }
    ]
    untouched = str(tmp_path / "config/deep/b.conf")
    assert snapshot(tmp_path)[untouched] == before[untouched]


def test_a_mode_is_put_right_without_a_new_file(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    run("files", **options)
    path = tmp_path / "config/a.conf"
    inode = path.stat().st_ino
    path.chmod(0o600)
    (tmp_path / "data").chmod(0o755)
    assert run("files", **options)["changed_paths"] == [str(tmp_path / "data"), str(path)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.stat().st_ino == inode


def test_what_lies_in_a_directory_keeps_its_owner_and_mode(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/of-the-service").write_text("x")
    (tmp_path / "data/of-the-service").chmod(0o604)
    run("files", **options)
    assert stat.S_IMODE((tmp_path / "data/of-the-service").stat().st_mode) == 0o604


def test_nothing_else_stays_where_only_declared_files_may_lie(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    run("files", **options)
    (tmp_path / "config/stray").write_text("old")
    (tmp_path / "data/kept").write_text("data")
    assert run("files", **options)["changed_paths"] == [str(tmp_path / "config/stray")]
    assert not (tmp_path / "config/stray").exists()
    assert (tmp_path / "data/kept").exists()


@pytest.mark.parametrize("wrong", [{"mode": "u+x"}, {"mode": "999"}])
def test_what_cannot_be_done_is_one_sentence(run: Run, options: dict[str, Any], wrong: dict[str, str]) -> None:
    options["files"][0].update(wrong)
    answer = run("files", **options)
    assert answer["failed"] is True
    assert answer["msg"].startswith("Cannot lay out the files: ")


def test_a_directory_where_a_file_should_be_is_one_sentence(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "config/a.conf").mkdir(parents=True)
    answer = run("files", **options)
    assert answer["failed"] is True
    assert str(tmp_path / "config/a.conf") in answer["msg"]


def test_a_refused_file_stops_before_anything_is_written(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    options["files"][1]["validate"] = ["sh", "-c", "grep -q eins || { echo no eins >&2; exit 1; }"]
    answer = run("files", **options)
    assert answer["failed"] is True
    assert answer["msg"].startswith("Nothing was written. ")
    assert "b.conf is refused by the program that reads it: no eins" in answer["msg"]
    assert not list(tmp_path.iterdir())


def test_an_accepted_file_is_written_and_not_asked_about_again(run: Run, options: dict[str, Any]) -> None:
    options["files"][1]["validate"] = ["sh", "-c", "grep -q zwei"]
    assert run("files", **options)["changed"] is True
    options["files"][1]["validate"] = ["false"]
    assert run("files", **options)["changed"] is False


def test_a_checker_that_cannot_begin_is_no_refusal(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    options["files"][1]["validate"] = ["sh", "-c", "exit 125"]
    assert run("files", **options)["changed"] is True
    assert (tmp_path / "config/deep/b.conf").exists()

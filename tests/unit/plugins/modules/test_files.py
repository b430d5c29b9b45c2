# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and directories: only what differs is written, and a check writes nothing."""

from __future__ import annotations

import base64
import hashlib
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


@pytest.fixture(name="unit")
def _unit(tmp_path: Path, mine: dict[str, int]) -> dict[str, Any]:
    """Two files with commands that leave a trace; one of them is common to both."""
    log = tmp_path / "log"
    # One that both name runs where the last names it.
    both, second = ["sh", "-c", f"echo both >> {log}"], ["sh", "-c", f"echo second >> {log}"]
    return {
        "files": [
            {"path": str(tmp_path / "one.slice"), "content": "1\n", "apply": [both], **mine},
            {"path": str(tmp_path / "two.slice"), "content": "2\n", "apply": [both, second], **mine},
        ],
        "pending": str(tmp_path / "state/pending"),
    }


def said(tmp_path: Path) -> list[str]:
    log = tmp_path / "log"
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def test_what_was_written_is_put_into_force_once(run: Run, unit: dict[str, Any], tmp_path: Path) -> None:
    answer = run("files", **unit)
    assert said(tmp_path) == ["both", "second"]
    assert [command.split()[-3] for command in answer["applied"]] == ["both", "second"]
    assert not (tmp_path / "state/pending").exists()
    assert run("files", **unit)["changed"] is False
    assert said(tmp_path) == ["both", "second"]


def test_only_what_changed_is_put_into_force(run: Run, unit: dict[str, Any], tmp_path: Path) -> None:
    run("files", **unit)
    unit["files"][0]["content"] = "other\n"
    run("files", **unit)
    assert said(tmp_path) == ["both", "second", "both"]


def test_what_is_not_in_force_is_due_though_its_file_is_there(run: Run, unit: dict[str, Any], tmp_path: Path) -> None:
    run("files", **unit)
    unit["files"][1]["due"] = True
    assert run("files", check=True, **unit)["changed"] is True
    assert run("files", **unit)["changed"] is True
    assert said(tmp_path) == ["both", "second", "both", "second"]


def test_a_file_that_must_not_be_there_is_removed_and_that_is_put_into_force(run: Run, unit: dict[str, Any], tmp_path: Path) -> None:
    run("files", **unit)
    gone = {key: value for key, value in unit["files"][0].items() if key != "content"} | {"state": "absent"}
    answer = run("files", **unit | {"files": [gone]})
    assert answer["changed_paths"] == [str(tmp_path / "one.slice")]
    assert not (tmp_path / "one.slice").exists()
    assert said(tmp_path) == ["both", "second", "both"]
    assert run("files", **unit | {"files": [gone]})["changed"] is False


def test_a_check_runs_no_command(run: Run, unit: dict[str, Any], tmp_path: Path) -> None:
    assert len(run("files", check=True, **unit)["applied"]) == 2
    assert said(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_put_into_force_by_the_next(run: Run, unit: dict[str, Any], tmp_path: Path) -> None:
    working = unit["files"][1]["apply"][1]
    unit["files"][1]["apply"][1] = ["sh", "-c", "echo not today >&2; exit 3"]
    answer = run("files", **unit)
    assert answer["failed"] is True
    assert "not today" in answer["msg"]
    # The files are written, so nothing differs any more; what failed is tried again all the same.
    assert run("files", **unit)["failed"] is True
    assert said(tmp_path) == ["both"]
    # What no file asks for any more is not.
    unit["files"][1]["apply"][1] = working
    assert run("files", **unit)["changed"] is False
    assert not (tmp_path / "state/pending").exists()


def test_a_file_that_must_be_there_has_content(run: Run, unit: dict[str, Any]) -> None:
    del unit["files"][0]["content"]
    assert run("files", **unit)["failed"] is True


def test_commands_need_a_place_to_be_remembered(run: Run, unit: dict[str, Any], tmp_path: Path) -> None:
    del unit["pending"]
    assert "Nothing was written" in run("files", **unit)["msg"]
    assert not (tmp_path / "one.slice").exists()


def test_a_file_that_is_no_text(run: Run, tmp_path: Path, mine: dict[str, int]) -> None:
    path = tmp_path / "program"
    entry = {"path": str(path), "content": base64.b64encode(b"PK\xff\x00").decode(), "encoding": "base64", "mode": "0755", **mine}
    answer = run("files", files=[entry])
    assert path.read_bytes() == b"PK\xff\x00"
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert answer["diff"][0]["after"] == f"not text, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    assert run("files", files=[entry])["changed"] is False
    refused = run("files", files=[{**entry, "content": "no base64"}])
    assert refused["failed"] is True
    assert path.read_bytes() == b"PK\xff\x00"

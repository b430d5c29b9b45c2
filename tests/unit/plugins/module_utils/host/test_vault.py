# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values are made once, files follow them, and a check writes nothing."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.vault import Vault, VaultError

# Not root's: a test may run as anybody.
MINE = {"uid": os.getuid(), "gid": os.getgid()}
FILES: list[dict[str, Any]] = [
    {"path": "redis/conf", "content": "requirepass @redis_password@\n", **MINE},
    {"path": "api/redis_password", "content": "@redis_password@", **MINE},
]
UNUSABLE = [
    (b"", "it is empty"),
    (b" \n", "it is empty"),
    (b"abc\r\n", "it has the line ends of Windows (CRLF)"),
    (b"abc\0", "it holds a zero byte"),
    (b"abc\n", "it ends in a line break"),
    (b"\xff\xfe", "it is not UTF-8 text"),
]


@pytest.fixture(name="place")
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if os.getuid():
        monkeypatch.setattr(os, "chown", lambda *_arguments: None)
    return tmp_path


def run(place: Path, files: list[dict[str, Any]], *, provided: dict[str, str] | None = None, check: bool = False) -> Vault:
    vault = Vault(place / "store", place / "files", check=check)
    vault.provide(provided or {})
    vault.write(files)
    return vault


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_name_is_one_value_wherever_it_is_read(place: Path) -> None:
    vault = run(place, FILES)
    value = (place / "store/redis_password").read_text()
    assert len(value) == 40
    assert value.isalnum()
    assert (place / "files/redis/conf").read_text() == f"requirepass {value}\n"
    assert (place / "files/api/redis_password").read_text() == value
    assert vault.created == ["redis_password"]
    assert vault.written == [str(place / "files/redis/conf"), str(place / "files/api/redis_password")]


def test_values_differ(place: Path) -> None:
    run(place, [{"path": "a", "content": "@one@ @two@", **MINE}])
    one, two = (place / "files/a").read_text().split()
    assert one != two


def test_only_their_reader_can_read_them(place: Path) -> None:
    run(place, FILES)
    assert mode(place / "store") == mode(place / "files") == mode(place / "files/redis") == 0o700
    assert mode(place / "store/redis_password") == mode(place / "files/redis/conf") == 0o400


def test_a_second_run_changes_nothing(place: Path) -> None:
    run(place, FILES)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.rglob("*") if path.is_file()}
    vault = run(place, FILES)
    assert (vault.created, vault.written) == ([], [])
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.rglob("*") if path.is_file()}


def test_a_value_of_the_operators_replaces_the_made_one_everywhere(place: Path) -> None:
    run(place, FILES)
    vault = run(place, FILES, provided={"redis_password": "chosen"})
    assert vault.created == ["redis_password"]
    assert len(vault.written) == 2
    assert (place / "files/api/redis_password").read_text() == "chosen"
    assert run(place, FILES, provided={"redis_password": "chosen"}).written == []
    assert (place / "files/api/redis_password").read_text() == run_kept(place)


def run_kept(place: Path) -> str:
    """What is provided once stays when it is no longer provided."""
    run(place, FILES)
    return (place / "store/redis_password").read_text()


def test_another_mode_is_put_right(place: Path) -> None:
    run(place, FILES)
    (place / "files/redis/conf").chmod(0o644)
    assert run(place, FILES).written == [str(place / "files/redis/conf")]
    assert mode(place / "files/redis/conf") == 0o400


def test_a_file_that_nobody_declares_any_more_goes_and_its_value_stays(place: Path) -> None:
    run(place, FILES)
    assert run(place, FILES[:1]).written == [str(place / "files/api/redis_password")]
    assert not (place / "files/api/redis_password").exists()
    assert run(place, FILES).created == []


@pytest.mark.parametrize("provided", [{}, {"redis_password": "chosen"}])
def test_a_check_tells_and_writes_nothing(place: Path, provided: dict[str, str]) -> None:
    vault = run(place, FILES, provided=provided, check=True)
    assert vault.created == ["redis_password"]
    assert len(vault.written) == 2
    assert list(place.iterdir()) == []


def test_a_check_of_a_rotation_tells_which_files_it_would_write(place: Path) -> None:
    run(place, FILES)
    vault = run(place, FILES, provided={"redis_password": "chosen"}, check=True)
    assert vault.created == ["redis_password"]
    assert len(vault.written) == 2
    assert (place / "store/redis_password").read_text() != "chosen"


def test_text_that_only_looks_like_a_name_is_left_alone(place: Path) -> None:
    run(place, [{"path": "a", "content": "user@host@ @Not@ mail@example.org", **MINE}])
    assert (place / "files/a").read_text() == "user@host@ @Not@ mail@example.org".replace("@host@", (place / "store/host").read_text())


def test_a_lost_value_is_taken_back_from_a_file_that_a_service_reads(place: Path) -> None:
    run(place, FILES)
    value = (place / "store/redis_password").read_text()
    (place / "files/api/redis_password").unlink()
    (place / "store/redis_password").unlink()
    vault = run(place, FILES)
    assert (vault.created, vault.recovered) == ([], ["redis_password"])
    assert (place / "store/redis_password").read_text() == value
    assert (place / "files/api/redis_password").read_text() == value
    assert (run(place, FILES).recovered, run(place, FILES).written) == ([], [])


def test_a_value_is_taken_back_from_between_others(place: Path) -> None:
    files = [{"path": "web/users", "content": "@one@:@two@ (again @one@)\n", **MINE}]
    run(place, files)
    one, two = (place / "store/one").read_text(), (place / "store/two").read_text()
    (place / "store/one").unlink()
    (place / "store/two").unlink()
    assert run(place, files).recovered == ["one", "two"]
    assert ((place / "store/one").read_text(), (place / "store/two").read_text()) == (one, two)


@pytest.mark.parametrize("text", ["", "requirepass \n", "something else\n", "requirepass a\r\n"])
def test_a_file_that_does_not_hold_a_value_gives_none(place: Path, text: str) -> None:
    run(place, FILES[:1])
    (place / "store/redis_password").unlink()
    (place / "files/redis/conf").chmod(0o600)
    (place / "files/redis/conf").write_text(text, newline="")
    assert run(place, FILES[:1]).created == ["redis_password"]


@pytest.mark.parametrize(("bad", "why"), UNUSABLE)
def test_a_stored_value_that_cannot_be_used_is_refused_before_anything_is_written(place: Path, bad: bytes, why: str) -> None:
    run(place, FILES)
    (place / "store/redis_password").chmod(0o600)
    (place / "store/redis_password").write_bytes(bad)
    before = (place / "files/redis/conf").read_text()
    with pytest.raises(VaultError, match=re.escape(f"{place}/store/redis_password cannot be used: {why}")):
        run(place, [*FILES, {"path": "new", "content": "@new@", **MINE}])
    assert (place / "files/redis/conf").read_text() == before
    assert not (place / "store/new").exists()


@pytest.mark.parametrize(("bad", "why"), UNUSABLE[:-1])
def test_a_given_value_that_cannot_be_used_is_refused(place: Path, bad: bytes, why: str) -> None:
    with pytest.raises(VaultError, match=re.escape(f"the value given for redis_password cannot be used: {why}")):
        run(place, FILES, provided={"redis_password": bad.decode()})
    assert not (place / "store").exists()


def test_a_value_of_several_lines_is_one(place: Path) -> None:
    run(place, FILES, provided={"redis_password": "-----BEGIN KEY-----\nabc\n-----END KEY-----\n"})
    assert run(place, FILES).written == []


@pytest.mark.parametrize("path", ["../../etc/x", "/etc/x", "a/../../x", "", ".", ".."])
def test_a_file_or_a_value_outside_of_the_vaults_directories_is_refused(place: Path, path: str) -> None:
    with pytest.raises(VaultError, match=r"is not a path below .*; write one without \.\."):
        run(place, [{"path": path, "content": "@redis_password@", **MINE}])
    with pytest.raises(VaultError, match="is not a path below"):
        run(place, [], provided={path: "x"})
    assert not list(place.rglob("*"))


def test_a_look_tells_whether_anything_is_to_be_done(place: Path) -> None:
    look = run(place, FILES, check=True)
    assert (look.current, look.written) == (False, [str(place / "files/redis/conf"), str(place / "files/api/redis_password")])
    assert not (place / "store").exists()
    done = run(place, FILES)
    assert look.written == done.written
    assert run(place, FILES, check=True).current
    # The record of what services were given is one of the things that a run keeps.
    (place / "store/.given").unlink()
    look = run(place, FILES, check=True)
    assert (look.current, look.created, look.written) == (False, [], [])
    run(place, FILES)
    assert run(place, FILES, check=True).current
    assert not run(place, FILES, provided={"redis_password": "chosen"}, check=True).current
    assert not run(place, FILES[:1], check=True).current

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy is the exact image of what it copies, and whatever is not is noticed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.migrate.copy import CopyError, differences, used
from ansible_collections.ziggie.stack.plugins.module_utils.migrate.copy import mirror as core_mirror


def mirror(source: Path, target: Path) -> None:
    """Copy with the rsync of this machine."""

    def run(command: list[str], **_options: bool) -> tuple[int, str, str]:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr

    core_mirror(source, target, run)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(name="source")
def _source(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    (source / "deep/empty").mkdir(parents=True)
    (source / "data").write_bytes(os.urandom(3 << 20))
    (source / "none").write_bytes(b"")
    (source / "deep/script").write_text("#!/bin/sh\n")
    (source / "deep/script").chmod(0o4750)
    (source / "deep/again").hardlink_to(source / "data")
    (source / "link").symlink_to("/nowhere/at all")
    os.mkfifo(source / "pipe", 0o600)
    with (source / "sparse").open("wb") as file:
        file.seek(6 << 20)
        file.write(b"end")
        file.truncate(10 << 20)
    os.utime(source / "data", ns=(1, 1234567890123456789))
    os.utime(source / "deep", ns=(1, 987654321))
    (source / "deep/empty").chmod(0o700)
    return source


def test_a_copy_is_an_exact_image(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    mirror(source, target)
    assert list(differences(source, target)) == []
    assert stat.S_IMODE((target / "deep/script").stat().st_mode) == 0o4750
    assert (target / "deep/again").samefile(target / "data")
    assert (target / "data").stat().st_mtime_ns == 1234567890123456789
    assert (target / "deep").stat().st_mtime_ns == 987654321
    assert (target / "sparse").stat().st_blocks * 512 < 1 << 20
    assert used(target) < 8 << 20


def test_a_second_pass_copies_only_what_changed(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    mirror(source, target)
    before = {path: path.stat(follow_symlinks=False).st_ino for path in target.rglob("*")}
    (source / "none").write_text("now something")
    (source / "new").write_text("new")
    (source / "link").unlink()
    (source / "deep/again").unlink()
    (source / "deep/again").mkdir()
    mirror(source, target)
    assert list(differences(source, target)) == []
    kept = {path for path, inode in before.items() if path.exists() and path.stat(follow_symlinks=False).st_ino == inode}
    assert {target / "sparse", target / "deep/script"} <= kept


def test_links_that_were_made_or_cut_are_followed(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    mirror(source, target)
    (source / "deep/again").unlink()
    (source / "third").hardlink_to(source / "none")
    mirror(source, target)
    assert list(differences(source, target)) == []


def test_a_copy_whose_hard_link_was_cut_is_not_taken_for_an_image(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    mirror(source, target)
    status = (source / "data").stat()
    _unlink(source / "deep/again")
    os.utime(source / "deep/again", ns=(status.st_atime_ns, status.st_mtime_ns))
    mirror(source, target)
    assert "the hard links are others" in list(differences(source, target))


@pytest.mark.parametrize(("code", "live", "accepted"), [(24, True, True), (23, True, True), (24, False, False), (11, True, False)])
def test_only_a_copy_of_data_in_use_may_miss_something(tmp_path: Path, code: int, live: bool, accepted: bool) -> None:
    def run(command: list[str], **_options: bool) -> tuple[int, str, str]:
        assert command[:4] == ["setpriv", "--pdeathsig", "KILL", "rsync"]
        return code, "", "no space\nleft"

    if accepted:
        core_mirror(tmp_path, tmp_path / "target", run, live=live)
    else:
        with pytest.raises(CopyError, match="rsync failed: no space left"):
            core_mirror(tmp_path, tmp_path / "target", run, live=live)


def test_without_rsync_it_says_so(tmp_path: Path) -> None:
    def run(_command: list[str], **_options: bool) -> tuple[int, str, str]:
        raise FileNotFoundError("rsync")

    with pytest.raises(CopyError, match="rsync cannot be started"):
        core_mirror(tmp_path, tmp_path / "target", run)


def test_rsync_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/large").write_bytes(os.urandom(8 << 20))
    # As `mirror` starts it, but slow: the process that waits for it is killed.
    starter = (
        "import subprocess, sys;"
        "subprocess.run(['setpriv', '--pdeathsig', 'KILL', 'rsync', '--archive', '--bwlimit=512', sys.argv[1] + '/source/', sys.argv[1] + '/target/'])"
    )
    process = subprocess.Popen([sys.executable, "-c", starter, str(tmp_path)])
    try:
        _until(lambda: any((tmp_path / "target").glob(".large.*")))
    finally:
        process.kill()
        process.wait()
    _until(lambda: subprocess.run(["pgrep", "-f", str(tmp_path)], stdout=subprocess.DEVNULL, check=False).returncode != 0)
    assert not (tmp_path / "target/large").exists()


BREAKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a byte": (lambda copy: _flip(copy / "data"), "data has other bytes"),
    "a time": (lambda copy: os.utime(copy / "none", ns=(1, 1)), "none has another time"),
    "a mode": (lambda copy: (copy / "deep/empty").chmod(0o755), "deep/empty has another owner or mode"),
    "a file less": (lambda copy: (copy / "deep/script").unlink(), "deep/script is missing"),
    "a file more": (lambda copy: (copy / "extra").write_text(""), "extra is too much"),
    "a hard link": (lambda copy: _unlink(copy / "deep/again"), "the hard links are others"),
    "a symbolic link": (lambda copy: _relink(copy / "link"), "link points elsewhere"),
    "a kind": (lambda copy: ((copy / "pipe").unlink(), (copy / "pipe").write_text("")), "pipe is of another kind"),
}


@pytest.mark.parametrize(("spoil", "said"), BREAKS.values(), ids=BREAKS)
def test_whatever_differs_is_noticed(source: Path, tmp_path: Path, spoil: Callable[[Path], object], said: str) -> None:
    target = tmp_path / "target"
    mirror(source, target)
    spoil(target)
    assert said in list(differences(source, target))


def _flip(path: Path) -> None:
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(1 << 20)
        byte = file.read(1)
        file.seek(1 << 20)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _unlink(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def _relink(path: Path) -> None:
    path.unlink()
    path.symlink_to("/elsewhere")

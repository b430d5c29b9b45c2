# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many files and directories brought to what is declared, and the commands that put them into force.

A run that is killed leaves each file old or new, and a list of the commands that are still to be run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..typed import load
from . import atomic
from .root import Run

# Exit codes of `timeout`, the shell and `docker run` for a checker that gave no answer: too slow, could not begin, no such program.
NO_ANSWER = (124, 125, 126, 127)

# Seconds after which a checker has no answer.
_PATIENCE = "60"


class RefusedError(Exception):
    """Why nothing was written, or which command failed, in whole sentences; `applied` are the commands that had run before."""

    def __init__(self, message: str, applied: Sequence[str] = ()) -> None:
        self.applied = list(applied)
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory that has to exist, with its owner, group and octal mode."""

    path: str
    owner: int = 0
    group: int = 0
    mode: str = "0755"

    @property
    def ownership(self) -> atomic.Ownership:
        """Return owner and mode as the kernel takes them. Raises `ValueError` where the mode is not octal."""
        return atomic.Ownership(uid=self.owner, gid=self.group, mode=int(self.mode, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file with its whole content (`None`: it must not exist).

    `apply` are the commands that put it into force when it changed, or always where it is `due`. `validate` is a command that reads the
    new content on its standard input and fails where it is wrong.
    """

    path: str
    content: bytes | None
    ownership: atomic.Ownership
    apply: tuple[tuple[str, ...], ...] = ()
    due: bool = False
    validate: tuple[str, ...] = ()

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> File:
        """Take an entry of the `files` module. Raises `ValueError` where the mode is not octal or the content not base64."""
        content = None
        if entry["state"] == "present":
            written = str(entry["content"])
            content = base64.b64decode(written, validate=True) if entry["encoding"] == "base64" else written.encode()
        return cls(
            path=entry["path"],
            content=content,
            ownership=Directory(path=entry["path"], owner=entry["owner"], group=entry["group"], mode=entry["mode"]).ownership,
            apply=tuple(tuple(command) for command in entry["apply"]),
            due=entry["due"],
            validate=tuple(entry["validate"] or ()),
        )


@dataclass(slots=True)
class Layout:
    """Brings paths to what is declared, and notes what it `changed` (with `check`: would change) and the `diffs`."""

    check: bool
    changed: list[str] = field(default_factory=list)
    diffs: list[dict[str, str]] = field(default_factory=list)

    def directory(self, wanted: Directory) -> None:
        """Make a directory, or correct its owner and mode; what lies in it is left alone."""
        path, ownership = Path(wanted.path), wanted.ownership
        if not path.exists():
            self._note(path, "", f"directory {ownership}\n")
            if not self.check:
                path.mkdir(parents=True)
                ownership.apply(path)
        elif not ownership.holds(path):
            before = path.stat()
            self._note(path, f"{before.st_uid}:{before.st_gid} {stat.S_IMODE(before.st_mode):04o}\n", f"{ownership}\n")
            if not self.check:
                ownership.apply(path)

    def file(self, wanted: File) -> None:
        """Write or remove a file, or correct its owner and mode."""
        path = Path(wanted.path)
        # A pipe or a loop of links gives way to the file; a directory may hold what somebody needs.
        before = atomic.read(path) if path.is_dir() or not os.path.lexists(path) else _read(path)
        if wanted.content is None:
            if before is not None:
                self._remove(path, before)
        elif before != wanted.content:
            self._note(path, _shown(before or b""), _shown(wanted.content))
            if not self.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic.write(path, wanted.content, wanted.ownership)
        elif not wanted.ownership.holds(path):
            self._note(path, "other owner or mode\n", f"{wanted.ownership}\n")
            if not self.check:
                wanted.ownership.apply(path)

    def only(self, directory: Path, declared: set[Path]) -> None:
        """Remove every file below a directory that is not declared."""
        for parent, _directories, names in os.walk(directory):
            for path in sorted(Path(parent) / name for name in names):
                if path not in declared:
                    self._remove(path, _read(path))

    def _remove(self, path: Path, before: bytes) -> None:
        self._note(path, _shown(before), "")
        if not self.check:
            path.unlink()

    def _note(self, path: Path, before: str, after: str) -> None:
        self.changed.append(str(path))
        self.diffs.append({"before_header": str(path), "after_header": str(path), "before": before, "after": after})


@dataclass(slots=True)
class Pending:
    """The commands that are still to be run: those that an earlier run left, then those of the files that change."""

    run: Run
    place: Path | None
    check: bool
    left: list[tuple[str, ...]] = field(default_factory=list)

    def recall(self, files: Iterable[File]) -> None:
        """Take the commands that an earlier run left; one that no file names any more is dropped.

        A note that cannot be read stands for all of them: to run a command once more harms nothing.
        """
        named = {command: None for file in files for command in file.apply}
        if self.place is None or not os.path.lexists(self.place):
            return
        try:
            noted = [tuple(command) for command in load(list[list[str]], json.loads(_read(self.place)))]
        except (ValueError, RecursionError):
            noted = list(named)
        self.left = [command for command in noted if command in named]

    def add(self, files: Iterable[File], changed: Iterable[str]) -> None:
        """Note the commands of the files that change, on disk before any of them changes. Raises `RefusedError`."""
        different = set(changed)
        for file in files:
            if file.due or file.path in different:
                self.left = [command for command in self.left if command not in file.apply] + list(file.apply)
        if self.left and not self.place:
            raise RefusedError("Nothing was written. The files name commands, and pending does not say where to remember them.")
        self._note()

    def work_off(self) -> list[str]:
        """Run what is left, one after the other, and return it; what fails is left for the next run. Raises `RefusedError`."""
        if self.check:
            return [shlex.join(command) for command in self.left]
        done: list[str] = []
        while self.left:
            command = self.left[0]
            code, printed, complained = self.run(list(command))
            if code != 0:
                said = " ".join((complained or printed).split())
                raise RefusedError(f"{shlex.join(command)} failed: {said or code}. The next run tries it again.", done)
            done.append(shlex.join(command))
            del self.left[0]
            self._note()
        return done

    def _note(self) -> None:
        if self.check or self.place is None:
            return
        if self.left:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self.place, json.dumps(self.left).encode(), atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600))
        elif os.path.lexists(self.place):
            self.place.unlink()


def lay_out(
    layout: Layout, directories: Sequence[Directory], files: Sequence[File], exclusive: Iterable[str], pending: str | None, run: Run
) -> list[str]:
    """Bring everything to what is declared and return the commands that ran. Raises `RefusedError`, `OSError` and `ValueError`."""
    wrong = _refused(files, run)
    if wrong:
        raise RefusedError(f"Nothing was written. {'; '.join(wrong)}.")
    commands = Pending(run=run, place=Path(pending) if pending else None, check=layout.check)
    commands.recall(files)
    if any(file.apply for file in files):
        foreseen = Layout(check=True)
        _bring(foreseen, directories, files, exclusive)
        commands.add(files, foreseen.changed)
    _bring(layout, directories, files, exclusive)
    return commands.work_off()


def _bring(layout: Layout, directories: Iterable[Directory], files: Sequence[File], exclusive: Iterable[str]) -> None:
    for directory in directories:
        layout.directory(directory)
    for file in files:
        layout.file(file)
    for path in exclusive:
        layout.only(Path(path), {Path(file.path) for file in files if file.content is not None})


def _refused(files: Iterable[File], run: Run) -> list[str]:
    """Return what the programs that will read the new files say against them."""
    refusals = []
    for file in files:
        if not file.validate or file.content is None or atomic.read(Path(file.path)) == file.content:
            continue
        code, printed, complained = _checked(file.validate, file.content, run)
        said = " ".join((complained or printed).split())
        if code not in (0, *NO_ANSWER):
            refusals.append(f"{file.path} is refused by the program that reads it: {said}")
    return refusals


def _checked(command: Sequence[str], content: bytes, run: Run) -> tuple[int, str, str]:
    # From a file: a checker may end before it has read its input, and then a pipe would break.
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return run(["sh", "-c", 'exec timeout "$@" < "$0"', file.name, _PATIENCE, *command])


def _read(path: Path) -> bytes:
    """Return a file's bytes, none where it cannot be read."""
    try:
        return atomic.read(path) or b""
    except OSError:
        return b""


def _shown(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"not text, sha256 {hashlib.sha256(content).hexdigest()}\n"

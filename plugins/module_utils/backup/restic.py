# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository, through restic: what a broken producer has written never becomes a snapshot."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..settings.repositories import RESTIC, Repository
from . import remote
from .model import BackupError, UnreadableError

CACHE = "/var/cache/ziggie-backup"
# A file for each repository that was there: one that is gone is not made anew, where it may only not be mounted.
KNOWN = Path("/var/lib/ziggie-backup/repositories")
_CHUNK = 1 << 16
# How restic 0.14 to 0.18 says that nothing lies there yet. What follows, "Is there a repository at …?", it also asks where it could not look.
_ABSENT = re.compile(rb"^Fatal:.*(?:does not exist|no such file|NoSuchKey|\b404 Not Found)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One snapshot of a repository, with what its tags say."""

    id: str
    tags: Mapping[str, str]


class Restic:
    """Asks for one repository at a time; the key is read from a file and is in no argument list."""

    def __init__(self, repository: Repository, key: Path, project: str, program: str = RESTIC) -> None:
        self.url = repository.url
        self.shown = remote.shown(repository.url)
        self._reached = False
        self._program = program
        self.project = project
        self._environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": "/root",
            # The collector trades memory for time; the unit's limit asks for little memory.
            "GOGC": "20",
            "RESTIC_REPOSITORY": repository.url,
            "RESTIC_PASSWORD_FILE": str(key),
            "RESTIC_CACHE_DIR": CACHE,
            "RESTIC_PROGRESS_FPS": "0",
            **_environment(repository.environment_file),
        }

    def prepare(self) -> None:
        """Make the repository where there never was one, and remove locks of runs that have ended. Raises `BackupError`."""
        if self.url.startswith("/") and Path(self.url).exists() and not os.access(self.url, os.W_OK):
            # restic would try again for a quarter of an hour.
            raise BackupError(f"the repository {self.shown} cannot be written to: its file system is read-only; mount it for writing")
        known = KNOWN / hashlib.sha256(self.url.encode()).hexdigest()[:16]
        looked = self._run("cat", "config", check=False)
        if looked.returncode and _ABSENT.search(looked.stderr):
            if known.exists():
                raise BackupError(
                    f"the repository {self.shown} was there and is gone: mount what it lies on; if it is lost for good, remove {known}, "
                    "and the next backup makes a new one"
                )
            self._run("init")
        elif looked.returncode:
            raise self._error("cat config", looked.returncode, looked.stderr)
        self.unlock()
        known.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        known.touch()

    def unlock(self) -> None:
        """Remove locks of runs that have ended: one run works at a time, so what restic takes for such a lock of this host is one."""
        self._run("unlock")

    def snapshots(self) -> list[Snapshot]:
        """Return what this project has stored, the oldest first. Raises `BackupError`."""
        found = json.loads(self._run("snapshots", "--json", "--no-lock", "--tag", self.project).stdout or b"null") or []
        return [
            Snapshot(id=str(one["id"]), tags=dict(tag.partition("=")[::2] for tag in one.get("tags") or () if "=" in tag))
            for one in sorted(found, key=lambda one: str(one["time"]))
        ]

    def store(self, name: str, producer: Iterable[bytes], tags: Mapping[str, str]) -> tuple[int, str]:
        """Store a stream as one file and return its size and hash.

        restic keeps what it has read when its input ends, whatever became of the producer (restic#4251). So its input ends only after the producer has
        ended well; where the producer raises, restic is stopped first, and stores nothing.
        """
        size, digest = 0, hashlib.sha256()
        process = self._popen("backup", "--stdin", "--stdin-filename", name, *self._tags(tags), stdin=subprocess.PIPE)
        patience = remote.Patience(process)
        into = _piped(process.stdin)
        try:
            for chunk in producer:
                into.write(chunk)
                size += len(chunk)
                digest.update(chunk)
        except BrokenPipeError:
            self._ended(process, patience, f"backup of {name}")
        except BaseException:
            _stop(process, patience)
            raise
        self._ended(process, patience, f"backup of {name}")
        return size, digest.hexdigest()

    def store_directory(self, directory: Path, tags: Mapping[str, str], exclude: Sequence[str] = ()) -> int:
        """Store a directory's content and return its size. A file that cannot be read is an error; of nothing there is no snapshot."""
        words = [word for pattern in exclude for word in ("--exclude", pattern)]
        done = self._run("backup", "--json", *self._tags(tags), *words, ".", check=False, cwd=directory)
        if done.returncode and b"snapshot is empty" in done.stderr:
            return 0
        if done.returncode:
            raise self._error(f"backup of {directory}", done.returncode, done.stderr)
        for line in reversed(done.stdout.splitlines()):
            entry = json.loads(line)
            if entry.get("message_type") == "summary":
                return int(entry["total_bytes_processed"])
        raise BackupError(f"restic did not say what it stored of {directory}")

    def read(self, snapshot: str, name: str) -> Iterator[bytes]:
        """Yield a stored stream. Raises `UnreadableError` where it cannot be read to its end."""
        process = self._popen("dump", "--no-lock", snapshot, f"/{name}", stdout=subprocess.PIPE)
        patience = remote.Patience(process)
        out = _piped(process.stdout)
        try:
            while chunk := out.read(_CHUNK):
                yield chunk
        except BaseException:
            _stop(process, patience)
            raise
        try:
            self._ended(process, patience, f"dump of {name}")
        except BackupError as error:
            raise UnreadableError(str(error)) from error

    def restore_directory(self, snapshot: str, target: Path) -> None:
        """Put a stored directory's content into a directory. Raises `UnreadableError` where not all of it can be read."""
        done = self._run("restore", "--no-lock", snapshot, "--target", str(target), check=False)
        if done.returncode:
            error = self._error("restore", done.returncode, done.stderr)
            raise error if b"no space left" in done.stderr else UnreadableError(str(error))

    def forget(self, snapshots: Sequence[str], *, prune: bool) -> None:
        """Remove snapshots, and the data that only they have. Raises `RefusedError` where the server takes nothing back."""
        if not snapshots:
            return
        done = self._run("forget", *snapshots)
        said = done.stderr.decode(errors="replace")
        if remote.unremoved(said):
            raise remote.RefusedError(f"{self.shown} takes nothing back") if remote.refused(said) else self._error("forget", 0, done.stderr)
        if prune:
            self._run("prune")

    def copy_to(self, other: Restic, snapshots: Sequence[str]) -> None:
        """Copy snapshots to another repository with the same key; those that are there already are left out."""
        environment = {"RESTIC_FROM_REPOSITORY": self.url, "RESTIC_FROM_PASSWORD_FILE": self._environment["RESTIC_PASSWORD_FILE"]}
        other._run("copy", *snapshots, more=environment)

    def _tags(self, tags: Mapping[str, str]) -> list[str]:
        words = [self.project, *(f"{key}={value}" for key, value in tags.items())]
        return ["--host", self.project, *(word for tag in words for word in ("--tag", tag))]

    def _run(
        self, *words: str, check: bool = True, cwd: Path | None = None, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        process = self._popen(*words, stdout=subprocess.PIPE, cwd=cwd, more=more)
        patience = remote.Patience(process)
        out = _piped(process.stdout).read()
        said, code = patience.said(), process.wait()
        _close(process)
        done = subprocess.CompletedProcess([self._program, *words], code, out, said)
        if check and done.returncode:
            raise self._error(words[0], done.returncode, done.stderr)
        return done

    def _popen(
        self,
        *words: str,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        cwd: Path | None = None,
        more: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        if not self._reached:
            remote.reach(self.url)
            self._reached = True
        environment = {**self._environment, **(more or {})}
        with self._runnable():
            return subprocess.Popen(  # pylint: disable=ansible-bad-function
                [self._program, *words], env=environment, cwd=cwd, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE
            )

    @contextlib.contextmanager
    def _runnable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BackupError(f"{self._program} cannot be run ({error.strerror}); run the site playbook, which installs it") from error

    def _ended(self, process: subprocess.Popen[bytes], patience: remote.Patience, what: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            if process.stdin is not None:
                process.stdin.close()
        said = patience.said()
        code = process.wait()
        _close(process)
        if code:
            raise self._error(what, code, said)

    def _error(self, what: str, code: int, said: bytes) -> BackupError:
        whole = said.decode(errors="replace")
        lines = [_plain(line) for line in whole.splitlines() if line.strip()]
        why = next((line for line in lines if "Fatal" in line), lines[-1] if lines else "nothing said")
        if "wrong password" in why:
            return BackupError(
                f"the key {self._environment['RESTIC_PASSWORD_FILE']} does not open {self.shown}; put the key there that was made with it"
            )
        return BackupError(
            f"the repository {self.shown}: restic {what} ended with exit code {code}: {why.strip()[:300]}{remote.fix(whole)}"
        )


def _plain(line: str) -> str:
    """Return the message of a line, which newer versions write as JSON where they are asked for it."""
    try:
        return str(json.loads(line)["message"])
    except (ValueError, KeyError, TypeError):
        return line


def _stop(process: subprocess.Popen[bytes], patience: remote.Patience) -> None:
    """End restic before its input does. On SIGINT it removes its own lock."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    patience.join()
    _close(process)


def _piped(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a stream that was asked for as a pipe."""
    if stream is None:
        raise ValueError("this stream is no pipe")
    return stream


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()


def _environment(file: str) -> dict[str, Any]:
    if not file:
        return {}
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror}); a repository names it as its environment_file") from error
    return dict(line.strip().split("=", 1) for line in lines if "=" in line and not line.strip().startswith("#"))

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One value per secret name, and the files that services read them from."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from ..catalog.credentials import REFERENCE, fault
from . import atomic
from .given import Given, digest

_ALPHABET = string.ascii_letters + string.digits
# 40 characters of 62 are 238 bits: no guessing, and no quoting in any file format.
_LENGTH = 40
ROOT_ONLY = atomic.Ownership(uid=0, gid=0, mode=0o400)


def new_value() -> str:
    """Return a value that was never there before."""
    return "".join(secrets.choice(_ALPHABET) for _character in range(_LENGTH))


class VaultError(Exception):
    """A value cannot be used; the text is one sentence for each of them, and none has a value in it."""


class Vault:
    """Keeps values below `store` and files below `directory`; with `check` it only tells what it would do."""

    def __init__(self, store: Path, directory: Path, *, check: bool) -> None:
        self.store = store
        self.directory = directory
        self.check = check
        self.created: list[str] = []
        self.recovered: list[str] = []
        self.written: list[str] = []
        self._values: dict[str, str] = {}
        self._given = Given(store)
        self._noted = True

    @property
    def current(self) -> bool:
        """Tell whether everything was as it is wanted when it was looked at."""
        return self._noted and not (self.created or self.recovered or self.written)

    def provide(self, values: dict[str, str]) -> None:
        """Take values that the operator chose. Raises `VaultError`."""
        for name in values:
            _below(self.store, name)
        _refuse((f"the value given for {name}", value) for name, value in sorted(values.items()))
        for name, value in sorted(values.items()):
            if self._bytes(name) != value.encode():
                self.created.append(name)
                self._keep(name, value)

    def write(self, files: list[dict[str, Any]]) -> None:
        """Write the files that differ, and remove those that nobody declares any more. Raises `VaultError` before anything is written."""
        self.fill(files)
        declared = {self.directory / entry["path"] for entry in files}
        for path in sorted(self.directory.rglob("*")):
            if path.is_file() and path not in declared:
                self.written.append(str(path))
                if not self.check:
                    path.unlink()

    def fill(self, files: list[dict[str, Any]]) -> None:
        """Write the files that differ.

        A value that the store lost is taken back from a file that services read. Raises `VaultError` before anything is written.
        """
        for entry in files:
            _below(self.directory, entry["path"])
        names = dict.fromkeys(name for entry in files for name in REFERENCE.findall(entry["content"]))
        stored = {name: self._stored(name) for name in names}
        _refuse((str(self.store / name), value) for name, value in stored.items() if value is not None)
        for name in (name for name, value in stored.items() if value is None):
            value = self._recovered(name, files)
            (self.created if value is None else self.recovered).append(name)
            self._keep(name, value or new_value())
        for entry in files:
            self._file(self.directory / entry["path"], entry)
        for name in names:
            self._given.remember(name, self._values[name])
        self._noted = not self._given.differs
        if names and not self.check:
            self._given.save()

    def _file(self, path: Path, entry: dict[str, Any]) -> None:
        content = REFERENCE.sub(lambda match: self._values[match[1]], entry["content"]).encode()
        ownership = atomic.Ownership(uid=entry["uid"], gid=entry["gid"], mode=ROOT_ONLY.mode)
        same = atomic.read(path) == content
        if same and ownership.holds(path):
            return
        self.written.append(str(path))
        if self.check:
            return
        if same:
            ownership.apply(path)
            return
        _private_directory(self.directory)
        _private_directory(path.parent)
        atomic.write(path, content, ownership)

    def _stored(self, name: str) -> str | None:
        if name not in self._values:
            content = self._bytes(name)
            if content is None:
                return None
            try:
                self._values[name] = content.decode()
            except ValueError as error:
                raise VaultError(f"{self.store / name} cannot be used: it is not UTF-8 text; restore it from a backup") from error
        return self._values[name]

    def _bytes(self, name: str) -> bytes | None:
        return self._values[name].encode() if name in self._values else atomic.read(self.store / name)

    def _recovered(self, name: str, files: list[dict[str, Any]]) -> str | None:
        """Return the value that the files for the services still hold, None where they hold none."""
        for entry in files:
            if name in REFERENCE.findall(entry["content"]):
                # Splitting at the references leaves the texts between them at even places, and the names at odd ones.
                parts, groups = REFERENCE.split(entry["content"]), iter(["(?P<value>.+?)"])
                pattern = "".join(
                    re.escape(part) if place % 2 == 0 else next(groups, "(?P=value)") if part == name else ".+?"
                    for place, part in enumerate(parts)
                )
                found = re.fullmatch(pattern, (atomic.read(self.directory / entry["path"]) or b"").decode(errors="replace"), re.DOTALL)
                if found and not fault(found["value"]):
                    if self._given.is_other(name, digest(found["value"])):
                        raise VaultError(
                            f"{self.store / name} is lost, and {self.directory / entry['path']} holds another value than services were given; "
                            "restore the first from a backup"
                        )
                    return found["value"]
        return None

    def _keep(self, name: str, value: str) -> None:
        self._values[name] = value
        if self.check:
            return
        _private_directory(self.store)
        atomic.write(self.store / name, value.encode(), ROOT_ONLY)


def _refuse(values: Iterable[tuple[str, str]]) -> None:
    wrong = [f"{what} cannot be used: {fault(value)}" for what, value in values if fault(value)]
    if wrong:
        raise VaultError(f"{'; '.join(wrong)}; write the value without a line break at its end")


def _below(directory: Path, path: str) -> None:
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise VaultError(f"{path!r} is not a path below {directory}; write one without ..")


def _private_directory(path: Path) -> None:
    # The engine mounts the files as root: no container ever walks through these directories.
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)

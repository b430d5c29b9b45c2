# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One value per secret name, and the files that services read them from."""

from __future__ import annotations

import re
import secrets
import string
from pathlib import Path
from typing import Any

from . import atomic

_REFERENCE = re.compile(r"@([a-z][a-z0-9_]*)@")
_ALPHABET = string.ascii_letters + string.digits
# 40 characters of 62 are 238 bits: no guessing, and no quoting in any file format.
_LENGTH = 40
_ROOT_ONLY = 0o400


class Vault:
    """Keeps values below `store` and files below `directory`; with `check` it only tells what it would do."""

    def __init__(self, store: Path, directory: Path, *, check: bool) -> None:
        self.store = store
        self.directory = directory
        self.check = check
        self.created: list[str] = []
        self.written: list[str] = []
        self._values: dict[str, str] = {}

    def provide(self, values: dict[str, str]) -> None:
        """Take values that the operator chose."""
        for name, value in sorted(values.items()):
            if self._stored(name) != value:
                self._keep(name, value)

    def write(self, files: list[dict[str, Any]]) -> None:
        """Write the files that differ, and remove those that nobody declares any more."""
        declared = set()
        for entry in files:
            path = self.directory / entry["path"]
            declared.add(path)
            self._file(path, entry)
        for path in sorted(self.directory.rglob("*")):
            if path.is_file() and path not in declared:
                self.written.append(str(path))
                if not self.check:
                    path.unlink()

    def _file(self, path: Path, entry: dict[str, Any]) -> None:
        content = _REFERENCE.sub(lambda match: self._value(match[1]), entry["content"]).encode()
        ownership = atomic.Ownership(uid=entry["uid"], gid=entry["gid"], mode=_ROOT_ONLY)
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

    def _value(self, name: str) -> str:
        stored = self._stored(name)
        if stored is not None:
            return stored
        value = "".join(secrets.choice(_ALPHABET) for _character in range(_LENGTH))
        self._keep(name, value)
        return value

    def _stored(self, name: str) -> str | None:
        if name in self._values:
            return self._values[name]
        content = atomic.read(self.store / name)
        return None if content is None else content.decode()

    def _keep(self, name: str, value: str) -> None:
        self.created.append(name)
        self._values[name] = value
        if self.check:
            return
        _private_directory(self.store)
        atomic.write(self.store / name, value.encode(), atomic.Ownership(uid=0, gid=0, mode=_ROOT_ONLY))


def _private_directory(path: Path) -> None:
    # The engine mounts the files as root: no container ever walks through these directories.
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)

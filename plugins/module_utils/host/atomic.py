# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write files so that a killed run leaves the old or the new, never half."""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

_TEMPORARY = re.compile(r"(?:^|/)\.[^/]+\.[a-z0-9_]{8}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who owns a path and what they may do; `mode` is the permission bits."""

    uid: int
    gid: int
    mode: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid} {self.mode:04o}"

    def holds(self, path: Path) -> bool:
        """Tell whether a path is already owned and permitted like this."""
        status = path.stat()
        return (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (self.uid, self.gid, self.mode)

    def apply(self, path: Path) -> None:
        """Give a path this owner and mode."""
        os.chown(path, self.uid, self.gid)
        path.chmod(self.mode)


def read(path: Path) -> bytes | None:
    """Return a regular file's bytes, `None` where there is no file. Raises `OSError` for anything else, such as a pipe, which would be waited for."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(
                errno.EISDIR if path.is_dir() else errno.EINVAL, "Is a directory" if path.is_dir() else "Not a regular file", str(path)
            )
        return path.read_bytes()
    except FileNotFoundError:
        return None


def is_left_over(path: str) -> bool:
    """Tell whether a file has a name of those that `write` gives before the rename, as a killed run leaves one."""
    return _TEMPORARY.search(path) is not None


def why(error: OSError) -> str:
    """Return what the system says against a path, as a part of a sentence."""
    return f"{error.strerror or error} at {error.filename}" if error.filename else str(error.strerror or error)


def write(path: Path, content: bytes, ownership: Ownership) -> None:
    """Put a file in place by rename, its owner and mode set and its bytes on disk before it appears."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        ownership.apply(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make a rename itself survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

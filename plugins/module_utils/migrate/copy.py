# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exact image of a directory, made by rsync(1) in as many passes as it takes, and the proof that it is one.

Kept are bytes, holes, owners, modes, times, extended attributes (with them ACLs and capabilities), symbolic and hard links, devices and
sockets. A pass copies only what changed since the one before. What rsync leaves is compared file by file, by hash, before it is used.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..host.root import Run

_CHUNK = 1 << 20
# In place: nothing uses the copy yet, and a file that changed needs no room for a second one.
_KEPT = ("--archive", "--hard-links", "--acls", "--xattrs", "--sparse", "--inplace", "--numeric-ids")
# rsync(1), EXIT VALUES: some files could not be transferred, some vanished before they could be.
_PARTIAL, _VANISHED = 23, 24


class CopyError(Exception):
    """Why a pass failed, as a part of a sentence."""


def used(place: Path) -> int:
    """Return how many bytes of disk everything at a place takes."""
    found = {(entry.st_dev, entry.st_ino): entry.st_blocks * 512 for _path, entry in _walk(place)}
    return sum(found.values())


def mirror(source: Path, target: Path, run: Run, *, live: bool = False) -> None:
    """Make `target` the image of `source`; `live` accepts that files change and vanish meanwhile. Raises `CopyError`.

    rsync ends with the process that started it (prctl(2), PR_SET_PDEATHSIG): one that went on would write into data in use.
    """
    command = ["setpriv", "--pdeathsig", "KILL", "rsync", *_KEPT, "--delete", f"{source}/", f"{target}/"]
    try:
        code, _printed, complained = run(command, handle_exceptions=False)
    except OSError as error:
        raise CopyError(f"rsync cannot be started: {error}") from error
    if code not in ((0, _PARTIAL, _VANISHED) if live else (0,)):
        raise CopyError(f"rsync failed: {' '.join(complained.split()) or code}")


def differences(source: Path, target: Path) -> Iterator[str]:
    """Yield a sentence for everything in which two directories differ; every file is read to its end, from the disk."""
    left, right = dict(_relative(source)), dict(_relative(target))
    yield from (f"{name} is missing" for name in sorted(set(left) - set(right)))
    yield from (f"{name} is too much" for name in sorted(set(right) - set(left)))
    if _links(left) != _links(right):
        yield "the hard links are others"
    for name in sorted(set(left) & set(right)):
        yield from _difference(name, source / name, left[name], target / name, right[name])


def checksum(file: Path) -> str:
    """Return the SHA-256 of a file as it lies on the disk."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        # What is in memory may not be what was written.
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _attributes(path: Path) -> dict[str, bytes]:
    try:
        return {name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path, follow_symlinks=False)}
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.EPERM):
            return {}
        raise


def _difference(name: str, source: Path, left: os.stat_result, target: Path, right: os.stat_result) -> Iterator[str]:
    if stat.S_IFMT(left.st_mode) != stat.S_IFMT(right.st_mode):
        yield f"{name} is of another kind"
        return
    if (left.st_mode, left.st_uid, left.st_gid) != (right.st_mode, right.st_uid, right.st_gid):
        yield f"{name} has another owner or mode"
    if left.st_rdev != right.st_rdev:
        yield f"{name} is another device"
    if _attributes(source) != _attributes(target):
        yield f"{name} has other extended attributes"
    if stat.S_ISLNK(left.st_mode) and source.readlink() != target.readlink():
        yield f"{name} points elsewhere"
    if stat.S_ISREG(left.st_mode):
        if left.st_mtime_ns != right.st_mtime_ns:
            yield f"{name} has another time"
        if left.st_size != right.st_size or checksum(source) != checksum(target):
            yield f"{name} has other bytes"


def _links(found: dict[str, os.stat_result]) -> set[frozenset[str]]:
    groups: dict[tuple[int, int], set[str]] = {}
    for name, status in found.items():
        if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
            groups.setdefault((status.st_dev, status.st_ino), set()).add(name)
    return {frozenset(names) for names in groups.values()}


def _relative(place: Path) -> Iterator[tuple[str, os.stat_result]]:
    yield from ((str(path.relative_to(place)), status) for path, status in _walk(place))


def _walk(place: Path) -> Iterator[tuple[Path, os.stat_result]]:
    yield place, place.lstat()
    for parent, directories, files in os.walk(place):
        for name in (*directories, *files):
            path = Path(parent) / name
            try:
                yield path, path.lstat()
            except FileNotFoundError:
                # Gone since it was listed, as where a server still runs.
                continue

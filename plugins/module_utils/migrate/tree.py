# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one directory the exact image of another, and prove that it is.

Kept are bytes, holes, owners, modes, times, extended attributes (with them ACLs and capabilities), symbolic and hard links, devices and
sockets. What is there already and unchanged is not copied again, so a second pass is short.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 1 << 20


def used(place: Path) -> int:
    """Return how many bytes of disk all that lies at a place takes."""
    found = {(entry.st_dev, entry.st_ino): entry.st_blocks * 512 for _path, entry in _walk(place)}
    return sum(found.values())


def mirror(source: Path, target: Path, *, live: bool = False) -> None:
    """Make `target` the image of `source`; `live` passes over what goes away while it is read."""
    first: dict[tuple[int, int], Path] = {}
    _directory(source, target, first, live=live)


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


def _directory(source: Path, target: Path, first: dict[tuple[int, int], Path], *, live: bool) -> None:
    status = source.lstat()
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        target.unlink()
    target.mkdir(exist_ok=True)
    names = {entry.name for entry in os.scandir(source)}
    for entry in list(os.scandir(target)):
        if entry.name not in names:
            _remove(Path(entry.path))
    for name in sorted(names):
        try:
            _entry(source / name, target / name, first, live=live)
        except FileNotFoundError:
            if not live:
                raise
    _metadata(source, target, status)


def _entry(source: Path, target: Path, first: dict[tuple[int, int], Path], *, live: bool) -> None:
    status = source.lstat()
    if stat.S_ISDIR(status.st_mode):
        _directory(source, target, first, live=live)
        return
    there = target.lstat() if os.path.lexists(target) else None
    other = first.setdefault((status.st_dev, status.st_ino), target)
    if other != target:
        if there is None or not target.samefile(other):
            _remove(target)
            os.link(other, target, follow_symlinks=False)
        return
    if there is None or not _same(status, there):
        _remove(target)
        _make(source, target, status)
    _metadata(source, target, status)


def _same(status: os.stat_result, there: os.stat_result) -> bool:
    """Tell whether a regular file was copied before: by type, size, time, and by how many names it has."""
    return stat.S_ISREG(status.st_mode) and (stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns, status.st_nlink) == (
        stat.S_IFMT(there.st_mode),
        there.st_size,
        there.st_mtime_ns,
        there.st_nlink,
    )


def _make(source: Path, target: Path, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        _bytes(source, target)
    elif stat.S_ISLNK(status.st_mode):
        target.symlink_to(source.readlink())
    else:
        os.mknod(target, status.st_mode, status.st_rdev)


def _bytes(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        size = os.fstat(read.fileno()).st_size
        for start, end in _extents(read.fileno(), size):
            read.seek(start)
            written.seek(start)
            while chunk := read.read(min(_CHUNK, end - read.tell())):
                written.write(chunk)
        written.truncate(size)


def _extents(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield where a file has data; the rest is holes."""
    position = 0
    while position < size:
        try:
            start = os.lseek(descriptor, position, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            raise
        position = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, position


def _metadata(source: Path, target: Path, status: os.stat_result) -> None:
    os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        target.chmod(stat.S_IMODE(status.st_mode))
    wanted = _attributes(source)
    for name in set(_attributes(target)) - set(wanted):
        os.removexattr(target, name, follow_symlinks=False)
    for name, value in wanted.items():
        os.setxattr(target, name, value, follow_symlinks=False)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


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


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

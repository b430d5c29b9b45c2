# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect the configuration files beside a Compose file that its services mount, and those of its `configs`.

Only files whose path inside the container can be that of a configuration file are opened, so keys and data are not. The number of
files and their sizes are bounded; what is left out is named with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ..module_utils.compose.entries import Mount, Reference
from ..module_utils.compose.project import Project
from ..module_utils.compose.service import Service
from ..module_utils.evidence.read import wanted
from ..module_utils.evidence.subject import Configuration, named_by
from .files import text_of

LARGEST = 256 * 1024
MOST_FILES = 100
MOST_ENTRIES = 2000
DEEPEST = 3
_MISSING = "does not exist where Ansible runs"


@dataclass(slots=True)
class _Collector:
    """What was found so far for one service; `folder` is that of the Compose file, `named` the paths that its command names."""

    folder: Path
    named: frozenset[str]
    files: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)

    def mount(self, mount: Mount) -> None:
        """Read a bind mount: a file, or the configuration files in a directory."""
        path, why = self._path(mount.source)
        if path is None or not path.exists():
            self.unread[mount.target] = why or _MISSING
        elif path.is_dir():
            self._directory(path, mount.target)
        else:
            self._file(path, mount.target)

    def config(self, reference: Reference, project: Project) -> None:
        """Read one of the document's `configs`."""
        config = project.configs.get(reference.source)
        if config is not None and config.content is not None:
            if self._is_wanted(reference.target):
                self.files[reference.target] = config.content
        elif config is not None and config.file:
            path, why = self._path(config.file)
            if path is None:
                self.unread[reference.target] = why
            else:
                self._file(path, reference.target)
        else:
            self.unread[reference.target] = "is not a file of this Compose project"

    def _path(self, written: str) -> tuple[Path | None, str]:
        """Return the path on the controller, or why there is none: an absolute path is the target host's."""
        if "$" in written:
            return None, "has a path with a variable that is not known"
        path = Path(written)
        if written.startswith("~") or (path.is_absolute() and not path.is_relative_to(self.folder)):
            return None, "is on the host and not beside the Compose file"
        return self.folder / path, ""

    def _is_wanted(self, target: str) -> bool:
        return target in self.named or wanted(target)

    def _file(self, path: Path, target: str) -> None:
        if not self._is_wanted(target):
            return
        text, why = (None, f"is beyond the first {MOST_FILES} files") if len(self.files) >= MOST_FILES else _text(path)
        if text is None:
            self.unread[target] = why
        else:
            self.files[target] = text

    def _directory(self, path: Path, target: str) -> None:
        """Read the configuration files of a directory, unless it holds too much to look at."""
        found = list(islice(_entries(path, DEEPEST), MOST_ENTRIES + 1))
        if len(found) > MOST_ENTRIES:
            self.unread[target] = f"holds more than {MOST_ENTRIES} files"
            return
        for entry in sorted(found):
            self._file(entry, f"{target}/{entry.relative_to(path).as_posix()}")
        self.looked.append(target)


def collect(service: Service, project: Project, folder: Path) -> Configuration:
    """Return what is configured for a service in files beside the Compose file, whose folder this is. Never raises for a file."""
    collector = _Collector(folder=folder.absolute(), named=named_by(service))
    for mount in service.mounts:
        if mount.kind == "bind":
            collector.mount(mount)
    for reference in service.configs:
        collector.config(reference, project)
    return Configuration(files=collector.files, unread=collector.unread, looked=tuple(collector.looked))


def _text(path: Path) -> tuple[str | None, str]:
    try:
        if not path.is_file():
            return None, _MISSING if not path.exists() else "is not a file"
        if path.stat().st_size > LARGEST:
            return None, f"is larger than {LARGEST // 1024} KiB"
        return text_of(path, LARGEST), ""
    except OSError as error:
        return None, f"cannot be read: {error.strerror or error}"
    except ValueError:
        return None, "is not UTF-8 text"


def _entries(path: Path, depth: int) -> Iterator[Path]:
    """Yield files below a directory, without following links to directories."""
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _entries(Path(entry.path), depth - 1) if depth > 1 else ()
                else:
                    yield Path(entry.path)
    except OSError:
        return

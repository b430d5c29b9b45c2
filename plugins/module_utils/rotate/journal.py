# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rotation stands, on the host: it names no value, and a run that was killed is settled by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..host import atomic
from ..host.given import ROTATION as FILE
from ..typed import dump, load

# Nothing is changed but these notes; the server may have either value; server, files and services may have either; all have the new one.
Step = Literal["begun", "server", "files", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFile:
    """A file that services read: its path below the directory of such files, its text with references to values, and whose it is."""

    path: str
    content: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What is changed: the value's name, how its server takes it (`method` and `user`, see `catalog.rotation`), that server's service, and the files."""

    secret: str
    method: str
    user: str
    service: str
    files: tuple[SecretFile, ...]
    step: Step = "begun"

    def at(self, step: Step) -> Rotation:
        """Return the same rotation at another step."""
        return replace(self, step=step)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Rotation:
        """Return what plain data say. Raises `ValueError`."""
        return load(cls, data)


class JournalError(Exception):
    """The note cannot be read; the text is one sentence that says what to do."""


def read(store: Path) -> Rotation | None:
    """Return the rotation that is under way, `None` where there is none. Raises `JournalError`."""
    try:
        content = atomic.read(store / FILE)
        return None if content is None else load(Rotation, json.loads(content))
    except (OSError, ValueError, RecursionError) as error:
        why = atomic.why(error) if isinstance(error, OSError) else "it is not as it was written"
        raise JournalError(
            f"{store / FILE} notes a rotation that was interrupted, and cannot be read ({why}); see which of the values .NAME.old and .NAME.new "
            "beside it the server takes, write that one to NAME, and remove the three"
        ) from None


def write(store: Path, rotation: Rotation) -> None:
    """Take note of a step before it is made."""
    content = json.dumps(dump(rotation), indent=1, sort_keys=True) + "\n"
    atomic.write(store / FILE, content.encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))


def remove(store: Path) -> None:
    """Forget a rotation that is over."""
    (store / FILE).unlink(missing_ok=True)
    atomic.sync_directory(store)

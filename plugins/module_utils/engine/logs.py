# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a container's log."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path

from .client import Engine, EngineError, frames

# A shorter value is found in too many words that are none.
_SHORTEST = 6
# Colours, and what else a terminal would obey.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def last_lines(engine: Engine, container: str, most: int, secrets: Iterable[str] = ()) -> list[str]:
    """Return up to so many lines, in none of them a secret; none where the log cannot be read, as with a driver that keeps none."""
    try:
        stream = engine.read(f"/containers/{container}/logs?stdout=true&stderr=true&tail={most}")
    except EngineError:
        return []
    # A container with a terminal sends no frames.
    framed = stream[:1] in (b"\0", b"\1", b"\2") and stream[1:4] == bytes(3)
    text = (b"".join(content for _kind, content in frames(stream)) if framed else stream).decode(errors="replace")
    return lines_of(text, most, secrets)


def lines_of(text: str, most: int, secrets: Iterable[str] = ()) -> list[str]:
    """Return the last lines of what a program said, up to so many, as they can be shown, in none of them a secret."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return [line for line in (_CONTROL.sub("", line).rstrip() for line in text.split("\n")) if line][-most:]


def secrets_in(store: Path) -> list[str]:
    """Return the values of a directory of secrets that are long enough to be told from a word, the longest first."""
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for path in store.iterdir():
            with contextlib.suppress(OSError, ValueError):
                found.add(path.read_text(encoding="utf-8").strip())
    return sorted((value for value in found if len(value) >= _SHORTEST), key=lambda value: (-len(value), value))

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a program takes a changed configuration without a restart, as `x-budget.reload` of its service says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ..typed import OPTIONAL

KEY = "reload"
# Signals that a program may read its configuration at; others end it.
SIGNALS = ("HUP", "USR1", "USR2")
_COMMANDS = ("files", "check", "exec", "verify")
KEYS = (*_COMMANDS, "signal", "timeout")
_USUAL, LONGEST = 30, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """How the program of a service reads its configuration again.

    `files` are patterns of the files below the service's own directory of configuration that it reads again. `check` is a command that refuses a wrong
    configuration; then either a `signal` is sent to the container or a `command` is run in it, and `verify` fails until the program took it. All commands
    run inside the container, each for `timeout` seconds at most; empty is none.
    """

    files: tuple[str, ...] = field(default=("*",), metadata=OPTIONAL)
    check: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    signal: str = field(default="", metadata=OPTIONAL)
    command: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    verify: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    timeout: int = field(default=_USUAL, metadata=OPTIONAL)

    def reads(self, path: str) -> bool:
        """Tell whether a file, relative to the service's directory of configuration, is read again."""
        return any(fnmatchcase(path, pattern) for pattern in self.files)

    @classmethod
    def read(cls, written: Any) -> Reload | None:
        """Return what is written, `None` where nothing is or it has a fault."""
        if written is None or any(faults(written)):
            return None
        lists = {key: tuple(written.get(key) or ()) for key in _COMMANDS}
        return cls(
            files=lists["files"] or ("*",),
            check=lists["check"],
            signal=str(written.get("signal") or ""),
            command=lists["exec"],
            verify=lists["verify"],
            timeout=int(written.get("timeout") or _USUAL),
        )


def faults(written: Any) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a way as it is written: the key, empty for the whole, a sentence, and its fix."""
    if not isinstance(written, Mapping):
        yield "", "expected a mapping", "write {signal: HUP}, or {exec: [program, argument]}"
        return
    for key in written:
        if key not in KEYS:
            yield str(key), "nothing reads this key", f"use one of {', '.join(sorted(KEYS))}"
    if (written.get("signal") is None) == (written.get("exec") is None):
        yield "", "expected either a signal or a command", "write {signal: HUP}, or {exec: [program, argument]}"
    for key in _COMMANDS:
        words = written.get(key)
        if words is not None and not (isinstance(words, (list, tuple)) and words and all(isinstance(word, str) and word for word in words)):
            yield key, "expected a list of texts that is not empty", "write a list such as [nginx, -t], numbers in quotes"
    if written.get("signal") not in (None, *SIGNALS):
        yield "signal", f"expected one of {', '.join(SIGNALS)}", "write HUP"
    seconds = written.get("timeout")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= LONGEST):
        yield "timeout", f"expected whole seconds from 1 to {LONGEST}", f"write {_USUAL}"

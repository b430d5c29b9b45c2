# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run in processes of their own, each killed by the kernel just before one of its effects: a write, a rename, a program, a request to the engine.

What is written to a file that has only a temporary name is seen by nobody before the rename, and counts with that.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.testing import patch_module_args

_EFFECTS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.truncate", "subprocess.Popen")
_WRITES = os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a module ended: what it answered, nothing where it was killed, and its effects in their order, with the one that it did not come to."""

    answer: dict[str, Any]
    effects: list[str]

    @property
    def was_killed(self) -> bool:
        """Tell whether it was killed."""
        return not self.answer


class Killer:
    """Runs modules; all of a test are forked from one process that has them imported."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, module: str, *, kill_at: int = 0, **options: Any) -> Ended:
        """Run a module, killed before its so-many-th effect; 0 lets it end."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"module": module, "kill_at": kill_at, "options": options}) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@contextlib.contextmanager
def killer() -> Iterator[Killer]:
    """Have one for a while."""
    it = Killer()
    try:
        yield it
    finally:
        it.close()


def _serve() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        module = importlib.import_module(f"ansible_collections.ziggie.stack.plugins.modules.{asked['module']}")
        answers, effects = os.pipe(), os.pipe()
        child = os.fork()
        if not child:
            _be(module, asked, answers[1], effects[1])
        for _end, other in (answers, effects):
            os.close(other)
        with os.fdopen(effects[0]) as told:
            listed = told.read().splitlines()
        with os.fdopen(answers[0]) as told:
            said = told.read()
        os.waitpid(child, 0)
        print(json.dumps({"answer": json.loads(said) if said else {}, "effects": listed}), flush=True)


def _be(module: Any, asked: dict[str, Any], answers: int, effects: int) -> None:
    """Be the module, and end with it."""
    said, left = io.StringIO(), asked["kill_at"]

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        effect = _effect(event, arguments)
        if effect:
            os.write(effects, f"{effect}\n".encode())
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    arguments = {**asked["options"], "_ansible_check_mode": False, "_ansible_diff": True, "_ansible_remote_tmp": "/tmp"}
    with patch_module_args(arguments), contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        sys.addaudithook(count)
        module.main()
    os.write(answers, said.getvalue().splitlines()[-1].encode())
    os._exit(0)


def _effect(event: str, arguments: tuple[Any, ...]) -> str:
    """Return an effect in a few words, nothing for what changes nothing."""
    if event == "open":
        path, _mode, flags = arguments
        # A number is a file that is open.
        written = not isinstance(path, int) and isinstance(flags, int) and flags & _WRITES and not flags & os.O_EXCL
        return f"open {path}" if written else ""
    if event == "http.client.send":
        words = bytes(arguments[1]).split(b" ", 2)[:2] if isinstance(arguments[1], (bytes, bytearray)) else []
        return b" ".join(words).decode() if words and words[0] in (b"POST", b"DELETE", b"PUT") else ""
    return f"{event} {arguments[0]}" if event in _EFFECTS else ""


if __name__ == "__main__":
    _serve()

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's hooks are run on the host: each once in a deploy, in its turn, bounded in time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import IO, cast

from ..settings.hooks import DEPLOY, SERVICE, TIER, Hook, When, at
from .changes import Changes

SUCCEEDED, FAILED, ROLLED_BACK = "succeeded", "failed", "rolled back"

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What of a hook's output is kept, and how much of its last line a sentence shows.
_OUTPUT, _LINE = 4096, 300

# A call is a program, too, so that whatever the other side does its time is bounded; the URL, which may be secret, is no argument of it.
_CALL = """
import json, sys, urllib.error, urllib.request
given = json.load(sys.stdin)
request = urllib.request.Request(given["url"], json.dumps(given["body"]).encode(), {"Content-Type": "application/json"})
try:
    urllib.request.build_opener().open(request, timeout=given["timeout"]).close()
except urllib.error.HTTPError as error:
    sys.exit(f"the answer was HTTP {error.code}")
except urllib.error.URLError as error:
    sys.exit(str(error.reason))
except (OSError, ValueError) as error:
    sys.exit(f"{type(error).__name__}")
"""


class Hooks:
    """The hooks of a deploy, and what came of those that ran.

    `facts` are told to each, as environment variables or as the body of a call. With `check` none is run. A failure that counts is returned as a sentence,
    any other is among the `warnings`.
    """

    def __init__(self, hooks: Iterable[Hook] = (), *, facts: Mapping[str, str] | None = None, check: bool = False) -> None:
        self._hooks, self._facts, self._check = tuple(hooks), dict(facts or {}), check
        self._touched: dict[str, tuple[str, ...]] = {}
        self._turn: tuple[str, ...] = ()
        self._run: list[int] = []
        self.warnings: list[str] = []

    @property
    def names(self) -> list[str]:
        """Return the hooks that ran, or would have."""
        return [f"{hook.moment}: {hook.what}" for number in self._run for hook in self._hooks if hook.number == number]

    def expect(self, changes: Changes) -> None:
        """Learn what the deploy touches."""
        self._touched, self._turn = changes.touched, changes.turn

    def before(self, tier: str) -> list[str]:
        """Run what is to be run before a tier is touched; nothing where none of it is."""
        if not self._touched.get(tier):
            return []
        begin = [DEPLOY] if tier == next(iter(self._touched)) else []
        return self._at("before", [*begin, f"{TIER}{tier}"])

    def after(self, tier: str) -> list[str]:
        """Run what is to be run once a tier is healthy."""
        return self._at("after", [f"{TIER}{tier}"], SUCCEEDED) if self._touched.get(tier) else []

    def parts(self, tier: str, names: Iterable[str]) -> list[tuple[str, list[str]]]:
        """Return in which parts the services of a tier are touched: each that has hooks alone and with its name, those between them together.

        `names` are all that a run has to do with in that tier, also those that it only waits for.
        """
        hooked = {hook.of.removeprefix(SERVICE) for hook in self._hooks if hook.of.startswith(SERVICE)}
        touched, place = self._touched.get(tier, ()), {name: at for at, name in enumerate(self._turn)}
        parts: list[tuple[str, list[str]]] = [("", [])]
        for name in sorted(names, key=lambda name: (place.get(name, len(place)), name)):
            if name in hooked and name in touched:
                parts += [(name, [name]), ("", [])]
            else:
                parts[-1][1].append(name)
        return [part for part in parts if part[1]]

    def before_service(self, name: str) -> list[str]:
        """Run what is to be run before a service is touched."""
        return self._at("before", [f"{SERVICE}{name}"])

    def after_service(self, name: str) -> list[str]:
        """Run what is to be run once a service is healthy."""
        return self._at("after", [f"{SERVICE}{name}"], SUCCEEDED)

    def succeed(self, tiers: Iterable[str]) -> list[str]:
        """Run what is to be run after a deploy, where the last tier that it touches is among these."""
        last = next(reversed(self._touched), None)
        return self._at("after", [DEPLOY], SUCCEEDED) if last in set(tiers) else []

    def fail(self, outcome: str) -> list[str]:
        """Run what is to be run after a deploy and has not run yet; it has failed, so no failure of a hook stops the next."""
        found: list[str] = []
        for hook in at(self._hooks, "after", [DEPLOY]) if self._touched else ():
            if hook.number not in self._run:
                found += self._one(hook, outcome)
        return found

    def _at(self, when: When, of: list[str], outcome: str = "") -> list[str]:
        for hook in at(self._hooks, when, of):
            found = self._one(hook, outcome)
            if found:
                return found
        return []

    def _one(self, hook: Hook, outcome: str) -> list[str]:
        self._run.append(hook.number)
        if self._check:
            return []
        kind, _colon, name = hook.of.partition(":")
        told = {"when": hook.when, "of": hook.of, "outcome": outcome, **self._facts, **({kind: name} if name else {})}
        why = _call(hook, told) if hook.url else _execute(hook, list(hook.command), _environment(hook, told))
        if not why:
            return []
        sentence = f"The hook {hook.path} ({hook.moment}, {hook.what}) failed: {_without_secrets(hook, why)}."
        if hook.fatal:
            return [sentence]
        self.warnings.append(sentence)
        return []


def _environment(hook: Hook, told: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TZ") if name in os.environ}
    return {"PATH": _PATH, **inherited, **{f"ZIGGIE_{name.upper()}": value for name, value in told.items()}, **hook.environment}


def _call(hook: Hook, told: Mapping[str, str]) -> str:
    given = json.dumps({"url": hook.url, "body": told, "timeout": hook.timeout})
    return _execute(hook, [sys.executable, "-I", "-c", _CALL], dict(os.environ), given.encode())


def _execute(hook: Hook, command: list[str], environment: Mapping[str, str], given: bytes = b"") -> str:
    """Run a program in a session of its own, which is killed as a whole when its time is over; return why it failed, empty where it did not."""
    try:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return f"it cannot be run ({getattr(error, 'strerror', None) or error})"
    said = bytearray()
    # A program that says without end, or leaves a child that holds its output, does not keep the deploy.
    reader = threading.Thread(target=_read, args=(cast("IO[bytes]", process.stdout), said), daemon=True)
    reader.start()
    with contextlib.suppress(OSError):
        into = cast("IO[bytes]", process.stdin)
        into.write(given)
        into.close()
    try:
        code = process.wait(hook.timeout)
        reason = f"it ended with exit code {code}" if code > 0 else f"it was ended by signal {-code}" if code else ""
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reason = f"it was killed with its children after {hook.timeout:g} s"
    reader.join(0.5 if reason else 0)
    lines = bytes(said).decode(errors="replace").strip().splitlines()
    return f"{reason}; it said last: {lines[-1][:_LINE].rstrip('.')}" if reason and lines else reason


def _read(stream: IO[bytes], said: bytearray) -> None:
    with stream, contextlib.suppress(OSError, ValueError):
        while piece := os.read(stream.fileno(), 65536):
            said += piece
            del said[:-_OUTPUT]


def _without_secrets(hook: Hook, text: str) -> str:
    for secret in (hook.url, *hook.environment.values()):
        if len(secret) > 3:
            text = text.replace(secret, "***")
    return text

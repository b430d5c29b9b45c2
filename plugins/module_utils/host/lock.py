# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time on a host: a file that names the run that works on it.

A run of several modules leaves the file there from its first task to its last. That file is a lease: every module of the run that takes the lock renews it,
and it ends when it was not renewed for `max_age` seconds, when the host was booted, or when the run's own machine knows that the run has ended.
A single module holds the kernel's lock on a second file for as long as it works, so the kernel ends that lock with the module, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import platform
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..typed import OPTIONAL, dump_fields, load, load_fields
from . import atomic
from .process import Process, boot_id, user
from .run_log import PATH as LOG
from .run_log import RunLog

PATH = "/run/ziggie.lock"
MAX_AGE = 1800

# Another run looks at the file or writes it for a moment only; a process that holds the kernel's lock for longer works on the host.
_PATIENCE = 0.3
# Where the file names nobody or this very run, the other process can only be looking.
_LOOKING = 10.0
_PAUSE = 0.05
# The end of the year 9999, the last that a date can show.
_LATEST = 253_402_300_800
_LARGEST = 1 << 16


def _uptime() -> float:
    """Return the seconds since the host was booted, which no change of its clock moves."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A run: the person, their machine, the process there, what it does, and since when (seconds since 1970).

    `boot` and `renewed` are the host's boot and how long after it the run was last heard of.
    `module` tells whether it is a single module, which holds the kernel's lock while it works.
    """

    user: str
    machine: str
    run: str
    verb: str
    since: float
    boot: str = field(default_factory=boot_id)
    renewed: float = field(default_factory=_uptime)
    module: bool = field(default=False, metadata=OPTIONAL)

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.since))
        return f"{self.verb} by {self.user}@{self.machine} since {since}"

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Holder:
        """Return the run that a module's options name, from now on; this process where they name none."""
        given = options["holder"] or {"user": user(), "machine": platform.node(), "run": str(Process.of(os.getpid()))}
        return cls(**given, verb=options["verb"] or "a module", since=time.time())

    def is_same_run(self, other: Holder) -> bool:
        """Tell whether two holders are the same run."""
        return self.run == other.run

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Holder:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        found = load_fields(cls, data)
        if not (math.isfinite(found.since) and 0 <= found.since < _LATEST):
            raise ValueError(f"since: expected seconds since 1970, got {found.since!r}")
        if not math.isfinite(found.renewed):
            raise ValueError(f"renewed: expected seconds since the boot, got {found.renewed!r}")
        return found


# The options of a module that takes the lock, as `doc_fragments/lock.py` documents them.
OPTIONS: Mapping[str, Any] = {
    "lock": {"type": "path", "default": PATH},
    "log": {"type": "path", "default": LOG},
    "max_age": {"type": "int", "default": MAX_AGE},
    "wait": {"type": "float", "default": 0},
    "verb": {"type": "str"},
    "holder": {
        "type": "dict",
        "options": {
            "user": {"type": "str", "required": True},
            "machine": {"type": "str", "required": True},
            "run": {"type": "str", "required": True},
        },
    },
    "gone": {"type": "str"},
}


class LockError(Exception):
    """The lock cannot be taken; the text is one sentence that says what to do. `holder` is the other run, where it is known."""

    def __init__(self, text: str, holder: Holder | None = None) -> None:
        super().__init__(text)
        self.holder = holder

    def answer(self) -> dict[str, Any]:
        """Return what a module that fails with this says."""
        return {"msg": str(self), **({"holder": self.holder.to_dict()} if self.holder else {})}


@dataclass(slots=True)
class Work:
    """What a module changed while it held the lock, as names by kind, and whether it failed and why; it did until it says otherwise.

    `verb` is what the run does, `down` how many seconds a service was away.
    """

    verb: str = ""
    changed: dict[str, list[str]] = field(default_factory=dict)
    failed: bool = True
    why: str = ""
    down: dict[str, float] = field(default_factory=dict)

    def details(self) -> dict[str, Any]:
        """Return what the log says of it."""
        changed = {kind: names for kind, names in self.changed.items() if names}
        return {
            **({"changed": changed} if changed else {}),
            **({"why": self.why} if self.failed and self.why else {}),
            **({"down": self.down} if self.down else {}),
        }


class Lock:
    """A lock at a path. `max_age` is how many seconds after its last module a run counts as gone, `wait` how many seconds to wait for another run."""

    def __init__(
        self,
        path: Path,
        max_age: float = MAX_AGE,
        *,
        wait: float = 0,
        log: RunLog | None = None,
        boot: str | None = None,
        now: Callable[[], float] = _uptime,
    ) -> None:
        self.path = path
        self.max_age = max_age
        self.wait = wait
        self._log = log
        self._boot = boot_id() if boot is None else boot
        self._now = now

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Lock:
        """Return the lock that a module's options name."""
        return cls(Path(options["lock"]), options["max_age"], wait=options["wait"], log=RunLog(Path(options["log"])))

    def take(self, wanted: Holder, *, gone: str | None = None) -> None:
        """Take the lock for a run of several modules; `gone` is a run known to have ended. Raises `LockError`."""
        with self._alone(wanted, gone) as held:
            self._write(wanted)
            if held is None or not held.is_same_run(wanted):
                self._note("begun", wanted)

    def release(self, holder: Holder, **details: Any) -> bool:
        """Release the lock if it is this run's; return whether it was. `details` are what the log says of its end. Raises `LockError`."""
        begun = time.monotonic()
        while (guard := self._lock_guard()) is None:
            if time.monotonic() - begun >= _LOOKING:
                raise self._refusal(self._named())
            time.sleep(_PAUSE)
        try:
            held = self._holder()
            if held is None or not held.is_same_run(holder):
                return False
            self._note_end(held, **details)
            self._remove()
            return True
        finally:
            os.close(guard)

    def note(self, event: str, **details: Any) -> None:
        """Add a line to the log in the name of the run that holds the lock, where one does."""
        held = self._named()
        if held is not None:
            self._note(event, held, **details)

    @contextmanager
    def held(self, wanted: Holder, *, gone: str | None = None) -> Iterator[Work]:
        """Hold the lock while one module works; a run that holds it already has it renewed. Raises `LockError`."""
        with self._alone(wanted, gone) as held:
            own = held if held is not None and not held.module and held.is_same_run(wanted) else None
            self._write(own or replace(wanted, module=True))
            if own is None:
                self._note("begun", wanted)
            work = Work(verb=(own or wanted).verb)
            try:
                yield work
            except Exception as error:
                work.why = str(error)
                raise
            finally:
                details = work.details()
                if own is None:
                    self._note_end(wanted, outcome="failed" if work.failed else "succeeded", **details)
                    self._remove()
                else:
                    if details:
                        self._note("changed", own, **details)
                    self._write(own)

    @contextmanager
    def _alone(self, wanted: Holder, gone: str | None) -> Iterator[Holder | None]:
        """Be the only process that works, and find what the file says; wait for another run as long as is wished. Raises `LockError`."""
        guard, held = self._enter(wanted, gone)
        try:
            yield held
        finally:
            os.close(guard)

    def _enter(self, wanted: Holder, gone: str | None) -> tuple[int, Holder | None]:
        begun = time.monotonic()
        while True:
            waited = time.monotonic() - begun
            guard = self._lock_guard()
            if guard is not None:
                try:
                    return guard, self._refuse_another(wanted, gone)
                except LockError as error:
                    os.close(guard)
                    if error.holder is None or waited >= self.wait:
                        raise
            else:
                held = self._named()
                patience = _LOOKING if held is None or held.is_same_run(wanted) else _PATIENCE
                if waited >= max(self.wait, patience):
                    raise self._refusal(held)
            time.sleep(_PAUSE)

    def _lock_guard(self) -> int | None:
        """Return a handle that holds the kernel's lock, `None` where another process holds it. Raises `LockError`."""
        path = self.path.with_name(f"{self.path.name}.guard")
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
        except OSError as error:
            raise LockError(
                f"The lock {self.path} cannot be taken ({error.strerror}). Run as root, and see that {path} is a file."
            ) from error
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise LockError(f"The lock {self.path} cannot be taken: {path} is not a regular file. Remove it.")
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _refuse_another(self, wanted: Holder, gone: str | None) -> Holder | None:
        """Return what the file says. Raises `LockError` where that is another run that is not known to be gone."""
        held = self._holder()
        # A module that works holds the kernel's lock, which is ours now.
        if held is None or held.module or held.run == gone or held.is_same_run(wanted) or self._is_over(held):
            return held
        raise self._refusal(held)

    def _is_over(self, held: Holder) -> bool:
        # A run that claims to be of the future must not hold the lock for good.
        return held.boot != self._boot or abs(self._now() - held.renewed) > self.max_age

    def _refusal(self, held: Holder | None) -> LockError:
        who = f": {held}" if held else ""
        return LockError(
            f"Another run works on this host{who}. Wait for it with -e lock_wait=60; if it is gone for good, remove {self.path}.", held
        )

    def _named(self) -> Holder | None:
        """Return what the file says, `None` also where it cannot be read."""
        try:
            return self._holder()
        except LockError:
            return None

    def _holder(self) -> Holder | None:
        """Return what the file says, `None` where there is none. Raises `LockError` for a file that cannot be read, until it is as old as a run may be."""
        try:
            return load(Holder, json.loads(self._content()))
        except FileNotFoundError:
            return None
        except OSError as error:
            why = error.strerror
        except (ValueError, RecursionError) as error:
            why = str(error)
        status = self.path.lstat()
        if not stat.S_ISDIR(status.st_mode) and abs(time.time() - status.st_ctime) > self.max_age:
            return None
        raise LockError(f"The lock {self.path} cannot be read ({why}). If no other run works on this host, remove it.")

    def _content(self) -> bytes:
        # Whatever lies there: opening it does not wait, and reading it ends.
        handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if stat.S_ISFIFO(os.fstat(handle).st_mode):
                raise ValueError("it is a FIFO")
            return os.read(handle, _LARGEST)
        finally:
            os.close(handle)

    def _note(self, event: str, holder: Holder, **details: Any) -> None:
        if self._log is not None:
            self._log.add(event, verb=holder.verb, user=holder.user, machine=holder.machine, run=holder.run, **details)

    def _note_end(self, holder: Holder, **details: Any) -> None:
        self._note("ended", holder, seconds=round(time.time() - holder.since, 1), **details)

    def _write(self, holder: Holder) -> None:
        text = json.dumps(replace(holder, boot=self._boot, renewed=self._now()).to_dict()).encode()
        try:
            atomic.write(self.path, text, atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o644))
        except OSError as error:
            raise LockError(f"The lock {self.path} cannot be written ({error.strerror}).") from error

    def _remove(self) -> None:
        self.path.unlink(missing_ok=True)


@contextmanager
def working(options: Mapping[str, Any], *, check: bool) -> Iterator[Work]:
    """Hold the host's lock while the module with these options works, and note in the host's log what it changed; a check does neither. Raises `LockError`."""
    if check:
        yield Work()
        return
    with Lock.of(options).held(Holder.of(options), gone=options["gone"]) as work:
        yield work

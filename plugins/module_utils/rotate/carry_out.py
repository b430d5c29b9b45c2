# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret is changed in its server, in the files of its services and in the services, with a way back at every step.

The steps are noted before they are made. Until all is healthy both values are kept beside the one that counts; what fails, or was killed, goes back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..catalog.credentials import fault
from ..deploy.look import ApplyError, Done
from ..deploy.release import ReleaseError
from ..engine.client import EngineError
from ..host import atomic
from ..host.vault import ROOT_ONLY, Vault, VaultError, new_value
from . import journal
from .journal import JournalError, Rotation
from .servers import Server, ServerError

# How long a server that was just started may take until it lets its administrator in.
_PATIENCE = 60.0
_PAUSE = 1.0
_NOT_IN = "the server says that it took the value, and does not let its user in with it"


class NotHealthyError(Exception):
    """Services did not become healthy; the text is their sentences."""


# Everything that may be in the way of a step.
_FAULTS = (ApplyError, EngineError, JournalError, NotHealthyError, OSError, ReleaseError, ServerError, VaultError)


class RotationError(Exception):
    """A secret was not changed; the text is one sentence or more, and no value is in it. `whole` tells whether the old value is back everywhere."""

    def __init__(self, text: str, *, whole: bool) -> None:
        super().__init__(text)
        self.whole = whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is done: the store of values, the directory of the services' files, how services are brought up, and how a server is reached.

    `server` raises `ServerError` where there is none to be reached.
    """

    store: Path
    files: Path
    bring_up: Callable[[], Done]
    server: Callable[[Rotation], Server]
    sleep: Callable[[float], None] = field(default=time.sleep)

    @staticmethod
    def has_server(rotation: Rotation) -> bool:
        """Tell whether a server keeps the value in its data; else services only read it when they start."""
        return rotation.method != "restart"

    def old(self, name: str) -> Path:
        """Return where the value of before is kept."""
        return self.store / f".{name}.old"

    def new(self, name: str) -> Path:
        """Return where the value to come is kept."""
        return self.store / f".{name}.new"


def rotate(place: Place, rotation: Rotation, given: str | None) -> list[str]:
    """Change a secret to the value that the operator gave, or to a new one; return the services that were made anew. Raises `RotationError`."""
    name = rotation.secret
    try:
        former = _text(place.store / name)
        if former is None or fault(former):
            raise RotationError(
                f"{place.store / name} holds no value that could be changed; ansible-playbook ziggie.stack.plan says why.", whole=True
            )
        value = given or new_value()
        if fault(value):
            raise RotationError(f"The value given for {name} cannot be used: {fault(value)}.", whole=True)
        if value == former:
            raise RotationError(f"The value given for {name} is the one that is in use; give another one.", whole=True)
        journal.write(place.store, rotation)
    except _FAULTS as error:
        raise RotationError(f"{_sentence(error)} Nothing was changed.", whole=True) from error
    try:
        for path, content in ((place.old(name), former), (place.new(name), value)):
            atomic.write(path, content.encode(), ROOT_ONLY)
        return _forward(place, rotation, former, value)
    except _FAULTS as error:
        settle(place, f"{name} was not changed: {_sentence(error)}")
        raise RotationError(f"{name} was not changed: {_sentence(error)} The old value is in force everywhere.", whole=True) from error


def _forward(place: Place, rotation: Rotation, former: str, value: str) -> list[str]:
    server = place.server(rotation) if place.has_server(rotation) else None
    if server:
        if not server.takes(former):
            raise ServerError(f"the server of {rotation.service} does not take the value that is in use")
        _refuses(server, value)
        journal.write(place.store, rotation.at("server"))
        server.change(former, value)
        _expect(server, value, former)
    journal.write(place.store, rotation.at("files"))
    _swap(place, rotation, value)
    done = _bring_up(place)
    if server:
        # Its container may be another one now.
        _expect(_patient(place, rotation, value), value, former)
    journal.write(place.store, rotation.at("done"))
    _forget(place, rotation.secret)
    return [*done.created, *done.recreated]


def settle(place: Place, why: str = "") -> str:
    """Finish a rotation that was interrupted, or take it back; return its secret's name, empty where there was none. Raises `RotationError`."""
    begin = f"{why} " if why else ""
    try:
        rotation = journal.read(place.store)
        if rotation is None:
            return ""
        if rotation.step != "done":
            _back(place, rotation)
        _forget(place, rotation.secret)
    except _FAULTS as error:
        raise RotationError(
            f"{begin}Going back to the old value did not succeed: {_sentence(error)} Both values are kept in {place.store}; "
            "remove the cause and run ansible-playbook ziggie.stack.rotate or site, which tries again.",
            whole=False,
        ) from error
    return rotation.secret


def _back(place: Place, rotation: Rotation) -> None:
    if rotation.step == "begun":
        return
    former, value = _kept(place.old(rotation.secret)), _kept(place.new(rotation.secret))
    if rotation.step == "files":
        # First of all, so that what is started from here on reads the old value.
        _swap(place, rotation, former)
    server = _patient(place, rotation, former, value) if place.has_server(rotation) else None
    if server and (server.takes(value) or not server.takes(former)):
        server.change(value, former)
        if not server.takes(former):
            raise ServerError(_NOT_IN)
    _bring_up(place)


def _bring_up(place: Place) -> Done:
    done = place.bring_up()
    if done.problems:
        raise NotHealthyError(" ".join(done.problems))
    return done


def _patient(place: Place, rotation: Rotation, *values: str) -> Server:
    """Return the server when it takes one of the values; it may have been killed with the run, and is then started first."""
    waited = 0.0
    while True:
        try:
            server = place.server(rotation)
            taken = any(server.takes(value) for value in values)
        except (ServerError, EngineError):
            if waited >= _PATIENCE:
                raise
            if not waited:
                # Whether its clients get in with what they have is looked at later.
                place.bring_up()
            place.sleep(_PAUSE)
            waited += _PAUSE
        else:
            if not taken:
                raise ServerError(f"the server of {rotation.service} takes neither the old value nor the new one")
            return server


def _expect(server: Server, taken: str, refused: str) -> None:
    if not server.takes(taken):
        raise ServerError(_NOT_IN)
    _refuses(server, refused)


def _refuses(server: Server, value: str) -> None:
    if server.takes(value):
        raise ServerError(
            "the server lets its user in with another value, too, so it asks for no password; require one in its configuration"
        )


def _swap(place: Place, rotation: Rotation, value: str) -> None:
    vault = Vault(place.store, place.files, check=False)
    vault.provide({rotation.secret: value})
    vault.fill([{"path": one.path, "content": one.content, "uid": one.uid, "gid": one.gid} for one in rotation.files])


def _forget(place: Place, name: str) -> None:
    for path in (place.new(name), place.old(name)):
        path.unlink(missing_ok=True)
    journal.remove(place.store)


def _kept(path: Path) -> str:
    value = _text(path)
    if value is None:
        raise VaultError(f"{path} is gone, which held one of the two values")
    return value


def _text(path: Path) -> str | None:
    content = atomic.read(path)
    try:
        return None if content is None else content.decode()
    except ValueError as error:
        raise VaultError(f"{path} is not UTF-8 text") from error


def _sentence(error: Exception) -> str:
    text = atomic.why(error) if isinstance(error, OSError) else str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."

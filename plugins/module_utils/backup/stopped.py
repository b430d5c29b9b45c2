# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that are stopped for a while: noted before they are stopped, so that whoever comes next starts them again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..engine.client import Engine, EngineError
from ..host import atomic

# Not in /run: a container that was stopped stays so over a boot.
NOTE = Path("/var/lib/ziggie-backup/stopped.json")
_LONGEST = 300.0


@contextmanager
def stopped(engine: Engine, containers: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Stop the containers, and start them again whatever happens."""
    NOTE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic.write(NOTE, json.dumps([str(one["Id"]) for one in containers]).encode(), atomic.Ownership(uid=0, gid=0, mode=0o600))
    try:
        patient = Engine(timeout=_LONGEST)
        for one in containers:
            patient.post(f"/containers/{one['Id']}/stop")
        yield
    finally:
        resume(engine)


def resume(engine: Engine) -> None:
    """Start the containers that a run stopped. One that is gone by now was replaced by a deployment, which started its own."""
    try:
        identifiers = json.loads(NOTE.read_bytes())
    except (OSError, ValueError):
        identifiers = []
    for identifier in identifiers:
        try:
            engine.post(f"/containers/{identifier}/start")
        except EngineError as error:
            if error.status != 404:
                raise
    with contextlib.suppress(FileNotFoundError):
        NOTE.unlink()

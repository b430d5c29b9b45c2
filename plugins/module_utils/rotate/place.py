# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host on which a secret is changed: its engine, its servers, its release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..compose.values import dig
from ..deploy.apply import apply
from ..deploy.look import Target
from ..engine.client import Engine
from ..tiers import TIERS
from .carry_out import Place
from .journal import Rotation
from .servers import Grafana, Postgres, Server, ServerError

_ANSWER = 60.0


class Run(Protocol):
    """Runs a command with a text for its standard input, if any, and open files that it is to inherit; returns its code and what it said."""

    def __call__(self, words: list[str], text: str | None, inherited: tuple[int, ...], /) -> tuple[int, str]:
        """Run it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How the host is worked on."""

    project: str
    socket: str
    timeout: float
    run: Run

    def target(self, project_src: Path) -> Target:
        """Return it as `apply` takes it."""
        return Target(
            directory=project_src,
            project=self.project,
            socket=self.socket,
            timeout=self.timeout,
            run=lambda words, inherited: self.run(words, None, inherited),
        )

    def place(self, store: Path, project_src: Path) -> Place:
        """Return it as `carry_out` takes it."""
        target = self.target(project_src)
        return Place(store=store, files=project_src / "secrets", bring_up=lambda: apply(target, TIERS, describe=False), server=self._server)

    def _server(self, rotation: Rotation) -> Server:
        """Return the server that keeps the value, as its container is now. Raises `ServerError` and `EngineError`."""
        engine = Engine(self.socket, _ANSWER)
        try:
            found = [one for one in engine.containers(self.project, [rotation.service]) if dig(one, "State", "Running") is True]
        finally:
            engine.close()
        if len(found) != 1:
            raise ServerError(f"{rotation.service} has {len(found) or 'no'} running container{'s' if len(found) > 1 else ''}, expected one")
        address = _address(found[0])
        if not address:
            raise ServerError(f"the container of {rotation.service} has no address of its own")
        if rotation.method == "grafana":
            return Grafana(address, rotation.user)
        return Postgres(lambda words, text: self.run(words, text, ()), self.socket, str(found[0]["Id"]), address, rotation.user)


def _address(inspected: dict[str, Any]) -> str:
    networks = dig(inspected, "NetworkSettings", "Networks") or {}
    return next((str(one["IPAddress"]) for _name, one in sorted(networks.items()) if one.get("IPAddress")), "")

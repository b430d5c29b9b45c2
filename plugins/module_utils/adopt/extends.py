# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`extends`: a service built on another, of the same file or of another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..budget.parse import BUDGET_KEY
from ..budget.problems import suggestion
from ..budget.units import shown
from ..findings.loose import mapping, text
from .combine import combine_service

Load = Callable[[str, str], "tuple[str, Mapping[str, Any]] | None"]
Report = Callable[[str, str, str, str], None]

_MANY = 200
_NOT_INHERITED = ("depends_on", "volumes_from", "container_name")


@dataclass(slots=True)
class Extender:
    """Resolves services.

    `load` returns another file's name and data by the name of the file that wants it and what is written there, `report` takes a
    file, a path in it, a message and a fix. What is resolved is kept, so that work does not repeat.
    """

    load: Load
    report: Report
    done: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def resolve(self, file: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a definition whose services stand on their own."""
        services = mapping(data.get("services"))
        resolved = {str(name): self._service(file, data, str(name), ()) for name in services}
        return {**data, "services": resolved}

    def _service(self, file: str, data: Mapping[str, Any], name: str, chain: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        here = (file, name)
        if here in self.done:
            return self.done[here]
        service = mapping(mapping(data.get("services")).get(name))
        own = {key: value for key, value in service.items() if key != "extends"}
        if "extends" not in service:
            return own
        base = self._base(file, data, name, service["extends"], (*chain, here))
        self.done[here] = combine_service({key: value for key, value in base.items() if key != BUDGET_KEY or key not in own}, own)
        return self.done[here]

    def _base(self, file: str, data: Mapping[str, Any], name: str, extends: Any, chain: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        path = f"services.{name}.extends"
        wanted = text(extends.get("service")) if isinstance(extends, Mapping) else text(extends)
        elsewhere = text(mapping(extends).get("file"))
        where, there = file, data
        if elsewhere:
            loaded = self.load(file, elsewhere)
            if loaded is None:
                self.report(file, path, f"the file {shown(elsewhere)} cannot be read", "name a Compose file, relative to this one")
                return {}
            where, there = loaded
        services = mapping(there.get("services"))
        if wanted not in services:
            fix = suggestion(wanted, [str(known) for known in services]) if len(services) <= _MANY else "name a service of the file"
            self.report(file, path, f"there is no service {shown(wanted)} to extend", fix)
            return {}
        if (where, wanted) in chain:
            circle = " extends ".join(known for _unused, known in (*chain[chain.index((where, wanted)) :], (where, wanted)))
            self.report(file, path, f"it leads in a circle: {circle}", "let one of them stand on its own")
            return {}
        if len(chain) > _MANY:
            self.report(file, path, f"the chain is longer than {_MANY} services", "let one of them stand on its own")
            return {}
        inherited = self._service(where, there, wanted, chain)
        return {key: value for key, value in inherited.items() if key not in _NOT_INHERITED}

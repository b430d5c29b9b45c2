# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a service keeps its data, and whether it lets everyone in."""

from __future__ import annotations

from collections.abc import Iterator

from .service import Service


def data_paths(service: Service) -> Iterator[str]:
    """Yield the absolute paths at which a service keeps data that must not be lost: those that it is told, else its image's."""
    facts = service.facts
    named = [service.variables[name] for name in facts.data_variables if service.variables.get(name)]
    line = " ".join(service.command).split()
    for option in facts.data_options:
        following = line[line.index(option) + 1] if option in line[:-1] else ""
        named += [path for path in (service.setting(option), following) if path and path.startswith("/")]
    if facts.kind == "redis" and service.setting("appendonly") != "yes" and not service.setting("save"):
        return
    if not named and any(_has(service, name) for name in facts.data_unless):
        return
    moved = facts.data_taken_over if any(map(facts.replaces_configuration, service.variables)) else ()
    yield from [path for value in named for path in value.split(",") if path.startswith("/")] if named else moved or facts.data


def is_open(service: Service) -> bool:
    """Tell whether the server is known to ask for no password: as it is, or as it is told."""
    facts = service.facts
    for setting in facts.open_when:
        name, _equals, value = setting.partition("=")
        written = service.variables.get(name, service.setting(name) or "")
        if written and (value == "*" or written.lower() == value.lower()):
            return True
    return facts.open_unless is not None and not any(_has(service, name) for name in facts.open_unless)


def _has(service: Service, name: str) -> bool:
    if name.startswith("."):
        return any(word.endswith(name) for word in service.command) or any(mount.target.endswith(name) for mount in service.mounts)
    said = any(word == name or word.startswith(f"{name}=") or (len(name) > 4 and name in word) for word in service.command)
    return said or name in service.variables or service.setting(name) is not None

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service to write into the file: the author's, with the limits and tuning that the budget gives it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.parse import BUDGET_KEY
from ..compose.arguments import is_shell, merge_arguments, merge_environment
from ..compose.project import Project
from ..compose.values import dig, mapping, parsed, text, variables, whole, written_words
from ..limits import Limits
from ..units import parse_cpus, parse_size
from .arrange import arranged

# The limits that mean the same on every host: those that are combined with the author's own depend on its cores and disks.
LIMITS = tuple(limit.compose for limit in Limits.table() if not limit.combined)
RESOURCES = {
    limit.compose: (limit.resource.section, limit.resource.key) for limit in Limits.table() if limit.resource and not limit.resource.unit
}
# Figures of a service that a plan needs, by their places.
FIGURES = (
    *(tuple(limit.compose.split(".")) for limit in Limits.table()),
    *(("deploy", "resources", limit.resource.section, limit.resource.key) for limit in Limits.table() if limit.resource),
    ("deploy", "replicas"),
    ("scale",),
    ("shm_size",),
)
_NOT_SWARM = frozenset(
    (
        *(limit.compose.partition(".")[0] for limit in Limits.table()),
        *("extends", "models", "platform", "profiles", "provider", "runtime", "scale", "volumes_from"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which limits a file takes: `in_deploy` tells that it takes them under `deploy.resources` only."""

    keys: tuple[str, ...] = LIMITS
    in_deploy: bool = False

    @classmethod
    def of(cls, project: Project) -> Target | None:
        """Return what a document takes, `None` where it is a stack whose version lets a service have no extension key.

        `x-` keys of services came with version 3.7 of the schema, limits of processes with 3.9
        (docker/cli, cli/compose/schema/data). CPU figures of a stack stay as written: Swarm takes them as quotas and places by them.
        """
        if not _is_stack(project):
            return cls()
        major, _dot, minor = text(project.raw.get("version", "3")).partition(".")
        version = (whole(major) or 0, 99 if not minor else whole(minor) or 0)
        if version < (3, 7):
            return None
        return cls(keys=("mem_limit", "mem_reservation", *(("pids_limit",) if version >= (3, 9) else ())), in_deploy=True)


def _is_stack(project: Project) -> bool:
    """Tell whether a document is for `docker stack deploy`: it uses what only Swarm carries out and nothing that Swarm refuses.

    The schema of stacks allows no unknown keys (docker/cli, cli/compose/schema/data/config_schema_v3.13.json).
    """
    services = [service.raw for service in project.services.values()]
    refused = any(not _NOT_SWARM.isdisjoint(service) for service in services)
    return project.names_swarm and not refused and not any(project.raw.get(key) for key in ("name", "include", "models"))


def desired(
    written: Mapping[str, Any],
    own: Mapping[str, Any],
    whole: Mapping[str, Any],
    compiled: Mapping[str, Any],
    tuning: Mapping[str, Any],
    given: Mapping[str, str],
    target: Target,
) -> dict[str, Any]:
    """Return the service as it is to be written.

    `written` is what this document says of it with what an anchor merges in, `own` what it says without that, `whole` what the
    service is with everything that it extends, `compiled` what the budget made of it, `given` the variables of its env files.

    Where there is a deploy.resources.limits or .reservations, the figures of that kind stand in it, as Compose wants it; a service
    that inherits has them as keys of its own too, since what it inherits from gets its own. A quota that comes from elsewhere and is
    to go is written as 0, which is none.
    """
    wanted: dict[str, Any] = copy.deepcopy(dict(written))
    inherits = "extends" in own or not set(written) <= set(own)
    for key in target.keys:
        section, name = RESOURCES.get(key, ("", ""))
        place = ("deploy", "resources", section, name)
        value = compiled.get(key, dig(compiled, *place))
        in_deploy = target.in_deploy or isinstance(dig(whole, *place[:3]), Mapping)
        if in_deploy:
            there = dig(whole, *place) is not None
            _set_resource(wanted, section, name, value if value is not None or not there else _none(dig(own, *place), inherits))
        if not target.in_deploy and (key in whole or inherits or not in_deploy):
            _set(wanted, key, value if value is not None or key not in whole else _none(own.get(key), inherits))
    _environment(wanted, whole, mapping(tuning.get("environment")), given)
    _command(wanted, whole, compiled, tuning)
    return {**wanted, BUDGET_KEY: arranged(compiled[BUDGET_KEY], mapping(written.get(BUDGET_KEY)))}


def _none(own: Any, inherits: bool) -> Any:
    """Return how a figure goes: it is left out, or written as 0 where it comes from elsewhere or is 0 already."""
    return 0 if inherits or own is None or text(own) == "0" else None


def _set(wanted: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        wanted.pop(key, None)
    elif not same(wanted.get(key), value):
        wanted[key] = value


def same(have: Any, value: Any) -> bool:
    """Tell whether a written figure means the same, such as 1g and 1024m."""
    if have is None:
        return False
    read = ((parsed(parse, have), parsed(parse, value)) for parse in (parse_size, parse_cpus))
    return any(before is not None and before == after for before, after in read)


def _set_resource(wanted: dict[str, Any], section: str, name: str, value: Any) -> None:
    """Set a figure under deploy.resources, or take it out with what that leaves empty."""
    places = [wanted]
    for key in ("deploy", "resources", section):
        places[-1][key] = dict(mapping(places[-1].get(key)))
        places.append(places[-1][key])
    _set(places[-1], name, str(value) if name == "cpus" and value is not None else value)
    for place, key in zip(reversed(places[:-1]), (section, "resources", "deploy"), strict=True):
        if not place[key]:
            del place[key]


def tuned_variables(whole: Mapping[str, Any], tuned: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the tuned variables that differ from what the container gets; options that an env file gives stay in them."""
    have = {**given, **variables(whole.get("environment"))}
    values = merge_environment(have, tuned)
    return {name: values[name] for name in tuned if have.get(name) != values[name]}


def _environment(wanted: dict[str, Any], whole: Mapping[str, Any], tuned: Mapping[str, str], given: Mapping[str, str]) -> None:
    changed = tuned_variables(whole, tuned, given)
    if not changed:
        return
    written = wanted.get("environment")
    if isinstance(written, list):
        names = [str(entry).partition("=")[0] for entry in written]
        kept = [f"{name}={changed[name]}" if name in changed else entry for name, entry in zip(names, written, strict=True)]
        wanted["environment"] = [*kept, *(f"{name}={value}" for name, value in changed.items() if name not in names)]
    else:
        wanted["environment"] = {**mapping(written), **changed}


def _command(wanted: dict[str, Any], whole: Mapping[str, Any], compiled: Mapping[str, Any], tuning: Mapping[str, Any]) -> None:
    arguments = list(tuning.get("arguments") or ())
    if not arguments:
        return
    try:
        have = written_words(whole.get("command"))
        first = written_words(whole.get("entrypoint"))
    except ValueError:
        return
    if is_shell(have) or is_shell(first):
        return
    words = merge_arguments(have, arguments) if have else list(compiled["command"])
    if words != have:
        wanted["command"] = words if not isinstance(whole.get("command"), str) or _quoted(words) else _line(words)


def _quoted(words: list[str]) -> bool:
    return any(not word or set(word) & set(" \t\n'\"\\#") for word in words)


def _line(words: list[str]) -> str:
    return " ".join(words)

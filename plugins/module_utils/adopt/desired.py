# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service of the file is to be: as it is written, with what the budget gives it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ..budget.parse import BUDGET_KEY
from ..budget.units import parse_cpus, parse_size
from ..findings.loose import dig, mapping, pairs, parsed, text
from ..render.arguments import is_shell, merge_arguments, merge_environment, words_of
from .arrange import arranged

LIMITS = ("mem_limit", "memswap_limit", "mem_reservation", "cpu_shares", "cpus", "pids_limit", "oom_score_adj")
RESOURCES = {
    "mem_limit": ("limits", "memory"),
    "pids_limit": ("limits", "pids"),
    "cpus": ("limits", "cpus"),
    "mem_reservation": ("reservations", "memory"),
}


def desired(
    written: Mapping[str, Any],
    own: Mapping[str, Any],
    whole: Mapping[str, Any],
    compiled: Mapping[str, Any],
    tuning: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the service as it is to be written.

    `written` is what this file says of it with what an anchor merges in, `own` what it says without that, `whole` what the service
    is with everything that it extends, `compiled` what the budget made of it.

    Where there is a deploy.resources.limits or .reservations, the figures of that kind stand in it, as Compose wants it; a service
    that inherits has them as keys of its own too, since what it inherits from gets its own. A quota that comes from elsewhere and is
    to go is written as 0, which is none.
    """
    wanted: dict[str, Any] = copy.deepcopy(dict(written))
    inherits = "extends" in own or not set(written) <= set(own)
    for key in LIMITS:
        section, name = RESOURCES.get(key, ("", ""))
        place = ("deploy", "resources", section, name)
        value = compiled.get(key, dig(compiled, *place))
        in_deploy = isinstance(dig(whole, *place[:3]), Mapping)
        if in_deploy:
            there = dig(whole, *place) is not None
            _set_resource(wanted, section, name, value if value is not None or not there else _none(dig(own, *place), inherits))
        if key in whole or inherits or not in_deploy:
            _set(wanted, key, value if value is not None or key not in whole else _none(own.get(key), inherits))
    _environment(wanted, whole, mapping(tuning.get("environment")))
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
    """Tell whether a figure that is written says the same in other words."""
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


def _environment(wanted: dict[str, Any], whole: Mapping[str, Any], tuned: Mapping[str, str]) -> None:
    have = pairs(whole.get("environment"))
    values = pairs(merge_environment(have, tuned))
    changed = {name: values[name] for name in tuned if have.get(name) != values[name]}
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
        have = words_of(whole.get("command"))
        first = words_of(whole.get("entrypoint"))
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

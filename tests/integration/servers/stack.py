# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of the catalog as they would be started at a given limit: command, environment, files, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Tuning
from ansible_collections.ziggie.stack.plugins.module_utils.budget.parse import least_memory, parse_stack
from ansible_collections.ziggie.stack.plugins.module_utils.budget.policy import parse_policy
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.tuner import Room
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import deep_merge
from ansible_collections.ziggie.stack.plugins.module_utils.compose.reader import Reader
from ansible_collections.ziggie.stack.plugins.module_utils.compose.values import written_words
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render

ROLES = Path(__file__).parents[3] / "roles"
FILES = ROLES / "catalog" / "files"
TEMPLATES = [ROLES / "catalog" / "templates", ROLES / "monitoring" / "templates"]
PASSWORD = "a-password-of-the-sandbox"

LARGEST = 64 * GIB
# Between the least and the largest: round sizes, odd ones, one byte beside.
RUNGS = (64 * MIB, 128 * MIB, 257 * MIB, 512 * MIB, GIB + 1, 3 * GIB, 7777 * MIB, 16 * GIB, LARGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """One service, ready to start. `files` are what its container would find mounted, by path."""

    settings: Mapping[str, str]
    command: list[str]
    environment: Mapping[str, str]
    files: Mapping[str, str]


def limits(name: str, cpus: float | None = None) -> list[int]:
    """Return the limits to try: from the least with which the service's engine can work to the largest."""
    problems = Problems()
    service = yaml.safe_load(_fragment(name).read_text(encoding="utf-8"))
    service["services"][name]["x-budget"] |= _cpus(cpus)
    (spec,) = parse_stack(service, parse_policy({}, problems), problems)
    least = max(least_memory(spec.tuning, spec.cpus, spec.pids), spec.memory.shm)
    return [least, least + MIB + 1, *(rung for rung in RUNGS if rung > least + 2 * MIB)]


def tuned(name: str, limit: int, *, cpus: float | None = None, beside: Mapping[str, int] | None = None) -> Tuned:
    """Budget, compile and render one service of the catalog at a limit; `beside` are others that it depends on, with theirs."""
    sizes = {name: limit, **(beside or {})}
    compose: dict[str, Any] = yaml.safe_load((FILES / "stack.yml").read_text(encoding="utf-8"))
    for other, size in sizes.items():
        compose = deep_merge(compose, yaml.safe_load(_fragment(other).read_text(encoding="utf-8")))
        memory = {"memory": {"floor": size, "reservation": size, "request": size}}
        # Whatever would turn it on is there.
        compose["services"][other]["x-budget"] |= memory | _cpus(cpus) | {"requires": []}
    budget = solve(compose, {"memory": sum(sizes.values()) + 3 * GIB, "cpus": 64}, {})
    assert budget.services[name].memory.limit == limit
    service = compile_stack(compose, budget)["services"][name]
    return Tuned(
        command=[word.replace("$$", "$") for key in ("entrypoint", "command") for word in written_words(service.get(key))],
        settings=dict(budget.services[name].tuning.settings),
        environment={key: str(value) for key, value in service.get("environment", {}).items()},
        files={**_mounted(service, render(TEMPLATES, budget.to_dict(), compose)), **_secrets(service, compose)},
    )


def derived(tuner: str, limit: int) -> Tuning:
    """Return what a tuner derives for a program that the catalog does not have, on two cores."""
    return TUNERS[tuner].tune(_room(tuner, limit))


def least(tuner: str) -> int:
    """Return the least memory of such a program."""
    return TUNERS[tuner].least(_room(tuner, 0))


def _room(tuner: str, limit: int) -> Room:
    return Room(limit=limit, cpus=2000, params=TUNERS[tuner].read(Reader({}, "", Problems())))


def _fragment(name: str) -> Path:
    return FILES / "services" / f"{name}.yml"


def _cpus(limit: float | None) -> dict[str, Any]:
    return {"cpus": {"limit": limit, "reservation": 0}} if limit else {}


def _mounted(service: Mapping[str, Any], rendered: Mapping[str, str]) -> dict[str, str]:
    """Return the rendered files where the service's container finds them."""
    files = {}
    for volume in service.get("volumes", []):
        source, _colon, target = str(volume).partition(":")
        directory = source.removeprefix("./") + "/"
        for path, content in rendered.items():
            if path.startswith(directory):
                files[f"{target.split(':')[0]}/{path.removeprefix(directory)}"] = content
    return files


def _secrets(service: Mapping[str, Any], compose: Mapping[str, Any]) -> dict[str, str]:
    files = {}
    for entry in service.get("secrets", []):
        words = compose["secrets"][entry["source"]]["x-secret"]["content"].split("@")
        files[f"/run/secrets/{entry['target']}"] = PASSWORD.join(words[::2])
    return files

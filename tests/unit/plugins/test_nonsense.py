# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever stands in a definition, a plugin answers with success or with a sentence: never with another exception."""

from __future__ import annotations

import contextlib
import copy
import datetime
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.ziggie.stack.plugins.filter import budget, findings, host_paths, plan, preflight, release
from ansible_collections.ziggie.stack.plugins.filter.compile import compile_filter
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.credentials import known
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import left_out, merge
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read

CATALOG = Path(__file__).resolve().parents[3] / "roles/catalog/files"
FRAGMENTS = read(CATALOG)[0]
CAPACITY = {"memory": "64g", "cpus": 16}
POLICY = {
    "reserve": {"memory": "1g"},
    "weights": {"high": 1},
    "disk": {"image": "1g"},
    "defaults": {"memory": {"floor": "64m"}},
    "credentials": ["a"],
}
DISKS = {**CAPACITY, "disks": {"data": {"size": "500g", "classes": ["hot"], "engine": True, "system": True}}, "pids": 100000}
UNABLE = {"io_weight": False, "start_interval": False, "memlock_unlimited": False, "nofile_max": 1000, "storage_classes": {"hot": "/h"}}
NONSENSE: list[Any] = [
    *(None, True, False, 0, -1, 5, 1.5, float("inf"), float("nan"), 10**30),
    *("", "x", "$", "${A}", "${A:-b}", "..", "../x", "1g", "-", "a:b:c:d", "[", "\x00", "é\n\t"),
    *([], [None], [[]], [{}], ["x"], [1, "a", None]),
    *({}, {"a": None}, {"a": {}}, {"a": [1]}, {5: 1}, {True: {}}, {None: None}),
    datetime.date(2026, 1, 1),
]
KEYS: list[Any] = [True, 5, None, 1.5, "x", "..", "My Service!", "../../etc/x", "on", ""]
# The same ones each time; a longer look takes a larger range.
ROUNDS = range(40)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from places(entry, (*path, key))


def spoilt(chance: random.Random, document: Any, times: int) -> Any:
    """Return a document with nonsense in place of some values and keys."""
    document = copy.deepcopy(document)
    for _time in range(times):
        found = list(places(document))
        if not found:
            return chance.choice(NONSENSE)
        *way, last = chance.choice(found)
        holder = document
        for step in way:
            holder = holder[step]
        if isinstance(holder, dict) and chance.random() < 0.2:
            holder[chance.choice(KEYS)] = holder.pop(last)
        else:
            holder[last] = copy.deepcopy(chance.choice(NONSENSE))
    return document


def stack(chance: random.Random) -> dict[str, Any]:
    return merge([FRAGMENTS[0], *chance.sample(FRAGMENTS[1:], 2)], {})[0]


def said(work: Any, *given: Any, **more: Any) -> Any:
    """Return what a plugin answers, nothing where it answers with a sentence."""
    with contextlib.suppress(AnsibleError):
        return work(*given, **more)
    return None


def answered(compose: Any) -> dict[str, Any]:
    """Give a definition to every plugin that takes one, and return what preflight says of it."""
    solved = said(budget.budget, compose, capacity=CAPACITY)
    if solved:
        said(compile_filter, compose, solved)
        said(compile_filter, compose, solved, target="swarm")
        said(compile_filter, compose, solved, host=UNABLE)
    said(findings.findings, compose)
    said(host_paths.host_paths, compose)
    prepared = said(preflight.preflight, compose, declared=CAPACITY)
    assert prepared is not None
    assert said(plan.plan, prepared, host="vps", asked=False)
    if prepared["budget"] and not prepared["problems"]:
        # What is feasible can be written.
        compiled = compile_filter(compose, prepared["budget"])
        assert release.FilterModule().filters()["release"](compiled, prepared["budget"], {}, "/opt/ziggie/stack")["files"]
    return dict(prepared)


WEB = {"image": "registry.example/web:1", "restart": "always"}


@pytest.mark.parametrize(
    ("compose", "path"),
    [
        *(({"services": {"web": {**WEB, key: 5}}}, f"services.web.{key}") for key in ("ulimits", "labels", "healthcheck", "depends_on")),
        *(({"services": {"web": {**WEB, key: "x"}}}, f"services.web.{key}") for key in ("ports", "volumes", "networks", "secrets")),
        *(({"services": {"web": WEB}, key: []}, key) for key in ("volumes", "networks", "secrets", "configs")),
        ({"services": {True: WEB}}, "services.true"),
        ({"services": {5: WEB}}, "services.5"),
        ({"services": {None: WEB}}, "services.null"),
        ({"services": {"web": {**WEB, "x-budget": {"requires": [{}]}}}}, "services.web.x-budget.requires"),
        ({"services": {"web": {**WEB, "depends_on": 1.5}}}, "services.web.depends_on"),
        (
            {"services": {"web": WEB}, "networks": {"n": {"driver_opts": [], "ipam": {"config": [{"subnet": "172.28.0.0/16"}]}}}},
            "networks.n.driver_opts",
        ),
        ({"services": {"web": WEB}, "networks": {"n": {"ipam": {"config": [{"subnet": True}]}}}}, "networks.n.ipam.config[0].subnet"),
        ({"services": None}, "services"),
        ([], "the definition"),
    ],
)
def test_what_was_a_traceback_is_a_sentence(compose: Any, path: str) -> None:
    assert path in [problem.partition(":")[0] for problem in answered(compose)["problems"]]


def test_a_fragment_without_services_is_merged() -> None:
    assert merge([{"services": None, "volumes": []}], {})[0] == {"services": {}, "volumes": {}}


@pytest.mark.parametrize("seed", ROUNDS)
def test_definitions(seed: int) -> None:
    chance = random.Random(seed)
    answered(spoilt(chance, stack(chance), chance.choice([1, 1, 2, 4])))


@pytest.mark.parametrize("seed", ROUNDS)
def test_capacities_and_policies(seed: int) -> None:
    chance = random.Random(seed)
    said(budget.budget, FRAGMENTS[1], capacity=spoilt(chance, DISKS, 1), policy=spoilt(chance, POLICY, 1))


@pytest.mark.parametrize("seed", ROUNDS)
def test_fragments_and_overrides(seed: int) -> None:
    chance = random.Random(seed)
    fragments = [spoilt(chance, fragment, 1) for fragment in chance.sample(FRAGMENTS, 3)]
    fragments = [fragment for fragment in fragments if isinstance(fragment, dict)]
    compose, _findings = merge(fragments, spoilt(chance, stack(chance), 2))
    left_out(fragments, compose, [])
    known([*fragments, compose])


@pytest.mark.parametrize("seed", ROUNDS)
def test_files_to_adopt(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    text = yaml.safe_dump(spoilt(chance, stack(chance), 2), allow_unicode=True)
    characters = list(text)
    for _time in range(chance.choice([0, 0, 3])):
        characters[chance.randrange(len(characters))] = chance.choice("{}[]:-#&*!|>'\"\n \t$x")
    path = tmp_path / "compose.yml"
    path.write_text("".join(characters), encoding="utf-8")
    wish = Wish(capacity=CAPACITY, policy={}, profiles=frozenset({"*"}), accepted={}, host={}, catalog=str(tmp_path / "catalog"))
    result = adopt([str(path)], wish)
    assert result["problems"] or result["budget"]


@pytest.mark.parametrize("seed", ROUNDS)
def test_what_other_plugins_made(seed: int) -> None:
    chance = random.Random(seed)
    compose = stack(chance)
    solved = budget.budget(compose, capacity=CAPACITY)
    prepared = preflight.preflight(compose, declared=CAPACITY)
    said(compile_filter, compose, spoilt(chance, solved, 1))
    said(plan.plan, spoilt(chance, prepared, 1), host="vps", asked=False)
    said(preflight.preflight, compose, host=spoilt(chance, prepared["host"], 1), declared=CAPACITY)

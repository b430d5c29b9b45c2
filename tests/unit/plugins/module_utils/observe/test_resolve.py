# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advice becomes floors, a patch and a budget that holds them, or the exact shortfall."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import deep_merge
from ansible_collections.ziggie.stack.plugins.module_utils.observe.recommend import Advice
from ansible_collections.ziggie.stack.plugins.module_utils.observe.resolve import Outcome, resolve
from ansible_collections.ziggie.stack.plugins.module_utils.render import recommend as text
from ansible_collections.ziggie.stack.plugins.module_utils.render.terminal import Terminal

MIB = 1024**2
CAPACITY = {"memory": "4g", "cpus": 2}


def service(floor: str, request: str, image: str = "example/app:1") -> dict[str, Any]:
    return {"image": image, "x-budget": {"tier": "workflow", "memory": {"floor": floor, "request": request}}}


COMPOSE = {"services": {"web": service("64m", "256m"), "job": service("64m", "2g"), "cache": service("64m", "512m", "redis:8.2.1")}}


def advice(need: int | None) -> Advice:
    return Advice(need=None if need is None else need * MIB, why="so", days=14, observed=None, thin=need is None)


def solve(
    compose: dict[str, Any] | None = None,
    overrides: dict[str, Any] | None = None,
    stated: dict[str, Any] | None = None,
    **needs: int | None,
) -> Outcome:
    asked = {name: advice(need) for name, need in needs.items()}
    return resolve(compose or COMPOSE, CAPACITY, {"reserve": {"memory": "2g"}}, asked, overrides, stated)


def line(outcome: Outcome, name: str) -> Any:
    [found] = [line for line in outcome.lines if line.service == name]
    return found


def test_a_need_above_the_floor_raises_floor_and_request_and_the_limit_holds_it() -> None:
    outcome = solve(web=400)
    assert outcome.patch == {"services": {"web": {"x-budget": {"memory": {"floor": "400m", "request": "400m"}}}}}
    assert line(outcome, "web").limit_then >= 400 * MIB > line(outcome, "web").limit
    assert line(outcome, "job").limit_then < line(outcome, "job").limit


def test_the_patch_gives_the_budget_that_was_shown() -> None:
    outcome = solve(web=400, cache=300)
    again = solve(deep_merge(COMPOSE, outcome.patch), overrides=dict(outcome.patch), web=400, cache=300)
    assert again.patch == {}
    assert {line.service: line.limit for line in again.lines} == {line.service: line.limit_then for line in outcome.lines}


def test_a_need_below_the_catalogs_floor_changes_nothing() -> None:
    assert solve(web=10, job=None).patch == {}


def test_a_floor_of_the_operators_comes_down_but_not_below_what_the_image_needs() -> None:
    overrides = {"services": {name: {"x-budget": {"memory": {"floor": "300m"}}} for name in ("web", "cache")}}
    outcome = solve(
        deep_merge(COMPOSE, {"services": {"web": service("300m", "400m"), "cache": service("300m", "512m", "redis:8.2.1")}}),
        overrides,
        web=100,
        cache=10,
    )
    assert line(outcome, "web").wanted == 100 * MIB
    assert 10 * MIB < line(outcome, "cache").wanted < 300 * MIB


def test_what_does_not_fit_says_by_how_much() -> None:
    outcome = solve(web=1500, job=1500)
    assert outcome.problems
    assert "MiB" in outcome.problems[0]
    assert all(line.limit_then is None for line in outcome.lines)


def test_it_is_shown_with_patch_gains_and_costs() -> None:
    lines = text.lines(solve(web=400), "Prometheus")
    start = lines.index("catalog_overrides:")
    assert lines[start : start + 7] == [
        "catalog_overrides:",
        "  services:",
        "    web:",
        "      x-budget:",
        "        memory:",
        "          floor: 400m",
        "          request: 400m",
    ]
    assert any(line.startswith("gains: web +144 (+56 %)") for line in lines)
    assert any(line.startswith("pays: job -") for line in lines)


def test_nothing_known_is_said() -> None:
    assert text.lines(solve(), "Prometheus")[-1] == "No history is long enough to recommend anything yet."
    assert text.lines(solve(web=10), "Prometheus")[-1] == "No floor has to change."
    assert max(map(len, text.lines(solve(web=400), "Prometheus", Terminal(width=60)))) <= 60


@pytest.mark.parametrize(("own", "need", "then"), [("300m", 10, 128), ("300m", 200, 200), ("100m", 10, 100), ("100m", 150, 150)])
def test_a_floor_of_the_operators_comes_down_to_the_catalogs_and_no_further(own: str, need: int, then: int) -> None:
    """The override hides the catalog's floor in the definition; one that the operator set below it is left there."""
    outcome = solve(
        deep_merge(COMPOSE, {"services": {"web": service(own, "400m")}}),
        {"services": {"web": {"x-budget": {"memory": {"floor": own}}}}},
        {"web": "128m"},
        web=need,
    )
    assert line(outcome, "web").wanted == then * MIB


@pytest.mark.parametrize("name", ["on", "no", "Null", "12", "1e3", "web", "a.b-c_d", "_x", "0x1f", "y"])
def test_the_patch_is_read_back_with_the_names_that_it_has(name: str) -> None:
    needs: dict[str, Any] = {name: 400}
    outcome = solve({"services": {name: service("64m", "256m")}}, **needs)
    told = text.lines(outcome, "Prometheus")
    start = told.index("catalog_overrides:")
    assert yaml.safe_load("\n".join(told[start : told.index("", start)])) == {"catalog_overrides": outcome.patch}


def test_a_patch_that_does_not_fit_is_not_offered_as_if_it_did() -> None:
    assert "For the inventory, once there is room:" in text.lines(solve(web=1500, job=1500), "Prometheus")


def test_a_database_that_lacks_nothing_is_not_called_unknown() -> None:
    enough = Advice(need=None, why="so", days=14, observed=None)
    outcome = resolve(COMPOSE, CAPACITY, {}, {"web": enough})
    assert text.lines(outcome, "Prometheus")[-1] == "No floor has to change."

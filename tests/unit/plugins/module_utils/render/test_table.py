# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that a run ends with."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.budget.surge import Job
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.plugins.module_utils.render.table import lines
from ansible_collections.ziggie.stack.plugins.module_utils.render.terminal import Terminal
from ansible_collections.ziggie.stack.tests.unit.samples import container

COMPOSE = {
    "services": {
        "redis": {"image": "redis:8", "x-budget": {"tier": "critical", "memory": {"floor": "64m", "request": "256m"}}},
        "runner": {
            "image": "runner:1",
            "x-budget": {"tier": "management", "requires": ["token"], "memory": {"floor": "64m", "request": "1g"}},
        },
    }
}
BUDGET = solve(COMPOSE, {"memory": "8g", "cpus": 2}, {"credentials": []})


def test_of_several_containers_the_state_of_the_worst_is_shown() -> None:
    assert row("redis", container(health="unhealthy"), container()).endswith("unhealthy")
    assert row("redis", container(), container(state="exited")).endswith("exited")


def row(name: str, *containers: Container) -> str:
    [found] = [line for line in lines(BUDGET, containers) if line.strip().startswith(f"{name} ")]
    return found


def test_a_service_is_a_row_with_its_figures_and_its_live_state() -> None:
    assert re.split(r"\s{2,}", row("redis", container()).strip())[:5] == ["redis", "64", "64", "256", "256"]
    assert row("redis", container()).endswith("healthy")


def test_states() -> None:
    assert row("redis").endswith("on")
    assert row("redis", container(state="exited")).endswith("exited")
    assert row("redis", container(health="none")).endswith("running")
    assert row("redis", container(stand_in=True)).split()[-2:] == ["healthy,", "stand-in"]
    assert row("runner").endswith("off: set token")


def test_tiers_that_have_services_come_in_order_and_all_is_their_sum() -> None:
    heads = [line.split()[0] for line in lines(BUDGET) if line[:1].isupper()]
    assert heads == ["CRITICAL", "MANAGEMENT", "ALL"]


def test_the_pool_is_a_sum_and_a_bar() -> None:
    text = lines(BUDGET)
    assert re.findall(r"[\d.]+", text[0]) == ["7168", "8192", "1024", "1.5", "2"]
    assert len(text[1]) == 62


def test_a_surge_is_a_part_of_what_is_left() -> None:
    solved = solve(COMPOSE, {"memory": "8g", "cpus": 2}, {"credentials": [], "surge": {"memory": "1g"}})
    assert lines(solved)[2].endswith("of which 200 is the unallocated safety margin and 1024 is kept as surge")


def test_jobs_are_told_with_what_they_take() -> None:
    one = Job(name="backup", parts={"stack_backup.memory": 256 << 20}, otherwise="", fix="")
    solved = solve(
        COMPOSE,
        {"memory": "8g", "cpus": 2},
        {"credentials": []},
        jobs=[one, replace(one, name="drill", parts={"stack_backup.memory": 64 << 30})],
    )
    assert lines(solved)[3:5] == ["surge: room for one at a time of backup 256", "no room beside the services for drill 65536"]


def test_columns_are_aligned() -> None:
    table = [line for line in lines(BUDGET) if line.startswith("  ")]
    assert len({line.index("%") for line in table}) == 1


def test_what_else_is_counted_is_told_beside_what_there_is() -> None:
    stored = {
        "services": {"db": {"image": "a", "x-budget": {"pids": 100, "storage": {"data": {"size": "30g", "floor": "10g"}}}}},
        "volumes": {"data": {}},
    }
    budget = solve(stored, {"memory": "8g", "cpus": 2, "disk": "50g", "pids": 5000, "files": 100_000, "swap": 0})
    assert lines(budget)[-3:] == [
        "cpus: 0.05 reserved of 1.5 (3.3 %), 1.45 shared by weight; limits 2",
        "disk: 50.0 GiB = volumes 30.0 GiB, images 1.0 GiB, logs 0.1 GiB, 10.0 GiB for the OS, 8.9 GiB left",
        "at most 100 pids of 3976, 1024 open files of 34464; no swap",
    ]
    assert [line.split()[-2:] for line in lines(budget) if line.startswith("  db")] == [["30g", "on"]]
    assert lines(solve(stored, {"memory": "8g", "cpus": 2}))[-2].endswith("; the size of the disk is unknown")


@pytest.mark.parametrize("width", [40, 60, 79, 100, 120, 200])
def test_a_terminal_is_filled_and_never_overrun(width: int) -> None:
    text = lines(BUDGET, [container()], Terminal(width=width))
    table = [line for line in text if line.startswith(("  ", "service", "CRITICAL", "ALL", "["))]
    # Four figures, a name and a short state are the least.
    assert max(map(len, table)) <= max(width, 49)
    assert all(line.split()[:2] == ["redis", "64"] for line in table if "redis" in line)


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("health", ["healthy", "unhealthy", "starting"])
def test_a_state_is_whole_and_the_table_fits(width: int, health: str) -> None:
    names = ("token_of_the_first_registry", "token_of_the_second_registry")
    services = COMPOSE["services"] | {
        "postgres-exporter": {"image": "a:1", "x-budget": {"tier": "management"}},
        "mirror": {"image": "a:1", "x-budget": {"tier": "workflow", "requires": list(names)}},
    }
    budget = solve({"services": services}, {"memory": "8g", "cpus": 2}, {"credentials": []})
    containers = [container(service, health=health, stand_in=True) for service in ("redis", "postgres-exporter")]
    table = lines(budget, containers, Terminal(width=width))
    assert max(len(line) for line in table if line.startswith(("  ", "service", "CRITICAL", "ALL"))) <= width
    assert "…" not in "\n".join(table)
    for service in ("redis", "postgres-exporter"):
        [found] = [line for line in table if line.strip().startswith(f"{service} ")]
        assert found.endswith(f"  {health}, stand-in")
    # What lists the missing goes on below, in the same column.
    start = next(number for number, line in enumerate(table) if line.strip().startswith("mirror "))
    column = table[start].index("off: ")
    below = [line.strip() for line in table[start + 1 :] if line.startswith(" " * column)]
    assert " ".join([table[start][column:], *below]) == f"off: set {', '.join(names)}"


def test_colours_change_nothing_else() -> None:
    coloured = "\n".join(lines(BUDGET, [container(health="unhealthy")], Terminal(colour=True)))
    assert re.sub("\x1b\\[[0-9]+m", "", coloured) == "\n".join(lines(BUDGET, [container(health="unhealthy")]))
    assert "\x1b[31munhealthy\x1b[0m" in coloured

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the arms differ in, and what is made of their runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Ceilings, Cgroup, Facts
from ansible_collections.ziggie.stack.tests.bench.isolation import page
from ansible_collections.ziggie.stack.tests.bench.isolation.arms import ARMS, HOGS, LEAKERS, MEMORY, SERVICES, build, limited
from ansible_collections.ziggie.stack.tests.bench.isolation.drawing import STYLES, drawing
from ansible_collections.ziggie.stack.tests.bench.isolation.figures import Figures, percentile, summarise, verdicts

FACTS = Facts(core_ids=(0, 1), cgroup=Cgroup(version=2, controllers=("memory",), swap_limit=True), ceilings=Ceilings(nofile=-1, memlock=-1))
HOST = {"facts": FACTS.to_dict(), "parent": "/parent", "registry_map": {}}
KEYS = ("mem_limit", "memswap_limit", "mem_reservation", "cpu_shares", "cpus", "cpuset", "pids_limit", "oom_score_adj", "blkio_config")
ABOUT = {
    "rounds": 5, "seconds": 20, "rate": 200, "command": "make bench-isolation", "date": "2026-11-25 23:00", "machine": "2 cores",
    "hog_shares": 51, "hog_memory": "70 MiB", "hog_cores": "1 of 2 cores", "need": 0.5, "fair": 0.17,
    "cgroup": 2, "by_hand": "",
}  # fmt: skip


@pytest.fixture(name="built", scope="module")
def _built() -> dict[str, Any]:
    return build(HOST, "/base")


def definitions(built: dict[str, Any]) -> dict[str, dict[str, Any]]:
    definition = yaml.safe_load(built["definition"])
    return {arm: limited(definition, arm, built["budget"])["services"] for arm in ("plain", "report", "ours")}


def test_the_arms_differ_in_their_limits_only(built: dict[str, Any]) -> None:
    bare = {
        arm: {name: {key: value for key, value in service.items() if key not in KEYS} for name, service in services.items()}
        for arm, services in definitions(built).items()
    }
    assert bare["plain"] == bare["report"] == bare["ours"]
    assert set(bare["ours"]) == {*SERVICES, *HOGS, *LEAKERS}
    assert {service["cgroup_parent"] for service in bare["ours"].values()} == {"/parent"}


def test_what_each_arm_gives(built: dict[str, Any]) -> None:
    arms = definitions(built)
    assert [key for service in arms["plain"].values() for key in KEYS if key in service] == []
    assert {key: arms["report"]["hog-cpu-1"].get(key) for key in ("cpus", "mem_limit", "cpu_shares", "cpuset")} == {
        "cpus": "0.1", "mem_limit": "256m", "cpu_shares": None, "cpuset": None,
    }  # fmt: skip
    assert (arms["report"]["ziggie-api"]["cpus"], arms["report"]["ziggie-api"]["mem_limit"]) == ("1", "2048m")
    assert arms["ours"]["hog-cpu-1"]["cpuset"] == "0"
    assert "cpus" not in arms["ours"]["hog-cpu-1"]
    assert {arms["ours"][name]["cpuset"] for name in SERVICES} == {"1"}


def test_the_limits_of_the_budget_fit_in_the_group_that_stands_for_the_host(built: dict[str, Any]) -> None:
    limits = [service["memory"]["limit"] for service in built["budget"]["services"].values()]
    assert sum(limits) < MEMORY


def run(arm: str, latencies: list[float], **more: Any) -> dict[str, Any]:
    service = {"cpu_used": 1, "oom_kills": 0, "cpu_throttled_periods": 0, "restarted": False}
    return {
        "arm": arm, "series": "all", "round": 0, "seconds": 1.0, "died": {}, "hog_cpu": 1.0, "service_cpu": 0.4, "engine_cpu": 0.1,
        "load": {"latencies": latencies, "requests": len(latencies), "failed": {}},
        "services": {name: dict(service) for name in SERVICES},
        "hogs": {name: dict(service) for name in HOGS},
        **more,
    }  # fmt: skip


@pytest.mark.parametrize(("share", "value"), [(1, 1), (50, 50), (95, 95), (99, 99), (99.9, 100), (100, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def test_a_median_is_over_rounds_and_not_over_requests() -> None:
    found = summarise("ours", [run("ours", [1.0] * 10), run("ours", [5.0]), run("ours", [9.0] * 10)], SERVICES)
    assert found.latency[99] == 5.0
    assert found.spread[99] == (1.0, 9.0)
    assert found.requests == 21


def test_who_is_killed_is_told_apart() -> None:
    one = run("ours", [1.0], died={"hog-memory": 2, "redis": 1})
    one["services"]["postgres"]["oom_kills"] = 3
    found = summarise("ours", [one, run("ours", [1.0], died={"hog-memory": 1})], SERVICES)
    assert found.killed == {"hog-memory": 3}
    assert found.innocent == {"postgres": 3, "redis": 1}


def arms(ours: list[float], plain: list[float], **more: Any) -> dict[str, Figures]:
    latencies = {"quiet": [10.0] * 100, "busy": [12.0] * 100, "plain": plain, "report": [50.0] * 100, "ours": ours}
    return {arm: summarise(arm, [run(arm, latencies[arm], **(more if arm == "ours" else {}))], SERVICES) for arm in ARMS}


@pytest.mark.parametrize(
    ("ours", "plain", "more", "broken"),
    [
        ([11.0] * 100, [200.0] * 100, {}, []),
        ([11.0] * 100, [20.0] * 100, {}, ["without limits P99"]),
        ([13.0] * 100, [200.0] * 100, {}, ["P95 is at most"]),
        ([15.0] * 100, [200.0] * 100, {}, ["P95 is at most", "busy machine: P95"]),
        ([11.0] * 95 + [22.0] * 5, [200.0] * 100, {}, ["P99 is at most"]),
        ([11.0] * 95 + [30.0] * 5, [200.0] * 100, {}, ["P99 is at most", "busy machine: P99"]),
        ([11.0] * 100, [200.0] * 100, {"hog_cpu": 0.4}, ["the hogs keep", "the hogs, with"]),
        ([11.0] * 100, [200.0] * 100, {"hog_cpu": 0.4, "engine_cpu": 0.6}, ["the hogs keep"]),
        ([11.0] * 100, [200.0] * 100, {"died": {"redis": 1}}, ["nobody innocent"]),
    ],
)
def test_a_promise_that_is_not_kept_is_named(ours: list[float], plain: list[float], more: dict[str, Any], broken: list[str]) -> None:
    found = arms(ours, plain, **more)
    missed = [promise for promise, _figure, kept in verdicts(found, {}) if not kept]
    assert len(missed) == len(broken)
    assert all(words in promise for words, promise in zip(broken, missed, strict=True))
    assert page.text(found, {}).count("NOT KEPT") == len(broken)


def test_a_failure_in_the_memory_series_counts() -> None:
    leaking = {
        "ours": summarise(
            "ours", [run("ours", [1.0], died={"postgres": 1}, load={"latencies": [1.0], "requests": 1, "failed": {"x": 1}})], SERVICES
        )
    }
    missed = [promise for promise, _figure, kept in verdicts(arms([11.0] * 100, [200.0] * 100), leaking) if not kept]
    assert missed == ["with the budget nobody innocent is killed, in 2 runs", "with the budget no request fails"]


def test_the_page_has_every_arm_and_every_promise() -> None:
    found = arms([11.0] * 100, [20.0] * 100)
    written = page.markdown(found, {}, ABOUT)
    assert all(name in written for name in ("no limits", "literal quotas", "cpuset: split", "2026-11-25 23:00", "**not kept**"))
    assert "{" not in written
    assert "This run shows nothing" in written
    assert "This run shows nothing" not in page.markdown(arms([11.0] * 100, [200.0] * 100), {}, ABOUT)
    assert len({line.count("|") for line in written.splitlines() if line.startswith("| ") and "ms" in line}) == 1


def test_the_picture_is_one_line_for_each_arm() -> None:
    latencies = {arm: [float(number + 1) for number in range(100 * (index + 1))] for index, arm in enumerate(ARMS)}
    root = ET.fromstring(drawing(latencies, "Latency"))
    space = "{http://www.w3.org/2000/svg}"
    lines = root.findall(f"{space}polyline")
    assert {line.get("stroke") for line in lines} == {style[0] for style in STYLES.values()}
    said = {element.text for element in root.findall(f"{space}text")}
    assert {style[2] for style in STYLES.values()} <= said
    for line in lines:
        heights = [float(point.split(",")[1]) for point in str(line.get("points")).split()]
        assert heights == sorted(heights, reverse=True)
        assert all(0 < height < 420 for height in heights)

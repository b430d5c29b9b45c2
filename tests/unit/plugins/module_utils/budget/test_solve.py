# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Budgets and refusals, by example."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget import codes
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacities import fit
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError, Finding
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget import report


def refusal(compose: Any, capacity: Any = None, policy: Any = None) -> str:
    with pytest.raises(BudgetError) as caught:
        solve(compose, capacity or report.HOST, policy)
    return str(caught.value)


def one(budget: dict[str, Any] | None = None, **service: Any) -> dict[str, Any]:
    return {"services": {"web": {"image": "web", **({} if budget is None else {"x-budget": budget}), **service}}}


def web(compose: Any, capacity: Any = None, policy: Any = None) -> dict[str, Any]:
    shared: dict[str, Any] = solve(compose, capacity or report.HOST, policy).to_dict()["services"]["web"]
    return shared


def test_the_reports_figures_are_refused_as_declared() -> None:
    assert refusal(report.stack(), policy={"memory": "declared"}).splitlines() == [
        (
            "policy.memory: the declared limits of 21 services add up to 19968 MiB, 5832 MiB more than the pool holds (capacity 16384 MiB - "
            "reserve 2048 MiB - margin 200 MiB = 14136 MiB); any one of these is enough, cheapest first:"
        ),
        "  - set policy.memory to fit: every service keeps its floor (9632 MiB in all) and the rest is shared by priority",
        (
            "  - lower the requests of github-runner (768 MiB), prometheus (512 MiB), grafana (256 MiB), loki (256 MiB), sim-studio (256 MiB), "
            "cadvisor (192 MiB), open-webui (128 MiB), portainer (128 MiB), certbot (96 MiB), node-exporter (64 MiB), promtail (64 MiB), "
            "watchtower (64 MiB), ollama (2048 MiB), mongodb (768 MiB), n8n (232 MiB), which stay at or above their floors"
        ),
        "  - use a host with 22216 MiB of memory or more",
    ]


def test_the_reports_nineteen_services_are_over_by_what_the_facts_say() -> None:
    nineteen = tuple(name for name in report.FIGURES if name not in ("cadvisor", "node-exporter"))
    assert "19584 MiB, 5248 MiB more" in refusal(report.stack(nineteen), policy={"memory": "declared", "margin": {"memory": 0}})


def test_what_a_refusal_names_is_enough() -> None:
    solve(report.stack(), {"memory": "22216m", "cpus": 4}, {"memory": "declared"})
    assert "1 bytes" in refusal(report.stack(), {"memory": 22216 * MIB - 1, "cpus": 4}, {"memory": "declared"})
    overcommitted = {"memory": "declared", "overcommit": {"memory": 1.5}}
    assert solve(report.stack(), report.HOST, overcommitted).to_dict()["services"]["ollama"]["memory"]["limit"] == 4 * GIB


def test_the_reports_figures_fit_when_they_are_shared() -> None:
    budget = solve(report.stack(), report.HOST).to_dict()
    assert budget["pool"] == {"memory": 14336 * MIB, "cpus": 3500}
    assert budget["totals"]["unallocated"]["memory"] == 0
    assert budget["totals"]["all"]["memory"]["limit"] == 14136 * MIB
    assert budget["totals"]["tiers"]["critical"]["services"] == 5
    assert budget["totals"]["utilization"]["memory"] == pytest.approx(14136 / 14336, abs=1e-4)
    api = budget["services"]["ziggie-api"]
    assert api["cpus"] == {"reservation": 500, "limit": 1000, "shares": 2048, "quota": None, "cores": None, "first_core": 0}
    assert api["oom_score_adj"] == 100
    assert api["io"] == {"weight": 800}


def test_a_host_too_small_is_refused_with_the_shortfall_and_ways_out() -> None:
    stack = {
        "services": {
            "db": {"x-budget": {"tier": "critical", "memory": {"floor": "1g", "request": "2g"}}},
            "ai": {"x-budget": {"tier": "workflow", "memory": {"floor": "900m", "request": "2g"}}},
            "ui": {"x-budget": {"tier": "management", "memory": {"floor": "100m", "request": "1g"}}},
        }
    }
    assert refusal(stack, {"memory": "2444m", "cpus": 2}).splitlines() == [
        (
            "capacity.memory: the floors of 3 services add up to 2024 MiB, 164 MiB more than the pool holds (capacity 2444 MiB - reserve 384 MiB - "
            "margin 200 MiB = 1860 MiB); any one of these is enough, cheapest first:"
        ),
        "  - lower policy.margin.memory from 200 MiB to 36m",
        "  - leave out ai (900 MiB), or move it to another host",
        "  - use a host with 2608 MiB of memory or more",
    ]
    solve(stack, {"memory": "2608m", "cpus": 2})
    solve(stack, {"memory": "2444m", "cpus": 2}, {"margin": {"memory": "36m"}})


def test_a_surge_is_given_to_no_service_and_counted() -> None:
    stack = {"services": {name: {"x-budget": {"memory": {"floor": "512m"}}} for name in ("a", "b")}}
    kept = solve(stack, {"memory": "3g", "cpus": 2}, {"surge": {"memory": "600m"}})
    assert kept.unallocated >= 600 * MIB
    assert Budget.from_dict(kept.to_dict()) == kept
    assert "surge" not in solve(stack, {"memory": "3g", "cpus": 2}).to_dict()["policy"]
    said = refusal(stack, {"memory": "2g", "cpus": 2}, {"surge": {"memory": "700m"}, "margin": {"memory": "200m"}})
    assert "margin 200 MiB - surge 700 MiB = " in said
    assert "lower policy.surge.memory from 700 MiB to " in said


@pytest.mark.parametrize(
    ("memory", "margin"),
    # A reserve of 384 MiB below 3 GiB, an eighth of the memory above; the margin is a tenth of what is left, until that is 200 MiB.
    [("394m", 1), ("1g", 64), ("2g", 166.4), ("2384m", 200), ("2400m", 200), ("4g", 200), ("16g", 200), ("256g", 200)],
)
def test_the_margin_follows_the_pool(memory: str, margin: float) -> None:
    budget = solve({"services": {}}, {"memory": memory, "cpus": 2})
    assert budget.margin == int(margin * MIB) == budget.policy.margin


def test_the_smallest_host_is_reckoned_with_its_own_margin() -> None:
    stack = one({"memory": {"floor": "600m"}})
    said = refusal(stack, {"memory": "900m", "cpus": 2})
    assert "- margin 51.60 MiB" in said
    assert "use a host with 1051 MiB of memory or more" in said
    solve(stack, {"memory": "1051m", "cpus": 2})
    assert "more than the pool holds" in refusal(stack, {"memory": "1050m", "cpus": 2})


def test_wordpress_with_mysql_fits_on_one_gibibyte() -> None:
    floors = {"db": "493m", "wordpress": "64m"}
    budget = solve(
        {"services": {name: {"x-budget": {"memory": {"floor": floor}}} for name, floor in floors.items()}}, {"memory": "1g", "cpus": 1}
    )
    assert budget.total.memory.limit == 576 * MIB


def test_a_reserve_above_the_capacity_leaves_nothing() -> None:
    said = refusal(one(), {"memory": "512m", "cpus": 0.5}, {"margin": {"memory": "200m"}})
    assert "capacity.memory: a reserve of 384 MiB and a margin of 200 MiB leave nothing of 512 MiB" in said
    assert "capacity.cpus: a reserve of 0.5 CPUs leaves nothing of 0.5" in said


def test_parse_problems_and_the_shortfall_are_told_together() -> None:
    stack = one({"memory": {"floor": "3g", "request": "4g"}, "pids": "many"})
    stack["services"]["bad"] = {"x-budget": {"memory": {"floor": "1gb2"}}}
    said = refusal(stack, {"memory": "3g", "cpus": 2})
    assert "services.bad.x-budget.memory.floor: '1gb2' is no size; write 1g, 1024m or bytes" in said
    assert "services.web.x-budget.pids: 'many' is no whole number" in said
    assert "add up to 3136 MiB, at least 648 MiB more" in said


def test_all_errors_come_first_and_carry_a_code() -> None:
    with pytest.raises(BudgetError) as caught:
        solve(one({"memory": {"asked": "10m", "floor": "20m"}, "pids": 0}), report.HOST)
    assert [finding.severity for finding in caught.value.findings] == ["error", "info"]
    assert [finding.to_dict()["code"] for finding in caught.value.findings] == [codes.BAD_COUNT, codes.ASKED_BELOW_FLOOR]


def test_every_code_has_a_meaning_and_is_used_once() -> None:
    constants = {name: value for name, value in vars(codes).items() if name.isupper() and name != "MEANINGS"}
    assert sorted(constants.values()) == sorted(codes.MEANINGS)
    assert len(set(constants.values())) == len(constants)


def test_what_was_asked_below_the_floor_is_raised_and_said() -> None:
    budget = solve(one({"memory": {"asked": "512m", "floor": "1g"}}), report.HOST).to_dict()
    memory = budget["services"]["web"]["memory"]
    assert (memory["asked"], memory["request"], memory["limit"]) == (512 * MIB, GIB, GIB)
    assert (
        budget["services"]["web"]["explain"]["memory.request"] == "1024 MiB, from x-budget.memory.asked, raised from 512 MiB to the floor"
    )
    (finding,) = budget["findings"]
    assert finding == {
        "code": codes.ASKED_BELOW_FLOOR,
        "severity": "info",
        "path": "services.web.x-budget.memory.asked",
        "message": "asked 512 MiB is below the floor 1024 MiB that the service needs (x-budget.memory.floor), so its request is 1024 MiB",
        "fix": "ask for 1024 MiB or more",
    }


# A heap of 1 GiB and what a JVM takes beside it; twice that is its first claim, since its author sets no ceiling.
HEAP = (1280, 1280, 2560, 2560)


@pytest.mark.parametrize(
    ("budget", "service", "memory"),
    [
        (None, {}, (64, 64, 512, 512)),
        (None, {"mem_limit": "1g"}, (64, 64, 1024, 1024)),
        (None, {"mem_limit": "32m"}, (32, 32, 32, 32)),
        (None, {"deploy": {"resources": {"limits": {"memory": "1G"}, "reservations": {"memory": "256M"}}}}, (256, 256, 1024, 1024)),
        (None, {"mem_limit": 0, "mem_reservation": "100m"}, (100, 100, 512, 512)),
        ({"memory": {"floor": "1g"}}, {"mem_limit": "256m"}, (1024, 1024, 1024, 256)),
        ({"memory": {"floor": "1g"}}, {}, (1024, 1024, 2048, 2048)),
        ({"memory": {"reservation": "700m"}}, {}, (700, 700, 1400, 1400)),
        ({"memory": {"request": "fair"}}, {"mem_limit": "1g"}, (64, 64, 512, 512)),
        ({"complete": True}, {"mem_limit": "1g", "mem_reservation": "512m"}, (64, 64, 512, 512)),
        (None, {"image": "example/app", "environment": {"JAVA_OPTS": "-Xmx1g"}}, HEAP),
        ({"memory": {"request": "300m"}}, {"mem_limit": "1g"}, (64, 64, 300, 300)),
        ({"memory": {"asked": "100m", "floor": "200m", "request": "400m"}}, {}, (200, 200, 400, 100)),
        ({"memory": None, "tier": None}, {"deploy": None}, (64, 64, 512, 512)),
    ],
)
def test_where_memory_figures_come_from(budget: Any, service: Any, memory: tuple[int, ...]) -> None:
    found = web(one(budget, **service))["memory"]
    assert tuple(found[name] // MIB for name in ("floor", "reservation", "request", "asked")) == memory


@pytest.mark.parametrize(
    ("budget", "service", "cpus"),
    [
        (None, {}, (50, 4000)),
        (None, {"cpus": "0.02"}, (20, 20)),
        (None, {"deploy": {"resources": {"limits": {"cpus": "2"}, "reservations": {"cpus": 0.3}}}}, (300, 2000)),
        ({"cpus": {"reservation": 1.5}}, {}, (1500, 4000)),
        ({"cpus": {"limit": 1}}, {"cpus": 2}, (50, 1000)),
        (None, {"cpu_shares": 1024}, (500, 4000)),
        ({"cpus": {"reservation": 0}}, {}, (0, 4000)),
    ],
)
def test_where_cpu_figures_come_from(budget: Any, service: Any, cpus: tuple[int, int]) -> None:
    found = web(one(budget, **service))["cpus"]
    assert (found["reservation"], found["limit"]) == cpus


def test_swap_beyond_the_limit_is_read_from_compose() -> None:
    assert web(one(mem_limit="1g", memswap_limit="1536m"))["memory"]["swap"] == 512 * MIB
    assert web(one(mem_limit="1g", memswap_limit=-1))["memory"]["swap"] is None
    assert web(one(mem_limit="1g"))["memory"]["swap"] is None
    assert web(one(mem_limit="1g", memswap_limit="1g"))["memory"]["swap"] == 0
    assert web(one({"memory": {"swap": "1g"}}))["memory"]["swap"] == GIB


def test_containers_are_counted() -> None:
    budget = solve(one({"memory": {"floor": "1g", "request": "8g"}}, deploy={"replicas": 3}), report.HOST).to_dict()
    assert budget["services"]["web"]["memory"]["limit"] == 14136 // 3 * MIB
    assert budget["totals"]["all"]["memory"]["limit"] == 14136 * MIB
    assert web(one(scale=2))["replicas"] == 2
    assert web(one(deploy={"mode": "global", "replicas": 9}))["replicas"] == 1
    assert web(one({"memory": {"request": "99t"}}, scale=0))["memory"]["limit"] == 99 * 1024 * GIB


@pytest.mark.parametrize(
    ("quota", "batch", "limited"), [("none", True, None), ("batch", False, None), ("batch", True, 4000), ("all", False, 4000)]
)
def test_who_gets_a_cpu_quota(quota: str, batch: bool, limited: int | None) -> None:
    assert web(one({"batch": batch}), policy={"cpu_quota": quota})["cpus"]["quota"] == limited


@pytest.mark.parametrize(
    ("reserved", "cores", "left"),
    [
        # The part of 4 CPUs, in whole cores of the host, rounded up.
        (0.5, {}, 3),
        (1.6, {}, 2),
        (1.6, {"cores": 2}, 1),
        (3, {"cores": 2}, 1),
        (3, {}, 1),
        (0, {}, 3),
        (2, {"cores": 16}, 8),
        (2, {"cores": 1}, None),
    ],
)
def test_who_may_run_on_which_cores(reserved: float, cores: dict[str, int], left: int | None) -> None:
    stack = {
        "services": {
            "api": {"x-budget": {"tier": "critical", "cpus": {"reservation": reserved, "limit": 4}}},
            "job": {"x-budget": {"tier": "management"}},
        }
    }
    budget = solve(stack, {**report.HOST, **cores}, {"cpuset": "critical"}).to_dict()
    assert budget["services"]["api"]["cpus"]["cores"] is None
    assert budget["services"]["job"]["cpus"]["cores"] == left
    said = [finding for finding in budget["findings"] if finding["path"] == "policy.cpuset"]
    assert [finding["code"] for finding in said] == ([codes.CANNOT_ENFORCE] if left is None else [])
    assert solve(stack, {**report.HOST, **cores}).to_dict()["services"]["job"]["cpus"]["cores"] is None
    split = solve(stack, {**report.HOST, **cores}, {"cpuset": "split"}).to_dict()["services"]
    parts = [(split[name]["cpus"]["first_core"], split[name]["cpus"]["cores"]) for name in ("job", "api")]
    assert parts == ([(0, None)] * 2 if left is None else [(0, left), (left, cores.get("cores", 4) - left)])


def test_too_many_cpus_are_cut_scaled_and_said() -> None:
    stack = one({"cpus": {"limit": 9, "reservation": 3}})
    stack["services"]["other"] = {"x-budget": {"cpus": {"limit": 4, "reservation": 1}}}
    budget = solve(stack, {"memory": "16g", "cpus": 2}).to_dict()
    assert budget["services"]["web"]["cpus"]["limit"] == 2000
    assert budget["services"]["web"]["cpus"]["reservation"] == 1000
    assert budget["services"]["other"]["cpus"]["reservation"] == 500
    assert [finding["code"] for finding in budget["findings"]] == [
        codes.CPU_RESERVATIONS_ABOVE_POOL,
        codes.CPU_LIMITS_ABOVE_POOL,
        codes.CPU_LIMIT_ABOVE_HOST,
        codes.CPU_LIMIT_ABOVE_HOST,
        codes.NOTHING_KNOWN,
    ]
    said = refusal(stack, {"memory": "16g", "cpus": 2}, {"memory": "declared"})
    assert "capacity.cpus: the reservations add up to 3 CPUs, 1.5 more than the pool of 1.5; lower reservations" in said
    assert "policy.overcommit.cpus: the limits add up to 4 CPUs, 1 more than 1.5 CPUs x overcommit 2 allow" in said


def test_a_service_without_its_credentials_is_off() -> None:
    stack = one({"requires": ["token", "name"]})
    assert web(stack)["enabled"] is False
    assert web(stack)["requires"] == ["name", "token"]
    assert web(stack, policy={"credentials": ["token"]})["enabled"] is False
    assert web(stack, policy={"credentials": ["token", "name"]})["enabled"] is True
    assert web(stack, policy={"credentials": ["token", "name"]})["memory"]["limit"] == 14136 * MIB


OFF: dict[str, Any] = {
    "services": {
        "web": {"image": "a:1", "x-budget": {"priority": "high", "memory": {"floor": "512m", "request": "4g"}}},
        "db": {"image": "b:1", "x-budget": {"memory": {"floor": "512m", "request": "3g"}}},
        "runner": {
            "image": "c:1",
            "deploy": {"replicas": 2},
            "x-budget": {
                "requires": ["token"],
                "memory": {"floor": "256m", "reservation": "128m", "request": "512m"},
                "cpus": {"reservation": 0.5, "limit": 1},
                "pids": 100,
                "storage": {"work": {"size": "20g"}},
                "connections": {"db": 7},
            },
        },
    },
    "volumes": {"work": {}},
}


KEPT = {"reserve": {"memory": "2g"}, "margin": {"memory": "200m"}}


def off(capacity: dict[str, Any]) -> Finding:
    (finding,) = (finding for finding in solve(OFF, capacity, KEPT).findings if finding.code == codes.SERVICE_OFF)
    assert (finding.severity, finding.path) == ("info", "services.runner")
    return finding


def test_a_service_that_is_off_holds_nothing_and_says_what_it_would_need() -> None:
    capacity = {"memory": "16g", "cpus": 4, "disk": "100g"}
    without = {**OFF, "services": {name: service for name, service in OFF["services"].items() if name != "runner"}}
    budget, alone = solve(OFF, capacity), solve(without, capacity)
    runner = budget.services["runner"]
    assert {name: share for name, share in budget.services.items() if name != "runner"} == alone.services
    assert (budget.total, budget.disks, budget.images, budget.logs) == (alone.total, alone.disks, alone.images, alone.logs)
    assert (runner.enabled, runner.memory.limit, runner.memory.reservation, runner.cpus.reservation, runner.disk) == (False, 0, 0, 0, 0)
    assert (runner.memory.floor, runner.memory.request, runner.pids) == (256 * MIB, 512 * MIB, 100)
    assert "off, since it has no token" in runner.explain["memory.limit"]
    assert Budget.from_dict(budget.to_dict()) == budget


def test_turning_a_service_on_says_what_it_takes_and_from_whom() -> None:
    assert "turned on it needs 512 MiB and gets 1024 MiB, and no other service gets less" in off({"memory": "16g", "cpus": 4}).message
    # Of 4096 MiB the other two give up exactly what the runner gets.
    tight = {"memory": "6344m", "cpus": 4}
    before = solve(OFF, tight, KEPT).services
    after = solve(OFF, tight, {**KEPT, "credentials": ["token"]}).services
    less = {name: (before[name].memory.limit - after[name].memory.limit) // MIB for name in ("db", "web")}
    assert min(less.values()) > 0
    named = ", ".join(f"{name} {size} MiB" for name, size in sorted(less.items(), key=lambda pair: -pair[1]))
    got = after["runner"].memory.limit * 2 // MIB
    assert f"turned on it needs 512 MiB and gets {got} MiB, and others get less: {named}" in off(tight).message


def test_turning_on_what_does_not_fit_says_what_is_lacking() -> None:
    small = {"memory": "3400m", "cpus": 4}
    assert "does not fit: the host lacks 384 MiB of memory" in off(small).message
    solve(OFF, {**small, "memory": "3784m"}, {**KEPT, "credentials": ["token"]})
    with pytest.raises(BudgetError):
        solve(OFF, {**small, "memory": 3784 * MIB - 1}, {**KEPT, "credentials": ["token"]})
    assert "lacks 112 pids" in off({"memory": "16g", "cpus": 4, "pids": 1024 + 600}).message


def test_the_one_list_of_what_to_leave_out() -> None:
    stack = {
        "services": {
            "web": {"image": "a:1", "x-budget": {"priority": "high", "memory": {"floor": "1g"}}, "depends_on": ["db"]},
            "db": {"image": "b:1", "x-budget": {"priority": "low", "memory": {"floor": "1g"}}},
            "report": {"image": "c:1", "x-budget": {"priority": "low", "memory": {"floor": "800m"}}, "depends_on": ["queue"]},
            "queue": {"image": "d:1", "x-budget": {"priority": "low", "memory": {"floor": "100m"}}},
        }
    }
    capacity = {"memory": "4600m", "cpus": 4}
    fitting = fit(stack, capacity, KEPT)
    assert [drop.name for drop in fitting.dropped] == ["report"]
    sentence = refusal(stack, capacity, KEPT)
    assert "leave out report (800 MiB), or move it to another host" in sentence
    assert fitting.budget is not None


def test_storage_is_complete() -> None:
    stack = one({"storage": {"web_data": {"class": "cold", "owner": 999}, "cache": {"path": "x/y", "group": "7", "mode": "750"}}})
    stack["volumes"] = {"web_data": {}, "cache": None}
    assert web(stack)["storage"] == {
        "cache": {"class": "hot", "path": "x/y", "owner": 0, "group": 7, "mode": "0750"},
        "web_data": {"class": "cold", "path": "web", "owner": 999, "group": 0, "mode": "0700"},
    }


def test_limits_are_explained() -> None:
    stack = one({"tier": "critical", "memory": {"floor": "1g", "request": "20g"}})
    stack["services"]["other"] = {"x-budget": {"tier": "management", "memory": {"floor": "1g", "request": "20g"}}}
    assert web(stack)["explain"]["memory.limit"] == (
        "floor 1024 MiB + 4 x 2417.6 MiB of the shared remainder, in whole MiB = 10695 MiB of a request of 20480 MiB "
        "(weighted max-min, weight high = 4)"
    )
    assert web(one(mem_limit="512m"))["explain"]["memory.limit"] == "512 MiB: the request is met in full (floor 64 MiB)"
    assert web(one())["explain"]["memory.limit"] == (
        "request 512 MiB + 2 x 6812.0 MiB of what is left when every request is met, in whole MiB = 14136 MiB: its author sets no ceiling "
        "(weighted max-min, weight medium = 2)"
    )
    assert web(one(), policy={"memory": "declared"})["explain"]["memory.limit"] == "512 MiB: the request, as policy declared takes it"


def test_tuning_is_in_the_budget() -> None:
    stack = one({"memory": {"floor": "1g", "request": "3g"}, "tuning": {"tuner": "postgres"}})
    stack["services"]["pool"] = {"x-budget": {"tuning": {"tuner": "pgbouncer"}}}
    budget = solve(stack, report.HOST).to_dict()
    postgres = budget["services"]["web"]["tuning"]
    assert postgres["settings"]["shared_buffers"] == "768MB"
    assert postgres["arguments"][:2] == ["-c", "shared_buffers=768MB"]
    assert budget["services"]["web"]["explain"]["tuning.shared_buffers"].startswith("768MB: a quarter of the limit of 3072 MiB")
    assert budget["services"]["pool"]["tuning"]["settings"]["default_pool_size"] == "90"
    assert web(one())["tuning"] == {"tuner": None, "settings": {}, "environment": {}, "arguments": []}


def test_a_floor_on_which_a_program_cannot_live_is_refused() -> None:
    said = refusal(one({"memory": {"floor": "1g", "request": "4g"}, "tuning": {"tuner": "ollama"}}))
    assert said == (
        "services.web.x-budget.memory.floor: the floor 1024 MiB is below the 2673 MiB that tuner ollama can work with; "
        "write 2673m or more, or change x-budget.tuning"
    )
    solve(one({"memory": {"floor": "2673m", "request": "4g"}, "tuning": {"tuner": "ollama"}}), report.HOST)


def test_an_unwritten_floor_is_what_the_program_needs() -> None:
    budget = web(one({"tuning": {"tuner": "ollama"}}))
    assert (budget["memory"]["floor"], budget["memory"]["request"]) == (2673 * MIB, 2 * 2673 * MIB)
    assert budget["explain"]["memory.floor"] == "2673 MiB, from known: the least that its tuner works with"
    raised = web(one({"tuning": {"tuner": "node"}}, mem_limit="80m"))["memory"]
    assert (raised["floor"], raised["limit"], raised["asked"]) == (128 * MIB, 128 * MIB, 80 * MIB)


def test_a_setting_that_had_to_shrink_is_said() -> None:
    stack = one({"memory": {"floor": "512m", "request": "512m"}, "tuning": {"tuner": "postgres", "max_connections": 500}})
    (finding,) = solve(stack, report.HOST).to_dict()["findings"]
    assert finding["code"] == codes.TUNING_SHRUNK
    assert finding["message"].endswith("connections at worst, not 500")

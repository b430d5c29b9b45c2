# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as a person reads it: verdict, problems, changes, budget, findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacity import Capacity, Filesystem
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Difference
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileChange
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.replace import Replacement
from ansible_collections.ziggie.stack.plugins.module_utils.host.run_log import Downtime
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.changes import HostChange
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import ContainerChange, Plan, PlannedHook, Stated
from ansible_collections.ziggie.stack.plugins.module_utils.plan.text import changes, definition, explain, lines, opening
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Fitting
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.protection import Protection
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.ways_in import PublishedPort, WayIn
from ansible_collections.ziggie.stack.plugins.module_utils.render.terminal import Terminal
from ansible_collections.ziggie.stack.tests.unit.samples import container

COMPOSE = {
    "services": {
        "web": {"image": "web:1", "x-budget": {"memory": {"floor": "64m", "request": "256m"}}},
        "runner": {"image": "runner:1", "x-budget": {"requires": ["token"]}},
    }
}
BUDGET = solve(COMPOSE, {"memory": "8g", "cpus": 2}, {"credentials": []})
ERROR = Stated(code="ZB8", severity="error", path="d.e", message="it is bad", fix="write f")
WARNING = Stated(code="ZB9", severity="warning", path="a.b", message="it is so", fix="write c")
INFO = Stated(code="ZB7", severity="info", path="g.h", message="it is known", fix="")
DIRECTORY = HostChange(kind="directory", subject="/srv", before="absent", after="0:0 0755")


def plan(**changed: Any) -> Plan:
    same: dict[str, Any] = {
        "host": "vps",
        "asked": True,
        "assumed": "",
        "budget": BUDGET,
        "fitting": None,
        "findings": (),
        "host_changes": (),
        "files": (),
        "containers": (),
    }
    return Plan(**{**same, **changed})


def web(impact: str, *differences: Difference) -> ContainerChange:
    return ContainerChange(service="web", impact=impact, differences=differences)  # type: ignore[arg-type]


def test_host_and_verdict_come_first() -> None:
    assert lines(plan())[:3] == ["PLAN for vps", "This plan is feasible. Nothing was changed.", ""]
    assert opening(plan(host_changes=(DIRECTORY,)))[1] == "This plan is feasible with changes."
    assert lines(plan(findings=(ERROR,)))[1] == "This plan is infeasible. Nothing was changed."


def test_a_problem_is_told_once_and_before_everything_else() -> None:
    told = lines(plan(findings=(ERROR, WARNING), files=None, containers=None))
    assert told.index("  ZB8 d.e: it is bad; write f") < next(index for index, line in enumerate(told) if line.startswith("pool "))
    assert sum("ZB8" in line for line in told) == 1
    assert told.index("WARNING (1)") > told.index("ERROR (1)")


def test_only_an_imagined_host_was_not_asked() -> None:
    def asked(**changed: Any) -> bool:
        return not any("No host was asked" in line for line in lines(plan(**changed)))

    assert not asked(asked=False, files=None, containers=None)
    assert asked()
    assert asked(findings=(ERROR,), files=None, containers=None)
    assert asked(budget=None, findings=(ERROR,), files=None, containers=None)


def test_an_infeasible_plan_shows_what_runs() -> None:
    told = lines(plan(budget=None, findings=(ERROR,), files=None, containers=None), [container("web", state="exited"), container("db")])
    start = told.index("2 containers now on the host, with memory limits:")
    assert [line.split() for line in told[start + 1 : start + 3]] == [["db", "256", "MiB", "healthy"], ["web", "256", "MiB", "exited"]]


def test_the_host_changes_before_the_files_and_the_files_before_the_containers() -> None:
    limit = Difference(key="limits.memory", desired=256 << 20, live=0)
    file = FileChange(path="/opt/ziggie/stack/compose.yml", action="write")
    gone = ContainerChange(service="old", impact="removed")
    assert changes(plan(host_changes=(DIRECTORY,), files=(file,), containers=(gone, web("in place", limit)))) == [
        "A run would make 1 change of the host:",
        "  directory /srv: absent -> 0:0 0755; nothing restarts",
        "A run would change 1 file of the release:",
        "  write /opt/ziggie/stack/compose.yml",
        "A run would change the containers of 2 services:",
        "  old: the container is removed, its data stays",
        "  web: changed in place, no request fails",
        "    limits.memory: none -> 256 MiB",
    ]


def test_a_configuration_that_is_read_again_is_told_apart() -> None:
    again = web("reload", Difference(key="config/web/web.conf", desired="new", live="old"))
    assert changes(plan(containers=(again,)))[1:] == [
        "  web: its configuration is reloaded, its container goes on",
        "    config/web/web.conf: old -> new",
    ]
    assert plan(containers=(again,)).verdict == "feasible with changes"


def test_a_new_container_is_compared_with_nothing() -> None:
    new = web("new", Difference(key="container", desired="running", live="absent"))
    assert changes(plan(containers=(new,)))[1:] == ["  web: a new container"]


def test_what_is_only_waited_for_is_not_a_change() -> None:
    starting = plan(containers=(web("none", Difference(key="health", desired="healthy", live="starting")),))
    assert changes(starting)[-1] == "Not healthy yet; a run waits for them: web."
    assert starting.verdict == "feasible"


def test_nothing_to_change_and_nothing_compared() -> None:
    assert changes(plan()) == ["Nothing to change: host, files and containers are as planned."]
    assert changes(plan(containers=None, files=None)) == ["The containers were not compared: the Docker engine is not running."]
    assert changes(plan(asked=False, containers=None, files=None)) == ["The containers were not compared: no host was asked."]
    assert changes(plan(findings=(ERROR,))) == ["Nothing was compared: a run would end before it changes anything."]


def test_how_containers_are_replaced_is_told_with_the_reason() -> None:
    first, last = Replacement(manner="start-first"), Replacement(manner="stop-first", why="it publishes port 80 of all addresses")
    told = changes(plan(containers=tuple(replace(web("recreated"), replacement=one) for one in (first, last))))
    assert [line.strip() for line in told if "-first: " in line] == [
        "start-first: each stopped only once its new one is healthy, so that no request fails",
        "stop-first: stopped before the new one starts (it publishes port 80 of all addresses)",
    ]


def test_long_values_are_cut() -> None:
    told = changes(plan(containers=(web("recreated", Difference(key="command", desired="x" * 200, live=None)),)))
    assert told[-1] == f"    command: nothing -> {'x' * 57}..."


def test_what_protects_data_is_told_place_by_place() -> None:
    kept = Protection(
        service="db", place="shop_data", asked=True, engine="postgres", recovery_point=93600, stored=7200, drill=42.0, failed="it is full"
    )
    cache = Protection(service="web", place="cache", asked=True, reconstructible="filled again")
    told = lines(plan(data=(kept, cache)))
    start = next(index for index, line in enumerate(told) if line.startswith("data "))
    assert told[start : start + 5] == [
        "data       service  how       newest backup  newest drilled  came back in",
        "shop_data  db       postgres  2 h of 26 h    never           42 s",
        "    the last one failed: it is full",
        "cache      web      reconstructible: filled again",
        "",
    ]
    assert Plan.from_dict(plan(data=(kept,)).to_dict()) == plan(data=(kept,))
    assert "data" not in plan().to_dict()


def test_findings_that_ask_for_nothing_are_counted_unless_asked_for() -> None:
    assert "INFO (1): plan shows them with -e plan_findings=all" in lines(plan(findings=(WARNING, INFO)))
    told = lines(plan(findings=(WARNING, INFO)), everything=True)
    assert "  ZB7 g.h: it is known" in told
    assert "  ZB9 a.b: it is so; write c" in told


def test_that_nothing_is_backed_up_is_said_where_the_backups_would_be() -> None:
    none = Stated(code="ZK008", severity="info", path="stack_backup", message="nothing is backed up", fix="write where to")
    told = lines(plan(findings=(none,)))
    assert told[-4:] == [
        "stack_backup: nothing is backed up; write where to",
        "",
        "INFO (1): plan shows them with -e plan_findings=all",
        "",
    ]
    # Once, and not where it was accepted.
    assert sum("nothing is backed up" in line for line in lines(plan(findings=(none,)), everything=True)) == 1
    assert not [line for line in lines(plan(findings=(replace(none, was="info", reason="the provider's"),))) if "nothing" in line]


def test_what_is_off_is_told_with_what_it_needs() -> None:
    assert plan().off == {"runner": ["token"]}
    assert any("off: set token" in line for line in lines(plan()))


def test_every_number_of_a_service_is_explained() -> None:
    text = explain(BUDGET, "web")
    assert text[0] == "web, tier workflow, priority medium"
    assert len(text) == len(BUDGET.services["web"].explain) + 1
    with pytest.raises(ValueError, match=r"^wbe is not a service of this stack; write web\.$"):
        explain(BUDGET, "wbe")


@pytest.mark.parametrize("width", [60, 80])
def test_in_a_terminal_sentences_are_folded_and_coloured(width: int) -> None:
    long = Stated(code="ZB9", severity="warning", path="a.b", message=" ".join(["it is so"] * 20), fix="write c")
    told = lines(plan(findings=(long,), host_changes=(DIRECTORY,)), (), Terminal(colour=True, width=width))
    assert told[1] == "\x1b[33mThis plan is feasible with changes. Nothing was changed.\x1b[0m"
    start = next(index for index, line in enumerate(told) if "ZB9" in line)
    assert told[start].startswith("  \x1b[33mZB9\x1b[0m a.b: it is so")
    folded = told[start : told.index("", start)]
    assert len(folded) > 2
    assert all(line.startswith("    ") and len(line) <= width for line in folded[1:])
    explained = explain(BUDGET, "web", Terminal(colour=True, width=width))
    assert any(line.startswith("  \x1b[36mmemory.limit\x1b[0m = ") for line in explained)


def test_the_plan_of_files_has_no_verdict() -> None:
    told = definition(BUDGET, [Stated(code="ZB9", severity="warning", path="a", message="b", fix="", told="compose.yml:3: it is so")])
    assert told[0].startswith("pool ")
    assert "  ZB9 compose.yml:3: it is so" in told


def test_what_does_not_fit_is_told_with_the_host_that_it_needs() -> None:
    smallest = Capacity(memory=3 << 30, cpus=2000, disks=(Filesystem(name="disk", size=50 << 30),), pids=1500)
    told = lines(plan(budget=None, findings=(ERROR,), fitting=Fitting(smallest=smallest, leave_out=("web", "runner"))))
    assert "The smallest host for the whole stack: 3072 MiB of memory, 2 cores, 51200 MiB of disk, 1500 pids." in told
    assert "To fit this one, leave out, in this order: web, runner." in told


def test_hooks_are_told_in_their_order() -> None:
    first = PlannedHook(path="stack_hooks[1]", moment="before deploy", what="/bin/notify", timeout=30.0, fatal=True)
    last = PlannedHook(path="stack_hooks[0]", moment="after deploy", what="https://example.org", timeout=60.0, fatal=False)
    told = "\n".join(changes(plan(hooks=(first, last))))
    assert "A run would run 2 hooks, in this order:" in told
    assert "  before deploy: /bin/notify (stack_hooks[1]; 30 s at most; a failure counts)" in told
    assert told.index("https://example.org (stack_hooks[0]; 60 s at most; a failure is a warning)") > told.index("/bin/notify")


def test_how_long_a_service_is_away_is_told_or_that_nobody_knows() -> None:
    seen = ContainerChange(service="web", impact="recreated", downtime=Downtime(seconds=4.2, times=3))
    assert "  web: the container is recreated; away for about 4 s, measured 3 times" in changes(plan(containers=(seen,)))
    assert "  web: the container is recreated; how long it is away, no run has measured yet" in changes(
        plan(containers=(web("recreated"),))
    )


def test_routes_are_told_with_who_may_enter_and_the_ports_with_whether_the_world_reaches_them() -> None:
    route = WayIn(url="https://web.example.org/", target="web:80", who="user admin with a password", login="user root")
    ports = (
        PublishedPort(service="nginx", published="443", open=True),
        PublishedPort(service="web", published="8080", open=False),
        PublishedPort(service="db", published="5432", open=False),
    )
    told = lines(plan(ways_in=(route,), ports=ports))
    start = told.index("Routes, and who may enter:")
    assert told[start + 1 : start + 4] == [
        "  https://web.example.org/ -> web:80: user admin with a password; then its own login: user root",
        "Ports open to the world: 443 (nginx).",
        "Published ports closed to the world: 8080 (web), 5432 (db).",
    ]
    assert not any("Routes" in line or "Ports" in line for line in lines(plan()))
    assert "ways_in" not in plan().to_dict()

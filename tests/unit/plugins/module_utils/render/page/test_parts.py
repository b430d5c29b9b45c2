# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page, each by what it says."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import containers as read_containers
from ansible_collections.ziggie.stack.plugins.module_utils.render.page import drawing, figures, live
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.verdict import judge
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.view import View
from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import TEMPLATES, page
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page.reader import Element, read


def view(budget: dict[str, Any], *, containers: list[dict[str, Any]] | None = None, **around: Any) -> View:
    seen = None if containers is None else read_containers(containers)
    return View.of(Budget.from_dict(budget), containers=seen, **around, **sample.HEADER)


def part(budget: dict[str, Any], key: str, **around: Any) -> Element:
    """Return a section of the page."""
    [section] = [one for one in read(page(budget, **around, **sample.HEADER)).every("section") if one.attributes["id"] == key]
    return section


def small(policy: dict[str, Any] | None = None, memory: str = "4g", **service: Any) -> dict[str, Any]:
    services = {name: {"image": "i", "mem_limit": "512m", **service} for name in ("one", "two")}
    return solve({"services": services}, {"memory": memory, "cpus": 4}, {"reserve": {"memory": "2g"}, **(policy or {})}).to_dict()


def up(*states: tuple[str, str]) -> list[dict[str, Any]]:
    solved = small()["services"]["one"]
    return [
        sample.container(name, solved, 1) | {"state": state, "health": health}
        for name, (state, health) in zip(("one", "two"), states, strict=False)
    ]


@pytest.mark.parametrize(
    ("size", "written"), [(0, "0"), (1 << 20, "1"), (1500 << 20, "1,500"), (1 << 19, "0.5"), ((1 << 34) + 1, "16,384.0")]
)
def test_sizes_are_mebibytes(size: int, written: str) -> None:
    assert figures.mib(size) == written


def test_shares_are_written_for_readers_and_for_drawings() -> None:
    assert figures.percent(1, 8) == "12.5\u00a0%"
    assert figures.percent(1, 0) == "\u2013"
    assert figures.position(1, 8) == "12.5%"
    assert figures.position(0, 8) == "0%"
    assert figures.position(1, 3) == "33.333%"


def test_names_are_listed_with_an_end() -> None:
    assert figures.listed([]) == ""
    assert figures.listed(["a"]) == "a"
    assert figures.listed(["a", "b", "c"]) == "a, b and c"
    assert figures.listed(list("abcdefgh"), most=2) == "a, b and 6 more"


def test_a_stack_that_fits_is_said_to_fit() -> None:
    verdict = judge(view(small()))
    assert (verdict.outcome, verdict.word) == ("good", "Fits")
    assert verdict.sentence == "All 2 services fit: together they can never take more than 1,024 of the 2,048\u00a0MiB in the pool."


def test_a_warning_and_an_error_change_the_verdict() -> None:
    assert judge(view(small(), findings=[sample.finding("warning")]))[:2] == ("fair", "Fits, with warnings")
    found = [sample.finding("error"), sample.finding("error", path="a")]
    verdict = judge(view(small(), findings=found))
    assert (verdict.outcome, verdict.sentence) == ("bad", "2 errors block the deployment. a: an error it is.")


def test_what_is_not_up_is_named() -> None:
    verdict = judge(view(small(), containers=up(("running", "healthy"), ("exited", "none"))))
    assert (verdict.outcome, verdict.word) == ("fair", "Fits, not all up")
    assert verdict.sentence.endswith("but 1 is not up: two (exited).")
    assert judge(view(small(), containers=up(("running", "none")))).sentence.endswith("but 1 is not up: two (absent).")
    assert judge(view(small(), containers=up(("running", "none"), ("running", "healthy")))).outcome == "good"


def test_overcommitted_memory_is_called_so_and_drawn_beyond_the_end() -> None:
    policy = {"memory": "declared", "overcommit": {"memory": 4}}
    solved = small(policy, "2560m")
    assert judge(view(solved)).word == "Overcommitted"
    assert "512\u00a0MiB more than the pool has" in judge(view(solved)).sentence
    pool = part(solved, "pool")
    assert [line.attributes["x1"] for line in pool.every("line") if line.attributes.get("class") == "end-of-memory"] == ["83.333%"]
    assert "the declared overcommit of 4 allows" in pool.words()


def test_the_drawings_parts_fill_the_pool_without_gap_or_overlap() -> None:
    budget = Budget.from_dict(sample.budget(9))
    drawn = drawing.picture(view(budget.to_dict()), budget)
    for top, first in ((drawing.TOP, 0), (drawing.TOP + 37, budget.reserve.memory)):
        boxes = [box for box in drawn.parts if box.top == top]
        ends = [box.start + box.size for box in boxes]
        assert [box.start for box in boxes] == [first, *ends[:-1]]
        assert ends[-1] == budget.capacity.memory


def test_a_thousand_services_are_drawn_together_where_they_are_hairlines() -> None:
    budget = Budget.from_dict(sample.budget(1000))
    parts = drawing.picture(view(budget.to_dict()), budget).parts
    assert len(parts) < 400
    assert any("smaller" in box.hint for box in parts)


def test_everything_has_a_label_or_is_in_the_list_below_the_drawing_at_every_width() -> None:
    budget = Budget.from_dict(sample.budget())
    drawn = drawing.picture(view(budget.to_dict()), budget)
    listed = {box.hint for box in drawn.unlabelled}
    assert listed
    for width in drawing.WIDTHS:
        for box in drawn.parts:
            labelled = any(int(word[5:]) <= width for label in box.labels for word in label.style.split() if word.startswith("from-"))
            assert labelled != (box.hint in listed and (box.unlabelled is None or width < box.unlabelled)), (box.hint, width)


def test_the_style_sheet_knows_every_width_of_the_drawing() -> None:
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    for width in drawing.WIDTHS:
        assert f"(min-width:{width}px){{.pool text.from-{width}{{" in style
        assert f".to-{width}{{display:none}}" in style


def test_how_the_pool_was_shared_adds_up() -> None:
    [steps] = [one for one in part(small(), "pool").every("div") if one.attributes.get("class") == "steps"]
    told = [entry.words() for entry in steps.every("li")]
    assert told[0] == "4,096 \u2212 2,048 = 2,048\u00a0MiB are the pool."
    assert "2,048 \u2212 200 \u2212 128 = 1,720\u00a0MiB remain" in told[2]
    assert told[3].startswith("2 services have all of the request")


def test_findings_come_by_severity_and_once() -> None:
    found = [sample.finding(severity) for severity in ("info", "error", "warning", "info")]
    found.append(sample.finding("accepted", was="warning", reason="it is known"))
    tree = part(small(), "findings", findings=found)
    assert [heading.words().split(" ")[1] for heading in tree.every("h3")] == ["error", "warning", "note", "accepted"]
    assert "ZB999, was warning" in tree.words()
    assert "Accepted: it is known" in tree.words()
    assert "No findings" in part(small(), "findings").words()


def test_changes_are_told_key_by_key() -> None:
    services = sample.changes(sample.budget(4))["services"]
    services["service-0001"]["differences"].append({"key": "kernel.memory", "desired": 1 << 30, "live": 2 << 30})
    tree = part(sample.budget(4), "changes", changes=sample.compared(services, "left-over"))
    rows = [[cell.words() for cell in row.children] for row in tree.every("tr")[1:]]
    assert rows == [
        ["service-0002", "recreate the container is replaced", "image", "example/image:1", "example/image:2"],
        ["service-0001", "in place no request fails", "limits.memory", "2,048\u00a0MiB", "1,024\u00a0MiB"],
        ["limits.cpu_quota", "none", "0.5 CPUs"],
        ["service-0003", "wait it is starting", "health", "starting", "healthy"],
    ]
    assert [entry.words() for entry in tree.every("p")] == ["1 new: service-0000", "1 removed, its data stays: left-over", "0 unchanged."]


def test_a_first_run_is_one_line() -> None:
    services = {name: {"action": "create", "differences": []} for name in ("one", "two")}
    tree = part(small(), "changes", changes=sample.compared(services))
    assert [entry.words() for entry in tree.every("p")] == ["2 new: one, two", "0 unchanged."]
    assert tree.every("table") == []


def test_long_and_absent_values_are_written_short() -> None:
    entry = {"action": "recreate", "differences": [{"key": "environment", "desired": {"A": "x" * 500}, "live": None}]}
    cells = [cell.words() for cell in part(small(), "changes", changes=sample.compared({"one": entry})).every("td")]
    assert cells[2] == "nothing"
    assert len(cells[3]) == 240


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (None, "Nothing was compared"),
        (sample.compared({}), "There was no release to compare with."),
        (sample.compared({"one": {"action": "none", "differences": []}}), "Nothing: 1 service runs as the release says."),
    ],
)
def test_nothing_changed_is_said_too(changes: Any, sentence: str) -> None:
    assert sentence in part(small(), "changes", changes=changes).words()


def test_everything_that_a_run_changes_is_told_in_its_order() -> None:
    solved = sample.budget(4)
    tree = part(solved, "changes", plan=sample.plan(solved))
    assert [heading.words() for heading in tree.every("h3")] == ["The host", "Files of the release", "Containers"]
    rows = [[cell.words() for cell in row.children] for row in tree.every("tr")[1:]]
    assert rows[0] == ["/etc/docker/daemon.json", "file", "another content", "written", "the engine restarts, web of blog stops"]
    assert rows[1] == ["vm.swappiness", "kernel", "60", "10", "nothing restarts"]
    assert rows[3] == ["/opt/ziggie/stack/compose.yml", "write"]
    assert rows[5][:2] == ["service-0002", "recreate the container is replaced"]
    [difference] = tree.every("pre")
    assert '+ "live-restore": true' in difference.words()
    # Two of the host, a file, and a service each that is new, removed, recreated, changed in place and waited for.
    assert "8 changes" in read(page(solved, plan=sample.plan(solved), **sample.HEADER)).words()


def test_hooks_are_shown_in_their_order() -> None:
    solved = sample.budget(4)
    hook = {"path": "stack_hooks[1]", "moment": "before service web", "what": "/bin/<dump>", "timeout": 30.0, "fatal": True}
    last = {**hook, "path": "stack_hooks[0]", "moment": "after deploy", "what": "https://example.org", "fatal": False}
    tree = part(solved, "changes", plan=sample.plan(solved, hooks=[hook, last]))
    assert tree.every("h3")[-1].words() == "Hooks"
    rows = [[cell.words() for cell in row.children] for row in tree.every("tr")[-2:]]
    assert rows == [
        ["before service web", "/bin/<dump>", "30 s", "counts", "stack_hooks[1]"],
        ["after deploy", "https://example.org", "30 s", "is a warning", "stack_hooks[0]"],
    ]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"host_changes": [], "files": [], "containers": []}, "Nothing: 3 services run as the release says."),
        ({"host_changes": [], "files": None, "containers": None, "asked": False}, "Nothing was compared: no host was asked."),
        ({"files": None, "containers": None}, "Not compared: the Docker engine is not running."),
        (
            {"host_changes": [], "files": None, "containers": None, "findings": [sample.finding("error")]},
            "Nothing was compared: a run would end before it changes anything.",
        ),
    ],
)
def test_a_plan_says_what_it_does_not_know(parts: dict[str, Any], sentence: str) -> None:
    solved = sample.budget(4)
    assert sentence in part(solved, "changes", plan=sample.plan(solved, **parts)).words()


def test_what_is_off_says_what_to_set() -> None:
    solved = small({"credentials": ["b"]}, **{"x-budget": {"requires": ["a", "b"]}})
    tree = part(solved, "running")
    assert [entry.words() for entry in tree.every("dd")] == ["set a", "set a"]
    assert "2 services wait for credentials. Until then they hold nothing of the host." in tree.words()


def test_what_stands_in_is_told_from_what_is_real() -> None:
    containers = up(("running", "healthy"), ("running", "healthy"))
    containers[1]["stand_in"] = True
    words = part(small(), "running", containers=containers).words()
    assert "1 real: one" in words
    assert "1 stand-in: two" in words


def test_a_container_tells_what_it_holds_and_does() -> None:
    solved = small()
    container: dict[str, Any] = sample.container("one", solved["services"]["one"], 3)
    assert live.told(read_containers([container])[0]).replace("\u00a0", " ").split("; ") == [
        "healthy, 1 restart, a stand-in",
        "OOM-killed",
        "the kernel enforces 512 MiB, 0.5 CPUs, 4,096 pids",
        "uses 210 MiB now",
        "512 MiB with page cache",
        "peak 512 MiB",
        "takes 0.03 CPUs",
        "throttled in 25.0 % of its CPU periods",
        "hit its memory limit 3 times",
    ]


def test_a_container_without_figures_tells_its_state() -> None:
    bare = {"name": "one-1", "state": "exited", "health": "none", "kernel": {}, "use": None}
    container = sample.container("one", small()["services"]["one"], 1) | bare | {"restarts": 0}
    assert live.told(read_containers([container])[0]) == "exited, 0 restarts"
    assert view(small(), containers=[container]).use("one") is None
    arithmetic = part(small(), "arithmetic", containers=[container])
    assert [heading.words() for heading in arithmetic.every("h4")].count("Live") == 1


def test_what_runs_is_shown_where_the_plan_is_infeasible() -> None:
    container = sample.container("one", small()["services"]["one"], 3)
    error = sample.finding("error", message="the floors are 2 MiB too much")
    tree = read(page({}, containers=[container], findings=[error], **sample.HEADER))
    assert "ziggie-one-1healthy, 1 restart" in part({}, "running", containers=[container], findings=[error]).words()
    assert "asked" not in tree.words().split("const all")[0].split("Cannot run")[1]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page, each by what it says."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.render.page import figures
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.changed import changed
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.live import live
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.markup import Html, join, tag, text
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.pool import picture
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.problems import problems
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.running import running
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.sharing import sharing
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.verdict import judge
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.view import View
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page.reader import Element, read


def view(budget: dict[str, Any], *, containers: Any = (), findings: Any = (), changes: Any = None) -> View:
    return View.of(budget, containers, findings, changes, release=None, **sample.HEADER)


def small(policy: dict[str, Any] | None = None, memory: str = "4g", **service: Any) -> dict[str, Any]:
    services = {name: {"image": "i", "mem_limit": "512m", **service} for name in ("one", "two")}
    return solve({"services": services}, {"memory": memory, "cpus": 4}, policy).to_dict()


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


def test_markup_escapes_what_is_no_markup() -> None:
    assert text("<&\"'>") == "&lt;&amp;&quot;&#x27;&gt;"
    assert text(Html("<b>")) == "<b>"
    assert tag("a", "x<", None, class_="y", hidden=True, title=None, aria_label='"') == '<a class="y" hidden aria-label="&quot;">x&lt;</a>'
    assert join(["<", Html("<br>"), None, 3], ", ") == "&lt;, <br>, 3"


def test_a_stack_that_fits_is_said_to_fit() -> None:
    verdict = judge(view(small()))
    assert (verdict.outcome, verdict.word) == ("good", "Fits")
    assert verdict.sentence == "All 2 services fit: together they can never take more than 1,024 of the 2,048\u00a0MiB in the pool."


def test_a_warning_and_an_error_change_the_verdict() -> None:
    assert judge(view(small(), findings=[sample.finding("warning")]))[:2] == ("fair", "Fits, with warnings")
    found = [sample.finding("error"), sample.finding("error", path="a")]
    verdict = judge(view(small(), findings=found))
    assert (verdict.outcome, verdict.sentence) == ("bad", "2 errors stand in the way. a: an error it is.")


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
    drawing = read(picture(view(solved)))
    assert [line.attributes["x1"] for line in drawing.every("line") if line.attributes.get("class") == "end-of-memory"] == ["83.333%"]
    assert "the declared overcommit of 4 allows" in sharing(view(solved))


def test_the_drawings_parts_fill_the_pool_without_gap_or_overlap() -> None:
    drawing = read(picture(view(sample.budget(9))))
    for top in ("28", "65"):
        parts = [part for part in drawing.every("svg") if part.attributes.get("y") == top]
        spans = [(float(part.attributes["x"][:-1]), float(part.attributes["width"][:-1])) for part in parts]
        assert sum(width for _start, width in spans) == pytest.approx(100 - (spans[0][0]), abs=0.05)
        assert [start for start, _width in spans[1:]] == pytest.approx([start + width for start, width in spans[:-1]], abs=0.01)


def test_a_thousand_services_are_drawn_together_where_they_are_hairlines() -> None:
    drawing = read(picture(view(sample.budget(1000))))
    assert len(drawing.every("svg")) < 400
    assert any("smaller" in part.every("title")[0].text() for part in drawing.every("svg"))


def test_how_the_pool_was_shared_adds_up() -> None:
    told = [entry.text() for entry in read(sharing(view(small()))).every("li")]
    assert told[0] == "4,096 \u2212 2,048 = 2,048\u00a0MiB are the pool."
    assert "2,048 \u2212 200 \u2212 128 = 1,720\u00a0MiB remain" in told[2]
    assert told[3].startswith("2 services have all of the request")


def test_findings_come_by_severity_and_once() -> None:
    found = [sample.finding(severity) for severity in ("info", "error", "warning", "info")]
    found.append(sample.finding("accepted", was="warning", reason="it is known"))
    tree = read(problems(view(small(), findings=found)))
    assert [heading.text().split(" ")[1] for heading in tree.every("h3")] == ["error", "warning", "note", "accepted"]
    assert "ZB999, was warning" in tree.text()
    assert "Accepted: it is known" in tree.text()
    assert "Nothing was found" in problems(view(small()))


def test_changes_are_told_key_by_key() -> None:
    services = sample.changes(sample.budget(4))["services"]
    services["service-0001"]["differences"].append({"key": "kernel.memory", "desired": 1 << 30, "live": 2 << 30})
    tree = read(changed(view(sample.budget(4), changes={"services": services, "orphans": ["left-over"]})))
    rows = [[cell.text() for cell in row.children] for row in tree.every("tr")[1:]]
    assert rows == [
        ["service-0002", "recreate the container is replaced", "image", "example/image:1", "example/image:2"],
        ["service-0001", "in place no request fails", "limits.memory", "2,048\u00a0MiB", "1,024\u00a0MiB"],
        ["limits.cpu_quota", "none", "0.5 CPUs"],
        ["service-0003", "wait it is starting", "health", "starting", "healthy"],
    ]
    assert [entry.text() for entry in tree.every("p")] == ["1 new: service-0000", "1 removed, its data stays: left-over", "0 as before."]


def test_a_first_run_is_one_line() -> None:
    services = {name: {"action": "create", "differences": []} for name in ("one", "two")}
    tree = read(changed(view(small(), changes={"services": services, "orphans": []})))
    assert tree.text() == "2 new: one, two0 as before."
    assert tree.every("table") == []


def test_long_and_absent_values_are_written_short() -> None:
    entry = {"action": "recreate", "differences": [{"key": "environment", "desired": {"A": "x" * 500}, "live": None}]}
    cells = [cell.text() for cell in read(changed(view(small(), changes={"services": {"one": entry}, "orphans": []}))).every("td")]
    assert cells[2] == "nothing"
    assert len(cells[3]) == 240


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (None, "Nothing was compared"),
        ({"services": {}, "orphans": []}, "There was no release to compare with."),
        ({"services": {"one": {"action": "none", "differences": []}}, "orphans": []}, "Nothing: 1 service runs as the release says."),
    ],
)
def test_nothing_changed_is_said_too(changes: Any, sentence: str) -> None:
    assert sentence in changed(view(small(), changes=changes))


def test_what_is_off_says_what_to_set() -> None:
    solved = small({"credentials": ["b"]}, **{"x-budget": {"requires": ["a", "b"]}})
    tree = read(running(view(solved)))
    entries: list[Element] = tree.every("dd")
    assert [entry.text() for entry in entries] == ["set a", "set a"]
    assert "2 services wait for credentials. Their share, 1,024\u00a0MiB, stays theirs." in tree.text()


def test_what_stands_in_is_told_from_what_is_real() -> None:
    containers = up(("running", "healthy"), ("running", "healthy"))
    containers[1]["stand_in"] = True
    text_of = read(running(view(small(), containers=containers))).text()
    assert "1 real: one" in text_of
    assert "1 stand in: two" in text_of


def test_a_container_tells_what_it_holds_and_does() -> None:
    solved = small()
    container = sample.container("one", solved["services"]["one"], 3)
    container["settings"] = {"differences": [{"key": "maxmemory", "desired": "384mb", "live": "0"}]}
    [entry] = read(str(join(live(view(solved, containers=[container]), "one")))).every("dd")
    assert entry.text().replace("\u00a0", " ").split("; ") == [
        "healthy, 1 restart, a stand-in",
        "killed for want of memory",
        "the kernel holds it to 512 MiB, 0.5 CPUs, 256 pids",
        "needs 210 MiB now",
        "has 512 MiB with page cache",
        "had 512 MiB at most",
        "takes 0.03 CPUs",
        "held back in 25.0 % of its CPU periods",
        "met its memory limit 3 times",
        "maxmemory is 0, not 384mb",
    ]


def test_a_container_without_figures_tells_its_state() -> None:
    container = {"service": "one", "name": "one-1", "state": "exited", "health": "none"}
    shown = view(small(), containers=[container])
    [entry] = read(str(join(live(shown, "one")))).every("dd")
    assert entry.text() == "exited, 0 restarts"
    assert shown.use("one") is None
    assert list(live(shown, "two")) == []

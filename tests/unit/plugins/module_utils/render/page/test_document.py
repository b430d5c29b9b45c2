# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as a whole: all that is known is on it, and nothing of it leaves the file."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.surge import Job
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.protection import Protection
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump
from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import page
from ansible_collections.ziggie.stack.tests.unit.effort import calls, growth
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page.reader import Element, read

HOSTILE = "<script>alert(1)</script>\"'&\x00\ud800]]>--></style>"


@pytest.fixture(scope="module")
def budget() -> dict[str, Any]:
    return sample.budget()


@pytest.fixture(scope="module")
def document() -> str:
    return sample.full()


@pytest.fixture(scope="module")
def tree(document: str) -> Element:
    return read(document)


def test_every_service_is_in_every_part(budget: dict[str, Any], tree: Element) -> None:
    parts = {section.attributes["id"]: section.words() for section in tree.every("section")}
    assert list(parts) == [
        "verdict",
        "pool",
        "services",
        "disk",
        "findings",
        "changes",
        "runs",
        "running",
        "figures",
        "arithmetic",
        "policy",
    ]
    for name in budget["services"]:
        assert [part for part in ("services", "running", "figures", "arithmetic") if name not in parts[part]] == []


def test_every_sentence_of_the_arithmetic_is_there(budget: dict[str, Any], tree: Element) -> None:
    told = {entry.words() for entry in tree.every("dd")}
    sentences = {sentence for service in budget["services"].values() for sentence in service["explain"].values()}
    assert len(sentences) > 80
    assert sentences - told == set()


def test_the_latest_runs_are_told(tree: Element) -> None:
    [table] = [table for table in tree.every("table") if table.attributes.get("class") == "changes runs"]
    rows = [[cell.words() for cell in row.every("td")] for row in table.every("tr") if row.every("td")]
    assert rows[0][1] == "has not ended"
    assert rows[1][1].startswith("failed after 12.5 s, rolled back to 1a2b3c")
    assert "redis" in rows[1][1]
    assert rows[1][2] == "wrote /opt/ziggie/stack/compose.yml; recreated redis, n8n, postgres and 5 more"


def test_every_figure_is_in_the_table(budget: dict[str, Any], tree: Element) -> None:
    [table] = [table for table in tree.every("table") if table.attributes.get("class") == "figures"]
    rows = {row.every("th")[0].words(): [cell.words() for cell in row.every("td")] for row in table.every("tr") if row.every("td")}
    service = budget["services"]["service-0001"]
    memory = {key: "\u2013" if size is None else f"{size / 1024**2:,.0f}" for key, size in service["memory"].items()}
    share = f"{100 * service['memory']['limit'] / budget['pool']['memory']:.1f}\u00a0%"
    used = f"{service['memory']['limit'] * 20 // 100 / 1024**2:,.0f}"
    assert rows["service-0001"][:9] == [
        "healthy, stand-in",
        memory["floor"],
        memory["reservation"],
        memory["limit"],
        used,
        memory["request"],
        memory["asked"],
        memory["swap"],
        share,
    ]
    assert rows["service-0000"][0] == "off"
    assert set(budget["services"]) < set(rows)


def test_ids_are_unique_and_every_link_within_the_page_leads_somewhere(tree: Element) -> None:
    ids = [element.attributes["id"] for element in tree.every() if "id" in element.attributes]
    assert sorted(set(ids)) == sorted(ids)
    targets = {value[1:] for element in tree.every() if (value := element.attributes.get("href", "")).startswith("#")}
    named = {word for element in tree.every() for word in element.attributes.get("aria-labelledby", "").split()}
    drawn = {value[5:-1] for element in tree.every() if (value := element.attributes.get("fill", "")).startswith("url(#")}
    assert targets
    assert named
    assert drawn
    assert (targets | named | drawn) - set(ids) == set()


def test_nothing_is_fetched(document: str, tree: Element) -> None:
    addresses = {
        value
        for element in tree.every()
        for name, value in element.attributes.items()
        if name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href") and not value.startswith("#")
    }
    assert addresses == {"data:,"}
    assert re.findall(r"@import|url\((?!#)|https?:|fetch\(|XMLHttpRequest", document) == []


def test_only_this_style_and_this_script_are_allowed(tree: Element) -> None:
    [policy] = [meta.attributes["content"] for meta in tree.every("meta") if meta.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    for kind in ("style", "script"):
        [element] = tree.every(kind)
        digest = base64.b64encode(hashlib.sha256(element.text().encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert [element.name for element in tree.every() for name in element.attributes if name == "style" or name.startswith("on")] == []


def test_hostile_text_stays_text() -> None:
    solved = sample.budget(3)
    solved["services"] = {HOSTILE: solved["services"]["service-0000"], **solved["services"]}
    solved["services"][HOSTILE] = json.loads(json.dumps(solved["services"][HOSTILE])) | {"image": HOSTILE, "requires": [HOSTILE]}
    solved["services"][HOSTILE]["explain"] = {HOSTILE: HOSTILE, "tuning.x": HOSTILE}
    hostile = sample.container(HOSTILE, solved["services"][HOSTILE], 0) | {"name": HOSTILE, "health": HOSTILE}
    difference = {"key": HOSTILE, "desired": HOSTILE, "live": HOSTILE}
    change = {"kind": "file", "subject": HOSTILE, "before": HOSTILE, "after": HOSTILE, "effect": HOSTILE, "diff": [HOSTILE]}
    plan = sample.plan(
        sample.budget(4),
        host_changes=[change],
        files=[{"path": HOSTILE, "action": "write"}],
        containers=[{"service": HOSTILE, "impact": "recreated", "differences": [difference]}],
    )
    finding = {"code": HOSTILE, "severity": "error", "path": HOSTILE, "message": HOSTILE, "fix": HOSTILE}
    document = page(solved, containers=[hostile], findings=[finding], plan=plan, release=HOSTILE, title=HOSTILE, when=HOSTILE)
    tree = read(document)
    document.encode("utf-8")
    assert len(tree.every("script")) == 1
    assert len(tree.every("style")) == 1
    assert [character for character in document if ord(character) < 32 and character != "\n"] == []
    assert "<script>alert(1)</script>" in tree.every("h1")[0].words()


def test_names_that_look_alike_have_links_of_their_own() -> None:
    solved = sample.budget(3)
    names = dict(zip(("a b", "a.b", "A-B"), solved["services"].values(), strict=True))
    tree = read(page(solved | {"services": names}, **sample.HEADER))
    targets = [link.attributes["href"] for link in tree.every("a") if link.attributes.get("class") == "name"]
    assert sorted(targets) == ["#service-a-b", "#service-a-b-2", "#service-a-b-3"]


def test_the_same_input_gives_the_same_bytes(document: str, budget: dict[str, Any]) -> None:
    assert sample.full() == document
    turned = budget | {"services": dict(reversed(budget["services"].items()))}
    live = sample.containers(budget)
    assert page(turned, containers=live[::-1], **sample.HEADER) == page(budget, containers=live, **sample.HEADER)


def test_the_input_is_left_as_it_was(budget: dict[str, Any]) -> None:
    before = json.dumps(budget)
    page(budget, plan=sample.plan(budget), **sample.HEADER)
    assert json.dumps(budget) == before


def test_headings_descend_by_one_and_every_part_has_a_name(tree: Element) -> None:
    levels = [int(element.name[1]) for element in tree.every() if re.fullmatch("h[1-6]", element.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1] == []
    assert [len(tree.every(name)) for name in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert [section.attributes["id"] for section in tree.every("section") if "aria-labelledby" not in section.attributes] == []


def test_drawings_and_tables_say_what_they_are(tree: Element) -> None:
    drawings = [element for element in tree.every("svg") if element.attributes.get("role") == "img"]
    assert len(drawings) == 28
    for drawing in drawings:
        assert drawing.every("title")
        assert drawing.every("desc")
    named = {id(inner) for drawing in drawings for inner in drawing.every("svg")}
    others = [element for element in tree.every("svg") if element not in drawings and id(element) not in named]
    assert [element for element in others if element.attributes.get("aria-hidden") != "true"] == []
    for table in tree.every("table"):
        assert table.every("caption")
        assert [head for head in table.every("th") if "scope" not in head.attributes] == []


def test_without_a_host_it_is_a_plan(budget: dict[str, Any]) -> None:
    text = read(page(budget, **sample.HEADER)).words()
    assert "The containers were not read: this page shows a plan." in text
    assert "Nothing was compared" in text
    assert "in use" not in text


def test_a_surge_is_no_part_of_what_is_shared() -> None:
    solved = sample.budget(policy={"surge": {"memory": "1g"}})
    floors = solved["totals"]["all"]["memory"]["floor"]
    shared = solved["pool"]["memory"] - solved["margin"]["memory"] - (1 << 30) - floors
    text = read(page(solved, **sample.HEADER)).words().replace("\xa0", " ")
    assert re.search(rf"1,024 of surge \W {floors >> 20:,} = {shared >> 20:,} MiB remain and are shared", text)
    assert "unallocated, 1,024 of it kept as surge" in text
    assert "surge.memory1,024 MiBkept for what runs for a while only" in text


def test_a_job_is_shown_with_its_room() -> None:
    solved = sample.budget(jobs=[Job(name="backup", parts={"stack_backup.memory": 300 << 20}, otherwise="", fix="")])
    text = read(page(solved, **sample.HEADER)).words().replace("\xa0", " ")
    assert "backup: 300 MiB while it runs (300 MiB from stack_backup.memory); the surge holds it, one job at a time." in text
    assert "surge.memory300 MiB" in text


def test_what_protects_data_is_shown_beside_what_is_promised(budget: dict[str, Any]) -> None:
    kept = Protection(
        service="service-0000",
        place="shop_data",
        asked=True,
        engine="postgres",
        recovery_point=93600,
        recovery_time=600,
        stored=7200,
        drill=42.0,
    )
    silent = Protection(service="service-0001", place="/srv/shop", asked=True)
    tree = read(page(budget, plan=sample.plan(budget, data=dump((kept, silent))), **sample.HEADER))
    [table] = [table for table in tree.every("table") if "data" in table.attributes.get("class", "").split()]
    text = table.words()
    assert "shop_data" in text
    assert "2 h of 26 h" in text
    assert "42 s of 10 min" in text
    assert "nothing backs it up" in text
    assert not [
        table for table in read(page(budget, **sample.HEADER)).every("table") if "data" in table.attributes.get("class", "").split()
    ]


def test_without_a_budget_it_shows_what_stands_in_the_way() -> None:
    tree = read(page({}, findings=[sample.finding("error", message="it is too small", fix="one\ntwo")], **sample.HEADER))
    parts = {section.attributes["id"]: section.words() for section in tree.every("section")}
    assert list(parts) == ["verdict", "findings", "changes"]
    assert "1 error blocks the deployment. services.error: it is too small." in parts["verdict"]
    assert "Any one of these is enough, cheapest first:onetwo" in parts["findings"]


def test_work_grows_as_the_stack() -> None:
    def work(number: int) -> Callable[[], str]:
        solved = sample.budget(number)
        live, plan = sample.containers(solved), sample.plan(solved)
        return lambda: page(solved, containers=live, plan=plan, **sample.HEADER)

    assert growth(work, 100, 400) < 1.15


# 0.02 s of a processor for 27 services and 0.6 s for 1,000.
@pytest.mark.parametrize(("services", "most"), [(27, 300_000), (1000, 9_000_000)])
def test_so_much_work_and_no_more(services: int, most: int) -> None:
    solved = sample.budget(services)
    live, changes = sample.containers(solved), sample.changes(solved)
    assert calls(lambda: page(solved, containers=live, changes=changes, **sample.HEADER)) < most


def test_it_says_what_monitoring_costs() -> None:
    solved = sample.budget()
    assert "Monitoring" not in page(solved, **sample.HEADER)
    services = {
        **solved["services"],
        "prometheus": solved["services"]["service-0001"],
        "redis-exporter": solved["services"]["service-0002"],
    }
    watching = sum(services[name]["memory"]["limit"] for name in ("prometheus", "redis-exporter"))
    text = read(page({**solved, "services": services}, **sample.HEADER)).words()
    share = f"{100 * watching / solved['pool']['memory']:.1f}\u00a0%"
    assert f"Monitoring{watching / 1024**2:,.0f} MiB{share} of pool, in limits" in text

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from an audit: sums, findings, evidence, a budget; and how text and page show them."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.observe import codes
from ansible_collections.ziggie.stack.plugins.module_utils.observe.budget import observed
from ansible_collections.ziggie.stack.plugins.module_utils.observe.evaluate import evaluate
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit, Port, Spread, Window
from ansible_collections.ziggie.stack.plugins.module_utils.observe.report import Report
from ansible_collections.ziggie.stack.plugins.module_utils.observe.sums import behind, open_ports, reach, sums
from ansible_collections.ziggie.stack.plugins.module_utils.render import audit as text
from ansible_collections.ziggie.stack.plugins.module_utils.render.terminal import Terminal
from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import audit_page as page

from .world import MEMORY, MIB, world


@pytest.fixture(name="audit")
def _audit(tmp_path: Path) -> Audit:
    with world(tmp_path) as host:
        host.add("db", use=300, limit=1000, peak=900, project="shop")
        host.add("web", use=50, limit=0, project="shop", ports={"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]})
        host.add("web", use=20, limit=100, project="other", kills=1)
        host.add("job", state={"Status": "exited", "Pid": 0, "ExitCode": 0})
        host.add("a-name-that-is-much-longer-than-any-column-of-a-terminal", use=1, project="<script>alert(1)</script>")
        return host.look()


def test_sums_are_over_what_runs(audit: Audit) -> None:
    total = sums(audit)
    assert (total.containers, total.limited, total.unlimited) == (4, 3, 1)
    assert total.limits == 1200 * MIB
    assert (total.used, total.used_unlimited) == (371 * MIB, 50 * MIB)
    assert total.possible == total.memory == MEMORY
    assert total.elsewhere == MEMORY - MEMORY // 2 - 371 * MIB


def test_without_an_unlimited_container_the_limits_bound_them_all(audit: Audit) -> None:
    limited = replace(audit, containers=tuple(one for one in audit.containers if one.limits.memory or not one.running))
    assert sums(limited).possible == 1200 * MIB


def test_limits_above_the_host_are_found(audit: Audit) -> None:
    small = replace(audit, machine=replace(audit.machine, memory=1100 * MIB, available=900 * MIB))
    assert codes.OVERCOMMITTED in {finding.code for finding in evaluate(small)}
    assert codes.OVERCOMMITTED not in {finding.code for finding in evaluate(audit)}


@pytest.mark.parametrize(("free", "severity"), [(20, None), (15, None), (14, "warning"), (5, "warning"), (4, "error"), (0, "error")])
def test_a_disk_that_fills_up_is_found(audit: Audit, free: int, severity: str | None) -> None:
    full = replace(audit, engine=replace(audit.engine, disk_size=100 * 1024**3, disk_free=free * 1024**3))
    assert [finding.severity for finding in evaluate(full) if finding.code == codes.LITTLE_DISK] == ([severity] if severity else [])


def test_what_is_accepted_is_marked(audit: Audit) -> None:
    [finding] = [finding for finding in evaluate(audit, {codes.KILLED: "known"}) if finding.code == codes.KILLED]
    assert finding.to_dict()["severity"] == "accepted"


@pytest.mark.parametrize("path", ["services.web", "shop.services.web"])
def test_a_finding_of_a_definition_is_accepted_with_the_project_or_without(audit: Audit, path: str) -> None:
    found = evaluate(audit, {"ZB110": {"reason": "it is a test", "paths": [path]}})
    assert [finding.to_dict()["severity"] for finding in found if (finding.code, finding.path) == ("ZB110", "shop.services.web")] == [
        "accepted"
    ]


def test_what_a_budget_writes_draws_no_finding(audit: Audit) -> None:
    command = ["postgres", "-c", "checkpoint_completion_target=0.9", "-c", "shared_buffers=128MB"]
    tuned = replace(audit, definitions={"shop": {"services": {"db": {"image": "postgres:17", "command": command}}}})
    assert "ZB202" not in {finding.code for finding in evaluate(tuned)}


def test_a_wrong_acceptance_is_said_once(audit: Audit) -> None:
    assert [finding.code for finding in evaluate(audit, {"ZB999": "typo"})].count("ZB100") == 1


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("0.0.0.0", "everyone"),
        ("::", "everyone"),
        ("127.0.0.1", "this host"),
        ("::1", "this host"),
        ("10.1.2.3", "private network"),
        ("203.0.113.7", "private network"),
        ("8.8.8.8", "everyone"),
        ("strange", "everyone"),
    ],
)
def test_reach_follows_from_the_address(address: str, who: str) -> None:
    assert reach(Port(address=address, port=1, protocol="tcp", target=1)) == who


def test_a_port_on_both_protocols_of_the_internet_is_one(audit: Audit) -> None:
    both = tuple(Port(address=address, port=8080, protocol="tcp", target=80) for address in ("0.0.0.0", "::"))
    doubled = replace(audit, containers=tuple(replace(one, ports=both) if one.ports else one for one in audit.containers))
    assert len(list(open_ports(doubled))) == 1


def test_a_firewall_is_unknown_unless_it_was_seen(audit: Audit) -> None:
    machine = replace(audit.machine, own_rules=False, firewalls=("ufw",))
    assert "ufw runs, but published ports pass before it" in behind(machine)
    assert "unknown" in behind(machine)
    assert "closes every published port" in behind(replace(machine, own_rules=True))
    assert "without root" in behind(replace(machine, own_rules=None))


def test_evidence_is_the_highest_use_seen_and_not_the_page_cache(audit: Audit) -> None:
    seen = observed(audit)
    assert set(seen) == {"db", "shop-web", "other-web", "a-name-that-is-much-longer-than-any-column-of-a-terminal"}
    assert (seen["db"].peak, seen["db"].bound, seen["db"].samples) == (300 * MIB, 900 * MIB, 1)
    assert seen["other-web"].oom_kills == 1
    window = Window(samples=5, seconds=60.0, restarted=False, working_set=Spread(p50=1, p95=2, most=700 * MIB), cpu=None, pids=None)
    watched = replace(audit, containers=tuple(replace(one, window=window) if one.title == "db" else one for one in audit.containers))
    assert (observed(watched)["db"].peak, observed(watched)["db"].samples, observed(watched)["db"].window) == (700 * MIB, 6, 60.0)


def test_the_budget_of_the_whole_host_holds_what_was_seen(audit: Audit) -> None:
    offered = Report.of(audit).offer
    assert offered.problems == ()
    budget = offered.budget
    assert set(budget["services"]) >= {"db", "shop-web", "other-web"}
    for name, evidence in observed(audit).items():
        assert budget["services"][name]["memory"]["limit"] >= evidence.peak * 115 // 100
    assert budget["totals"]["all"]["memory"]["limit"] <= budget["pool"]["memory"] - budget["margin"]["memory"]


def test_a_host_that_is_too_small_gets_the_shortfall(audit: Audit) -> None:
    small = replace(audit, machine=replace(audit.machine, memory=700 * MIB))
    offer = Report.of(small).offer
    assert offer.budget == {}
    assert offer.problems


def test_the_report_is_json(audit: Audit) -> None:
    plain = json.loads(json.dumps(Report.of(audit).to_dict()))
    assert Audit.from_dict(plain["audit"]) == audit


@pytest.mark.parametrize("width", [80, 81, 95, 110, 130, 200])
def test_no_line_is_wider_than_the_terminal(audit: Audit, width: int) -> None:
    lines = text.lines(Report.of(audit), Terminal(width=width))
    # What has no space to break at stays whole: the long name in a path.
    wide = [line for line in lines if len(line) > width and "much-longer" not in line]
    assert wide == []
    table = [line for line in lines if "  db " in line]
    assert table
    assert "300" in table[0]


def test_every_container_is_in_the_table_with_its_project(audit: Audit) -> None:
    lines = text.lines(Report.of(audit))
    assert {"shop", "other", "no Compose project"} <= set(lines)
    assert any(line.startswith("  job") and "exited 0" in line for line in lines)


def test_unknown_is_shown_as_unknown() -> None:
    assert text.memory(None) == text.cpus(None) == text.share(None) == text.count(None) == text.size(None) == "?"
    assert (text.memory(0), text.memory(1)) == ("0", "1")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name in ("src", "onclick") for name, _value in attrs)
        if tag not in ("meta", "link", "br", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_runs_nothing_that_a_name_holds(audit: Audit) -> None:
    drawn = page(Report.of(audit), title="Audit of host")
    tags = Tags()
    tags.feed(drawn)
    assert tags.open == []
    assert tags.seen.count("script") == 1
    assert "<script>alert" not in drawn
    assert "http://" not in drawn.replace("http://www.w3.org", "")
    assert drawn == page(Report.of(audit), title="Audit of host")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`stack_fleet` as an inventory writes it."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.settings.fleet import FleetSettings, HostWish, ServiceWish, parse

HOSTS, SERVICES = ["vps1", "vps2"], ["api", "db"]


def test_it_is_read() -> None:
    problems = Problems()
    read = parse(
        {
            "services": {"db": {"host": "vps1", "anti_affinity": ["api"]}, "api": {"zone": "fsn", "affinity": ["db"]}},
            "hosts": {"vps1": {"zone": "fsn", "holds": "all"}, "vps2": {"capacity": {"memory": "8g", "cpus": 2}, "drain": True}},
        },
        HOSTS,
        SERVICES,
        problems,
    )
    assert not problems.findings
    assert read.services == {"db": ServiceWish(host="vps1", anti_affinity=("api",)), "api": ServiceWish(zone="fsn", affinity=("db",))}
    assert read.host("vps1") == HostWish(zone="fsn", holds=("api", "db"))
    assert read.host("vps2") == HostWish(capacity={"memory": "8g", "cpus": 2}, drain=True)
    assert read.host("other") == HostWish()


def test_the_name_of_a_preset_is_enough() -> None:
    problems = Problems()
    assert (
        parse("report", HOSTS, SERVICES, problems)
        == parse({"preset": "report"}, HOSTS, SERVICES, problems)
        == FleetSettings(preset="report")
    )
    assert not problems.findings


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({}, "stack_fleet: expected what is placed where, got nothing; write {services: "),
        (["vps1"], "stack_fleet: expected what is placed where, got "),
        ("reprot", "stack_fleet.preset: 'reprot' is none of report; write report"),
        ({"zones": {}}, "stack_fleet.zones: nothing reads 'zones'"),
        ({"services": {"dv": {}}}, "stack_fleet.services: 'dv' is not a service of this stack; use one of api, db"),
        ({"services": {"db": {"host": "vps3"}}}, "stack_fleet.services.db.host: 'vps3' is not a host of group stack; write vps"),
        (
            {"services": {"db": {"zone": "x"}}},
            "stack_fleet.services.db.zone: 'x' is not a zone of a host in stack_fleet.hosts; there is none",
        ),
        ({"services": {"db": {"affinity": ["db"]}}}, "stack_fleet.services.db.affinity: db names itself; name other services only"),
        ({"services": {"db": {"anti_affinity": ["x"]}}}, "stack_fleet.services.db.anti_affinity: 'x' is not a service of this stack"),
        ({"services": {"db": {"pin": "vps1"}}}, "stack_fleet.services.db.pin: nothing reads 'pin'"),
        ({"services": {"db": "vps1"}}, "stack_fleet.services.db: 'vps1' is no mapping"),
        ({"hosts": {"vps3": {}}}, "stack_fleet.hosts: 'vps3' is not a host of group stack"),
        ({"hosts": {"vps1": {"holds": ["x"]}}}, "stack_fleet.hosts.vps1.holds: 'x' is not a service of this stack"),
        ({"hosts": {"vps1": {"holds": "db"}}}, "stack_fleet.hosts.vps1.holds: 'db' is no list of names"),
        ({"hosts": {"vps1": {"drain": "perhaps"}}}, "stack_fleet.hosts.vps1.drain: 'perhaps' is neither true nor false"),
        ({"hosts": {"vps1": {"capacity": "8g"}}}, "stack_fleet.hosts.vps1.capacity: '8g' is no mapping"),
    ],
)
def test_what_is_wrong_is_a_sentence_with_its_path(written: object, sentence: str) -> None:
    problems = Problems()
    parse(written, HOSTS, SERVICES, problems)
    assert [finding for finding in problems.findings if finding.severity == "error" and sentence in finding.sentence()], problems.findings

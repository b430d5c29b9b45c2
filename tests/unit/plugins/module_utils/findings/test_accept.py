# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator accepts is shown as accepted, and only that."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.findings.accept import fold, told
from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect

COMPOSE = {"services": {"a": {"privileged": True}, "b": {"privileged": True}}}


def found(accepted: Any) -> dict[str, dict[str, Any]]:
    findings = [finding.to_dict() for finding in inspect(COMPOSE, accepted=accepted)]
    return {finding["path"]: finding for finding in findings if finding["code"] in ("ZB100", "ZB162")}


def test_a_reason_accepts_all_of_a_code() -> None:
    accepted = found({"ZB162": "they build images"})
    assert accepted["services.a.privileged"] | {"message": "", "fix": ""} == {
        "code": "ZB162",
        "severity": "accepted",
        "was": "warning",
        "reason": "they build images",
        "path": "services.a.privileged",
        "message": "",
        "fix": "",
    }
    assert accepted["services.b.privileged"]["severity"] == "accepted"


def test_paths_confine_it() -> None:
    for path in ("services.a", "services.a.privileged", "services.[a].priv*"):
        accepted = found({"ZB162": {"reason": "it builds images", "paths": [path]}})
        assert accepted["services.a.privileged"]["severity"] == "accepted"
        assert accepted["services.b.privileged"]["severity"] == "warning"


def test_no_paths_accept_nothing() -> None:
    assert found({"ZB162": {"reason": "it builds images", "paths": []}})["services.a.privileged"]["severity"] == "warning"


def test_an_acceptance_without_a_reason_is_an_error() -> None:
    bad = found({"ZB162": "  "})
    assert bad["accepted.ZB162"]["severity"] == "error"
    assert bad["services.a.privileged"]["severity"] == "warning"


def test_an_unknown_code_is_an_error_with_the_nearest_known() -> None:
    assert found({"ZB161x": "because"})["accepted.ZB161x"]["fix"] == "write ZB161"


def test_something_else_than_a_mapping_is_an_error() -> None:
    assert found(["ZB162"])["accepted"]["severity"] == "error"


def test_an_accepted_finding_says_why() -> None:
    sentences = [finding.sentence() for finding in inspect(COMPOSE, accepted={"ZB162": "they build images"})]
    assert "services.a.privileged: nothing separates it from the host; accepted: they build images" in sentences


OWN = {
    "services": {
        "a": {"privileged": True, "x-accepted": {"ZB162": "it builds images"}},
        "b": {"privileged": True, "x-accepted": {"ZB999": "no such code", "ZB162": ""}},
    },
    "networks": {"n": {"driver_opts": {"com.docker.network.driver.mtu": 1500}, "x-accepted": {"ZB194": "written down on purpose"}}},
}


def test_a_file_accepts_for_what_it_is_beside() -> None:
    findings = {(finding.code, finding.path): finding.to_dict() for finding in inspect(OWN)}
    assert findings["ZB162", "services.a.privileged"]["reason"] == "it builds images"
    assert findings["ZB162", "services.b.privileged"]["severity"] == "warning"
    assert findings["ZB194", "networks.n.driver_opts.com.docker.network.driver.mtu"]["severity"] == "accepted"
    assert sorted(path for code, path in findings if code == "ZB100") == ["services.b.x-accepted.ZB162", "services.b.x-accepted.ZB999"]


def test_the_inventory_comes_before_the_file() -> None:
    findings = inspect(OWN, accepted={"ZB162": "all of them build"})
    assert [finding.to_dict()["reason"] for finding in findings if finding.code == "ZB162"] == ["all of them build"] * 2


def test_what_is_said_of_several_places_is_one_line() -> None:
    services = {name: {"image": "example/app:1", "restart": "always"} for name in "abcd"}
    folded = [finding for finding in fold(inspect({"services": services})) if finding["code"] == "ZB110"]
    assert [finding["paths"] for finding in folded] == [[f"services.{name}" for name in "abcd"]]
    assert told(folded[0]).startswith("ZB110 services.a, services.b and 2 more: nothing limits its memory")


def test_what_differs_is_not_one_line() -> None:
    services = {"a": {"image": "redis:8", "ports": ["6379:6379"]}, "b": {"image": "redis:8", "ports": ["6380:6379"]}}
    folded = [finding for finding in fold(inspect({"services": services})) if finding["code"] == "ZB160"]
    assert [finding.get("paths") for finding in folded] == [None, None]


def test_accepted_findings_of_a_code_are_one_line_by_their_reason() -> None:
    folded = [finding for finding in fold(inspect(COMPOSE, accepted={"ZB162": "they build"})) if finding["code"] == "ZB162"]
    assert [(finding["severity"], len(finding["paths"])) for finding in folded] == [("accepted", 2)]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter hands results of modules to the core, failed and skipped ones too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.filter.validation import validation
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.tests.unit import samples
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page.reader import read
from ansible_collections.ziggie.stack.tests.unit.samples import released

LIVE = {
    "containers": [],
    "changes": compare({"redis": released()}, []).to_dict(),
    "budget": {},
    "volumes": {},
    "now": 10.0,
}


def judge(live: dict[str, Any], **more: Any) -> dict[str, Any]:
    return validation(live, "lab", ["9.0", "11.0"], **more)


def test_what_failed_is_said_once_more_as_sentences() -> None:
    found = judge(LIVE)
    assert found["failed"] == ["compliance.running[redis]: it is absent, not running; run the site playbook"]
    assert json.loads(found["json"])["counts"] == found["counts"] == {"fail": 1, "unknown": 0, "pass": 2}
    assert 'failures="1"' in found["xml"]


def test_the_page_opens_with_what_failed() -> None:
    sections = {one.attributes["id"]: one.words() for one in read(judge(LIVE)["html"]).every("section")}
    assert list(sections) == ["verdict", "failed", "unknown", "checks", "findings", "changes"]
    assert sections["verdict"].startswith("Validation failed 1 of 3 checks failed.")
    assert "compliance.running[redis] absentit is absent, not running; run the site playbook" in sections["failed"]
    assert sections["unknown"].endswith("Every check has an answer.")
    assert "compliance.running\u20131\u2013" in sections["checks"]


def test_the_page_of_a_budget_that_holds_is_about_the_validation() -> None:
    solved = sample.budget(3)
    live = {**LIVE, "budget": solved, "containers": []}
    sections = {one.attributes["id"]: one.words() for one in read(judge(live)["html"]).every("section")}
    assert "Fits" not in sections["verdict"].split("Budget:")[0]
    assert "redis" in sections["failed"]
    assert "service-0001" in sections["services"]


@pytest.mark.parametrize(
    ("measured", "failures"),
    [([{}], 1), ([{"skipped": True}], 1), ([{"failed": True, "msg": "Cannot measure the stack: gone."}], 2)],
)
def test_a_measurement_that_could_not_be_made_fails(measured: list[dict[str, Any]], failures: int) -> None:
    assert judge(LIVE, measured=measured)["counts"]["fail"] == failures


NOTHING = {"failed": True, "msg": "Cannot look at the stack: timed out."}


def test_a_proof_that_proved_nothing_fails() -> None:
    found = judge(NOTHING)
    assert found["failed"] == ["compliance.engine: Cannot look at the stack: timed out."]
    assert found["counts"] == {"fail": 1, "unknown": 0, "pass": 0}
    assert 'failures="1"' in found["xml"]


def test_an_operator_may_allow_it() -> None:
    found = judge(NOTHING, unknown="allow")
    assert (found["failed"], found["counts"]["unknown"]) == ([], 1)
    assert "timed out" in found["text"]


def test_a_host_without_a_release_fails() -> None:
    assert judge({**LIVE, "changes": compare({}, []).to_dict()})["failed"][0].startswith("compliance.release: no release lies on the host")


WORKS = {**LIVE, "changes": compare({"redis": released()}, [samples.container("redis")]).to_dict()}


@pytest.mark.parametrize(("unknown", "failures"), [("explained", 0), ("fail", 2), ("allow", 0)])
def test_what_a_host_does_not_tell_is_unknown_unless_all_has_to_be_known(unknown: str, failures: int) -> None:
    volumes = {"data": {"device": "", "released": "/mnt/data"}}
    before = judge({**WORKS, "volumes": {}}, unknown=unknown)["counts"]
    found = judge({**WORKS, "volumes": volumes}, unknown=unknown)["counts"]
    assert found["fail"] - before["fail"] == failures
    assert found["pass"] >= 1


def test_files_that_are_not_those_of_the_release_that_came_up_fail() -> None:
    found = judge({**LIVE, "release_changed": ["compose.yml"]})["failed"]
    assert "compliance.release: not as they were kept when the release came up: compose.yml; run the site playbook" in found
    assert judge({**LIVE, "release_changed": []})["counts"]["pass"] == judge(LIVE)["counts"]["pass"] + 1

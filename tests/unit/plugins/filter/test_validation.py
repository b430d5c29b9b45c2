# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter hands results of modules to the core, failed and skipped ones too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.filter.validation import validation

LIVE = {
    "containers": [],
    "changes": {"services": {"redis": {"differences": [{"key": "container", "desired": "running", "live": "absent"}]}}, "orphans": []},
    "budget": {},
    "volumes": {},
    "slices": {},
    "now": 10.0,
}


def judge(live: dict[str, Any], **more: Any) -> dict[str, Any]:
    return validation(live, "lab", ["9.0", "11.0"], **more)


def test_what_failed_is_said_once_more_as_sentences() -> None:
    found = judge(LIVE)
    assert found["failed"] == ["compliance.running[redis]: it is absent, not running; run the site playbook"]
    assert json.loads(found["json"])["counts"] == found["counts"] == {"fail": 1, "unknown": 0, "pass": 2}
    assert 'failures="1"' in found["xml"]
    assert "html" not in found


@pytest.mark.parametrize(
    ("measured", "unknown"),
    [([{}], 0), ([{"skipped": True}], 0), ([{"failed": True, "msg": "Cannot measure the stack: gone."}], 1)],
)
def test_a_measurement_that_failed_is_unknown(measured: list[dict[str, Any]], unknown: int) -> None:
    assert judge(LIVE, measured=measured)["counts"]["unknown"] == unknown


def test_a_host_that_could_not_be_looked_at() -> None:
    found = judge({"failed": True, "msg": "Cannot look at the stack: timed out."})
    assert (found["failed"], found["counts"]["unknown"]) == ([], 1)
    assert "timed out" in found["text"]

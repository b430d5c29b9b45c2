# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table, JUnit XML and plain data."""

from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.ziggie.stack.plugins.module_utils.validate import report
from ansible_collections.ziggie.stack.plugins.module_utils.validate.check import failed, passed, unknown

CHECKS = [
    passed("databases.connections", "postgres", figure="4 of 97"),
    passed("compliance.running", "redis"),
    passed("compliance.clock", figure="0.0 s off"),
    unknown("ollama.cold", "ollama", sentence="there is no model"),
    failed("compliance.limits", "redis", figure="1 differ", sentence="limits.memory is 1, not 2 <&>"),
    passed("compliance.limits", "nginx"),
]


def test_the_table_begins_with_what_is_wrong_and_ends_with_the_sum() -> None:
    lines = report.lines(CHECKS, stand_ins=["ollama"])
    assert [line.split()[:2] for line in lines[:6]] == [
        ["fail", "compliance.limits[redis]"],
        ["unknown", "ollama.cold[ollama]"],
        ["pass", "databases.connections"],
        ["pass", "compliance.running"],
        ["pass", "compliance.clock"],
        ["pass", "compliance.limits"],
    ]
    assert "1 of 2" in lines[5]
    assert lines[-2:] == ["4 pass, 1 unknown, 1 fail", "stand-ins, not the real programs: ollama"]


def test_nothing_to_tell() -> None:
    assert report.lines([])[-1] == "0 pass, 0 unknown, 0 fail"


def test_junit_has_a_failure_and_a_skip() -> None:
    suite = ElementTree.fromstring(report.junit(CHECKS, host="lab").split("\n", 1)[1])
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("6", "1", "1")
    failure = suite.find("testcase[@name='compliance.limits[redis]']/failure")
    assert failure is not None
    assert failure.get("message") == "limits.memory is 1, not 2 <&>"


def test_plain_data() -> None:
    document = report.document(CHECKS, host="lab", stand_ins=["ollama"])
    assert (document["host"], document["counts"], document["stand_ins"]) == ("lab", {"fail": 1, "unknown": 1, "pass": 4}, ["ollama"])
    assert document["checks"][3] == {
        "name": "ollama.cold",
        "subject": "ollama",
        "outcome": "unknown",
        "figure": "",
        "sentence": "there is no model",
    }

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter's plain data."""

from __future__ import annotations

from ansible_collections.ziggie.stack.plugins.filter.findings import FilterModule

findings = FilterModule().filters()["findings"]


def test_findings_are_plain_data() -> None:
    found = findings({"services": {"a": {"image": "x:1", "privileged": True}}}, accepted={"ZB162": "it builds images"})
    assert {"services.a.privileged": "accepted"}.items() <= {entry["path"]: entry["severity"] for entry in found}.items()
    assert all(set(entry) >= {"code", "severity", "path", "message", "fix"} for entry in found)


def test_nothing_is_wrong_with_nothing() -> None:
    assert findings({}) == []

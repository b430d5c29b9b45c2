# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule fires where it should, with its path, and is silent where it should be; the examples are data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect
from ansible_collections.ziggie.stack.plugins.module_utils.findings.library import BOOKS, RULES

FILES = sorted((Path(__file__).parent / "examples").glob("*.yml"))
EXAMPLES: dict[str, Any] = {}
for _file in FILES:
    EXAMPLES |= yaml.safe_load(_file.read_text())
CASES = [
    pytest.param(code, kind, case, id=f"{code}-{kind}-{position}")
    for code, entry in EXAMPLES.items()
    for kind, cases in entry.items()
    for position, case in enumerate(cases)
]


def paths(code: str, case: dict[str, Any]) -> list[str]:
    compose = {key: value for key, value in case.items() if key not in ("at", "host", "rules")}
    rules = {"alerts.yml": case["rules"]} if "rules" in case else None
    return [finding.path for finding in inspect(compose, case.get("host"), rules) if finding.code == code]


def test_every_rule_has_examples() -> None:
    assert {code: sorted(entry) for code, entry in EXAMPLES.items()} == {code: ["fires", "silent"] for code in RULES}
    assert all(cases for entry in EXAMPLES.values() for cases in entry.values())


def test_every_code_has_one_rule() -> None:
    assert sum(len(book.rules) for book in BOOKS) == len(RULES)


@pytest.mark.parametrize(("code", "kind", "case"), CASES)
def test_examples(code: str, kind: str, case: dict[str, Any]) -> None:
    expected = case.get("at", []) if kind == "fires" else []
    assert sorted(paths(code, case)) == sorted([expected] if isinstance(expected, str) else expected)

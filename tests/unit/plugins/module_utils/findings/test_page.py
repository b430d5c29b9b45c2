# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page says what the rules say."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.findings.library import RULES
from ansible_collections.ziggie.stack.plugins.module_utils.findings.page import page

PAGE = Path(__file__).resolve().parents[5] / "docs/findings.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: .venv/bin/python tools/findings-page"


def test_every_rule_explains_itself() -> None:
    for rule in RULES.values():
        assert rule.why.endswith("."), rule.code
        assert rule.fix, rule.code
        assert not rule.fix.endswith("."), rule.code
        assert rule.source, rule.code

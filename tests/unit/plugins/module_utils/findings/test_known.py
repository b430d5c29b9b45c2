# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No part of the collection states a code that is not listed, and each code is listed once."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.findings.known import KNOWN, PARTS
from ansible_collections.ziggie.stack.plugins.module_utils.findings.page import page

ROOT = Path(__file__).resolve().parents[5]
CODE = re.compile(r"Z[A-Z][0-9]{3}")


def written() -> dict[str, set[str]]:
    """Return every code that a plugin's source states, by file; a code within a longer text is an example."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.setdefault(node.value, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_every_code_in_the_source_is_known() -> None:
    assert {code: files for code, files in written().items() if code not in KNOWN} == {}
    assert set(written()) == KNOWN


def test_every_known_code_is_on_the_page_once() -> None:
    rows = Counter(re.findall(r"^\| \[?(Z[A-Z][0-9]{3})\b", page(), re.MULTILINE))
    assert rows == Counter(dict.fromkeys(KNOWN, 1))


def test_a_meaning_is_a_phrase() -> None:
    phrases = [meaning for part in PARTS for meaning in part.meanings.values()]
    assert [phrase for phrase in phrases if not phrase or phrase.endswith(".")] == []

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Anything may be in a file; what is wrong is said with its line, at once, and nothing hangs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.document import LARGEST, parse
from hypothesis import given
from hypothesis import strategies as st

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))


def said(text: str) -> list[str]:
    return [problem.sentence() for problem in parse("compose.yml", text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["compose.yml: expected a mapping; write services: {name: {image: …}}"]),
        ("- a\n", ["compose.yml:1: expected a mapping; write services: {name: {image: …}}"]),
        ("services: {}\n---\n- a\n", ["compose.yml:3: expected a mapping; write services: {name: {image: …}}"]),
        ("a: b: c\n", ["compose.yml:1: it is not YAML: mapping values are not allowed in this context; correct the line"]),
        ("services:\n\tweb: {}\n", ["compose.yml:2: it is not YAML: found character that cannot start any token; correct the line"]),
        ("services: {}\na: *b\n", ["compose.yml:2: it is not YAML: found undefined alias; correct the line"]),
        ("services: {}\na: \x00\n", ["compose.yml:2: the character '\\x00' is not allowed in YAML; save the file as UTF-8 text"]),
        ("name: a\nservices: [web]\n", ["compose.yml:2: services: expected a mapping; write services: {name: {…}}"]),
        ("volumes: [data]\n", ["compose.yml:1: volumes: expected a mapping; write volumes: {name: {…}}"]),
        ("services: {}\nnetworks:\n  back: bridge\n", ["compose.yml:3: networks.back: expected a mapping; write key: value pairs"]),
        ("services: !reset null\nvolumes: {a: }\nsecrets: {a: !reset null}\nname: x\n", []),
        ("services:\n  web: 3\n", ["compose.yml:2: services.web: expected a mapping; write image: … below it"]),
        ("services:\n  1: {}\n", ["compose.yml:2: services.1: the service's name is not text; put it in quotes"]),
        ("services:\n  true: {}\n", ["compose.yml:2: services.true: the service's name is not text; put it in quotes"]),
        (
            "services:\n  ünï: {}\n",
            ["compose.yml:2: services.ünï: Compose accepts letters, digits, ., _ and - in a service's name; rename it"],
        ),
        ("services: {}\na: &a [*a]\n", ["compose.yml:2: an anchor holds an alias of itself; write it out with fewer aliases"]),
    ],
)
def test_problems(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_all_doubles_are_named() -> None:
    text = "services:\n  web:\n    image: a\n    image: b\n  web:\n    image: c\nservices:\n  api: {}\n"
    assert [sentence.split(";")[0] for sentence in said(text)] == [
        "compose.yml:7: services: 'services' is written twice, first in line 1",
        "compose.yml:5: services.web: 'web' is written twice, first in line 2",
        "compose.yml:4: services.web.image: 'image' is written twice, first in line 3",
    ]


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "[" * 100_000,
        "a: " + "{a: " * 5_000,
        "- " * 100_000,
        "".join(f"{' ' * i}a:\n" for i in range(500)),
        "a: [" + "[" * 900 + "]" * 900 + "]",
        "x" * (LARGEST + 1),
    ],
    ids=["bomb", "brackets", "braces", "dashes", "indents", "flow", "large"],
)
def test_what_would_take_for_ever_is_refused_at_once(text: str) -> None:
    started = time.monotonic()
    assert parse("compose.yml", text)[0] == []
    assert said(text)
    assert time.monotonic() - started < 5


def test_scalars_are_read_as_compose_reads_them() -> None:
    (document,), _unused = parse(
        "compose.yml", "services:\n  on: {a: yes, b: 22:22, c: 0400, d: 1.50, e: ~, f: True, g: 2026-01-01, h: '1', i: 1e3}\n"
    )
    assert document.data["services"]["on"] == {
        "a": "yes",
        "b": "22:22",
        "c": "0400",
        "d": 1.5,
        "e": None,
        "f": True,
        "g": "2026-01-01",
        "h": "1",
        "i": 1000.0,
    }


def test_lines_of_paths() -> None:
    (document,), _unused = parse("compose.yml", "services:\n  web:\n    image: x\n    ports:\n      - a\n      - b\n")
    assert [document.line(path) for path in ("services.web.image", "services.web.ports[1]", "services.web.nothing", "nowhere")] == [
        3,
        6,
        2,
        1,
    ]


@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"#\n \t?,<%", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    documents, problems = parse("compose.yml", text)
    assert documents or problems


@given(st.text(alphabet="ab:-[]{}&*|>'\"#\n ?,<$", max_size=60))
def test_any_service_is_adopted_or_refused(tail: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "compose.yml"
        path.write_text(f"services:\n  web:\n    image: redis:8.2.9\n    {tail}\n")
        result = adopt([str(path)], Wish(capacity={"memory": "16g", "cpus": 4}, policy={}, profiles=frozenset(), accepted={}, host={}))
    assert result["problems"] or result["files"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"services: {\xe4: 1}")
    wish = Wish(capacity={"memory": "16g", "cpus": 4}, policy={}, profiles=frozenset(), accepted={}, host={})
    problems = adopt([str(tmp_path / "latin.yml"), str(tmp_path / "nothing.yml"), str(tmp_path / "a\0b")], wish)["problems"]
    assert len(problems) == 3
    assert "it is not UTF-8 text" in "".join(problems)

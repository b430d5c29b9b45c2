# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a log, whatever the engine sends, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.logs import last_lines, secrets_in


class Stub(Engine):
    def __init__(self, said: bytes | None) -> None:
        self.said = said

    def read(self, resource: str) -> bytes:
        assert resource == "/containers/c/logs?stdout=true&stderr=true&tail=3"
        if self.said is None:
            raise EngineError("configured logging driver does not support reading")
        return self.said


def frame(kind: int, text: str) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(text.encode()).to_bytes(4, "big") + text.encode()


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (frame(1, "a\n") + frame(2, "b\n\nü"), ["a", "b", "ü"]),
        (b"of a terminal\r\nmore", ["of a terminal", "more"]),
        (frame(1, "\x1b[31mred\x1b[0m\n"), ["red"]),
        (frame(1, "1\n2\n3\n4\n"), ["2", "3", "4"]),
        (b"", []),
        (None, []),
    ],
)
def test_the_last_lines(said: bytes | None, lines: list[str]) -> None:
    assert last_lines(Stub(said), "c", 3) == lines


def test_no_secret_is_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct-horse\n")
    (tmp_path / "longer").write_text("correct-horse-battery")
    (tmp_path / "short").write_text("id")
    (tmp_path / "directory").mkdir()
    secrets = secrets_in(tmp_path)
    assert secrets == ["correct-horse-battery", "correct-horse"]
    assert last_lines(Stub(b"with correct-horse-battery as id, or correct-horse"), "c", 3, secrets) == ["with *** as id, or ***"]
    assert secrets_in(tmp_path / "none") == []

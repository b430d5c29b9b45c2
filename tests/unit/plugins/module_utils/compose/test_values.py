# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single values are read as Compose means them."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.values import pairs, seconds, variables, whole, words, written_words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("90", None),
        ("1m30s", 90),
        ("1h", 3600),
        ("500ms", 0.5),
        ("1.5s", 1.5),
        ("", None),
        (None, None),
        ("1.2.3s", 0),
        ("soon", None),
    ],
)
def test_durations(written, expected):
    assert seconds(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"), [("5", 5), (5, 5), (" -1 ", -1), ("5.0", None), (True, None), ("9" * 19, None), (None, None)]
)
def test_whole_numbers(written, expected):
    assert whole(written) == expected


def test_commands():
    assert written_words("serve --name 'a b' $$HOME") == ["serve", "--name", "a b", "$$HOME"]
    assert written_words(["serve", 1]) == ["serve", "1"]
    assert written_words(None) == []
    assert words("serve --name 'a b' $$HOME") == ("serve", "--name", "a b", "$HOME")
    assert words("serve 'a b") == ("serve", "'a", "b")
    with pytest.raises(ValueError, match="quotation"):
        written_words("serve 'a")


def test_names_with_values():
    assert variables(["A=1=2", "B", "C="]) == variables({"A": "1=2", "B": None, "C": ""}) == {"A": "1=2", "B": None, "C": ""}
    assert pairs(["a", {"odd": 1}]) == {"a": "", "{'odd': 1}": ""}

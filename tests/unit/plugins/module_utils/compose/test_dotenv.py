# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of variables are read as compose-go reads them."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.dotenv import parse_env
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("# no\nA=1\n\n#B=2\n", {"A": "1"}),
        ("A=1 # one\nB='2 # two' # x\nC=3#three\nD= # nothing\n", {"A": "1", "B": "2 # two", "C": "3#three", "D": ""}),
        ("export A = 'one'\n  B: two\nC =3", {"A": "one", "B": "two", "C": "3"}),
        ("A=x\nB=$A-${A}-${C:-y}\nC='$A'\nD=\"$A\"\nE=\\$A", {"A": "x", "B": "x-x-y", "C": "$A", "D": "x", "E": "\\x"}),
        ('A="a\\nb\\tc\\\\d\\"e\\$f"\nB=1', {"A": 'a\nb\tc\\d"e$f', "B": "1"}),
        ("KEY='line 1\nline 2'\nB=1\n", {"KEY": "line 1\nline 2", "B": "1"}),
        ("A='it\\'s'", {"A": "it's"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("FROM_SHELL\nUNKNOWN\nB=1", {"FROM_SHELL": "shell", "B": "1"}),
        ('A="open\nB=1', {"A": '"open', "B": "1"}),
        ("A=${B\nC=1", {"A": "${B", "C": "1"}),
        ("a line of prose\nB=1", {"B": "1"}),
        ("", {}),
    ],
)
def test_a_file_of_variables(content, expected):
    assert parse_env(content, {"FROM_SHELL": "shell"}) == expected


def test_what_is_given_comes_before_the_file_in_its_references():
    assert parse_env("A=file\nB=$A", {"A": "given"}) == {"A": "file", "B": "given"}


def test_raw_values_are_the_rest_of_their_line():
    assert parse_env("A='x' # $B\nC=\n", raw=True) == {"A": "'x' # $B", "C": ""}


@given(st.text(max_size=80) | st.text(alphabet="AB=:'\"\\$ {}#\n\t", max_size=60), st.booleans())
def test_any_text_is_read(content, raw):
    assert all(isinstance(value, str) for value in parse_env(content, raw=raw).values())

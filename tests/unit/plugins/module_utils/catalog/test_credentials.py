# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A credential that cannot serve as a secret is an error before anything is touched, and its value is shown nowhere."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ziggie.stack.plugins.filter.preflight import preflight
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.credentials import unusable


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("s3cr3t\n", "it ends in a line break"),
        ("s3cr3t\r\n", "it has the line ends of Windows (CRLF)"),
        (None, "expected a text, got nothing"),
        (["s3cr3t"], "expected a text, got list"),
        (True, "expected a text, got bool"),
    ],
)
def test_a_value_that_cannot_be_a_secret(value: object, message: str) -> None:
    (one,) = unusable({"good": "abc", "token": value})
    assert (one.path, one.message) == ("stack_credentials.token", message)


def test_texts_and_numbers_are_values() -> None:
    assert unusable({"a": "abc", "b": 12, "c": "-----BEGIN-----\nabc\n-----END-----\n"}) == []


def test_preflight_takes_values_and_returns_none_of_them() -> None:
    result = preflight({"services": {}}, credentials={"a": "s3cr3t", "b": "s3cr3t\n"})
    (problem,) = (one for one in result["problems"] if "stack_credentials" in one)
    assert problem.startswith("stack_credentials.b: it ends in a line break")
    assert "s3cr3t" not in json.dumps(result)

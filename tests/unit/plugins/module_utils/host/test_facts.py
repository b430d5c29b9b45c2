# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts become plain data and come back exactly."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = st.text(max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2)
)
SCALARS: dict[Any, Any] = {
    str: TEXT,
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    Any: JSON,
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Return any value of a type, so that a field that is added is generated, too."""
    if kind in SCALARS:
        found: st.SearchStrategy[Any] = SCALARS[kind]
        return found
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values, arguments))
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(TEXT, values(arguments[1]), max_size=2)
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})


@settings(max_examples=60, deadline=None)
@given(values(Facts))
def test_facts_come_back_exactly(facts: Facts) -> None:
    assert Facts.from_dict(json.loads(json.dumps(facts.to_dict()))) == facts


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"memory": {"total": "much"}}, "memory.total: expected a whole number, got 'much'"),
        ({"engine": {"containers": [{"project": "x"}]}}, "engine.containers[0].name: this key is missing"),
        ({"capabilities": {}}, "capabilities: nothing reads this key"),
    ],
)
def test_what_are_no_facts_is_said_with_its_path(data: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="^" + said.replace("[", r"\[").replace(".", r"\.")):
        Facts.from_dict(data)


def test_own_containers_are_those_of_the_project() -> None:
    containers = [{"name": "a", "project": "ziggie"}, {"name": "b", "project": "other"}, {"name": "c"}]
    facts = Facts.from_dict({"project": "ziggie", "engine": {"containers": containers}})
    assert [container.name for container in facts.own] == ["a"]
    assert Facts.from_dict({"engine": {"containers": containers}}).own == ()

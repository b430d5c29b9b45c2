# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed values survive the way to plain data and back, and what is not one of them is refused with its path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.typed import OPTIONAL, dump, load, named
from hypothesis import given
from hypothesis import strategies as st


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    number: int
    ratio: float
    share: Fraction
    kind: Literal["a", "b"]
    note: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    leaves: Mapping[str, Leaf]
    names: tuple[str, ...]
    tags: frozenset[str]
    flag: bool
    storage_class: str = field(metadata=named("class"))
    extra: Any = None


LEAVES = st.builds(
    Leaf,
    number=st.integers(),
    ratio=st.floats(allow_nan=False),
    share=st.fractions(),
    kind=st.sampled_from(["a", "b"]),
    note=st.none() | st.text(),
)
TREES = st.builds(
    Tree,
    leaves=st.dictionaries(st.text(), LEAVES),
    names=st.lists(st.text()).map(tuple),
    tags=st.frozensets(st.text()),
    flag=st.booleans(),
    storage_class=st.text(),
    extra=st.none() | st.lists(st.integers()),
)


@given(TREES)
def test_what_is_read_back_is_the_same(tree: Tree) -> None:
    assert load(Tree, json.loads(json.dumps(dump(tree)))) == tree


def test_a_field_has_its_own_name_and_is_absent_while_it_has_its_default() -> None:
    leaf = Leaf(number=1, ratio=0.5, share=Fraction(1, 3), kind="a")
    plain = dump(Tree(leaves={"x": leaf}, names=(), tags=frozenset(), flag=True, storage_class="hot"))
    assert plain["class"] == "hot"
    assert plain["leaves"]["x"] == {"number": 1, "ratio": 0.5, "share": "1/3", "kind": "a"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"flag": 1}, "flag: expected true or false, got 1"),
        ({"names": "abc"}, "names: expected a list, got 'abc'"),
        ({"names": ["a", 2]}, "names[1]: expected a text, got 2"),
        ({"leaves": []}, "leaves: expected a mapping, got []"),
        ({"leaves": {"x": {"number": 1.5}}}, "leaves.x.kind: this key is missing"),
        ({"class": None}, "class: expected a text, got None"),
        ({"more": 1}, "more: nothing reads this key"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(change: dict[str, Any], sentence: str) -> None:
    plain = dump(Tree(leaves={}, names=(), tags=frozenset(), flag=True, storage_class="hot"))
    with pytest.raises(ValueError, match="^" + sentence.replace("[", r"\[").replace("]", r"\]") + "$"):
        load(Tree, plain | change)


def test_what_is_no_mapping_at_all_is_named() -> None:
    with pytest.raises(ValueError, match=r"^the document: expected a mapping, got 'x'$"):
        load(Tree, "x")

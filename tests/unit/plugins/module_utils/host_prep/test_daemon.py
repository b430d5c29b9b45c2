# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""daemon.json keeps what is not ours, and never asks for more than the host can grant."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Ceilings
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.daemon import merge

NONE = Ceilings(nofile=-1, memlock=-1)


def merged(existing: dict[str, Any], wanted: dict[str, Any], ceilings: dict[str, int] | None = None) -> Any:
    return json.loads(merge(existing, wanted, replace(NONE, **ceilings) if ceilings else NONE))


def test_what_we_do_not_name_stays() -> None:
    existing = {"registry-mirrors": ["http://mirror:5000"], "log-driver": "json-file"}
    assert merged(existing, {"log-driver": "local"}) == {"registry-mirrors": ["http://mirror:5000"], "log-driver": "local"}


def test_it_is_stable() -> None:
    once = merge({"b": 1}, {"a": 2}, NONE)
    assert merge(json.loads(once), {"a": 2}, NONE) == once
    assert once.endswith("}\n")


@pytest.mark.parametrize(
    ("name", "soft", "hard", "ceilings", "granted"),
    [
        ("nofile", 65536, 524288, {"nofile": -1}, (65536, 524288)),
        ("nofile", 65536, 524288, {"nofile": 20000}, (20000, 20000)),
        ("nofile", 1024, 524288, {"nofile": 20000}, (1024, 20000)),
        ("memlock", -1, -1, {"memlock": 8 << 20}, (8 << 20, 8 << 20)),
        ("memlock", -1, -1, {"memlock": -1}, (-1, -1)),
        ("nproc", 5, 6, {"nofile": 1}, (5, 6)),
    ],
)
def test_default_ulimits_are_cut_to_the_ceiling(
    name: str, soft: int, hard: int, ceilings: dict[str, int], granted: tuple[int, int]
) -> None:
    found = merged({}, {"default-ulimits": {name: {"Name": name, "Soft": soft, "Hard": hard}}}, ceilings)
    assert found == {"default-ulimits": {name: {"Name": name, "Soft": granted[0], "Hard": granted[1]}}}

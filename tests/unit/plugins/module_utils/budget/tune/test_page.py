# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/tuners.md has a section for each tuner, with its settings, its parameters, what it never touches and its source."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.jvm import SERVERS
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.tune.test_tuners import room

PAGE = Path(__file__).parents[6] / "docs" / "tuners.md"
SECTIONS = dict(re.findall(r"^## ([a-z]+)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
# Parameters without which a setting is not made.
ASKED = {
    "node": {"threadpool": 8},
    "mongodb": {"max_connections": 100},
    "mysql": {"max_connections": 99},
    "mariadb": {"max_connections": 99},
}


def test_the_page_has_the_tuners_and_no_others_in_their_order() -> None:
    assert list(SECTIONS) == sorted(TUNERS)


@pytest.mark.parametrize("name", sorted(TUNERS))
def test_a_section_has_the_settings_and_parameters_of_its_tuner(name: str) -> None:
    tuner, section = TUNERS[name], SECTIONS[name]
    given = replace(room(name, 8 * GIB, **ASKED.get(name, {})), quota=1000, disk=20 * GIB)
    rows = {setting for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE) for setting in re.findall(r"`([^`]+)`", row)}
    assert rows == set(tuner.tune(given).settings)
    assert not [key for key in tuner.keys if f"`{key}`" not in section]
    prose = " ".join(section.split())
    assert "Never touched: " in prose
    assert "Source: " in prose


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_a_section_names_the_variable_of_a_server(server: Any) -> None:
    assert f"`{server.variable}`" in SECTIONS[server.name]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel settings are set once, kept over a boot, and given back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import kernel
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.document import Document
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.paths import FORMER, HUGE_PAGES, SYSCTL

Plain = dict[str, Any]
read = Facts.from_dict
WANTED = {"vm.swappiness": "10", "net.ipv4.tcp_rmem": "4096 131072 6291456"}


def made(sysctl: dict[str, Any], pages: dict[str, str], facts: Plain) -> dict[str, Document]:
    return {document.path: document for document in kernel.documents(sysctl, pages, read(facts))}


def test_what_was_is_noted_when_it_is_set_first(facts: Plain) -> None:
    found = made(WANTED, {"enabled": "madvise"}, facts)
    assert json.loads(str(found[FORMER].content)) == {
        "sysctl": {"vm.swappiness": "60", "net.ipv4.tcp_rmem": "4096 131072 6291456"},
        "huge_pages": {"enabled": "always"},
    }
    assert "vm.swappiness = 10\n" in str(found[SYSCTL].content)
    assert found[SYSCTL].due
    assert found[HUGE_PAGES].due
    assert "w /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise\n" in str(found[HUGE_PAGES].content)


def test_a_second_run_has_nothing_to_do_and_keeps_the_note(facts: Plain) -> None:
    before = made(WANTED, {"enabled": "madvise"}, facts)
    facts["former"] = json.loads(str(before[FORMER].content))
    facts["sysctl"] |= WANTED
    facts["huge_pages"]["enabled"] = "madvise"
    after = made(WANTED, {"enabled": "madvise"}, facts)
    assert {path: document.content for path, document in after.items()} == {path: document.content for path, document in before.items()}
    assert not any(document.due for document in after.values())


def test_what_is_not_wanted_any_more_is_given_back(facts: Plain) -> None:
    facts["former"] = {"sysctl": {"vm.swappiness": "60", "net.core.somaxconn": "128"}, "huge_pages": {"defrag": "madvise"}}
    some = made({"vm.swappiness": "10"}, {}, facts)
    back = ("sh", "-c", "echo madvise > /sys/kernel/mm/transparent_hugepage/defrag")
    assert some[FORMER].apply == (("sysctl", "--quiet", "--write", "net.core.somaxconn=128"), back)
    assert json.loads(str(some[FORMER].content)) == {"sysctl": {"vm.swappiness": "60"}, "huge_pages": {}}
    none = made({}, {}, facts)
    assert [document.content for document in none.values()] == [None, None, None]
    assert ("sysctl", "--quiet", "--write", "vm.swappiness=60") in none[FORMER].apply


def test_what_the_host_has_not_or_may_not_set_is_left_out(facts: Plain) -> None:
    facts["sysctl_fixed"] = ["vm.swappiness"]
    facts["huge_pages"]["writable"] = False
    found = made(WANTED | {"vm.no_such": "1"}, {"enabled": "madvise"}, facts)
    assert str(found[SYSCTL].content).splitlines()[1:] == ["net.ipv4.tcp_rmem = 4096 131072 6291456"]
    assert not found[SYSCTL].due
    assert found[HUGE_PAGES].content is None


@pytest.mark.parametrize(
    ("image", "enabled"),
    [("mongo:8.0.29", "always"), ("registry.example/library/mongo:9", "always"), ("mongo:7.0", "madvise"), ("redis:8", "madvise")],
)
def test_huge_pages_are_those_that_the_databases_want(facts: Plain, image: str, enabled: str) -> None:
    compose = {"services": {"db": {"image": image}}}
    budget = solve(compose, {"memory": "8g", "cpus": 2})
    assert kernel.huge_pages("auto", compose, budget, read(facts))["enabled"] == enabled
    off = replace(budget, services={"db": replace(budget.services["db"], enabled=False)})
    assert kernel.huge_pages("auto", compose, off, read(facts))["enabled"] == "madvise"
    assert kernel.huge_pages("never", compose, budget, read(facts)) == {"enabled": "never"}
    assert kernel.huge_pages("keep", compose, budget, read(facts)) == {}
    assert kernel.huge_pages("auto", compose, budget, read(facts | {"virtualization": "container"})) == {}

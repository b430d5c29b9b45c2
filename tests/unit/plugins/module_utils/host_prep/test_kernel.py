# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel settings are set once, kept over a boot, and given back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.before import PLACE
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import huge_pages, kernel
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.document import Document

Facts = dict[str, Any]
WANTED = {"vm.swappiness": "10", "net.ipv4.tcp_rmem": "4096 131072 6291456"}


def made(sysctl: dict[str, Any], pages: dict[str, str], facts: Facts) -> dict[str, Document]:
    return {document.path: document for document in kernel.documents(sysctl, pages, facts)}


def test_what_was_is_noted_when_it_is_set_first(facts: Facts) -> None:
    found = made(WANTED, {"enabled": "madvise"}, facts)
    assert json.loads(str(found[PLACE].content)) == {
        "sysctl": {"vm.swappiness": "60", "net.ipv4.tcp_rmem": "4096 131072 6291456"},
        "huge_pages": {"enabled": "always"},
    }
    assert "vm.swappiness = 10\n" in str(found[kernel.SYSCTL].content)
    assert found[kernel.SYSCTL].due
    assert found[kernel.HUGE_PAGES].due
    assert "w /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise\n" in str(found[kernel.HUGE_PAGES].content)


def test_a_second_run_has_nothing_to_do_and_keeps_the_note(facts: Facts) -> None:
    before = made(WANTED, {"enabled": "madvise"}, facts)
    facts["before"] = json.loads(str(before[PLACE].content))
    facts["sysctl"] |= WANTED
    facts["huge_pages"]["enabled"] = "madvise"
    after = made(WANTED, {"enabled": "madvise"}, facts)
    assert {path: document.content for path, document in after.items()} == {path: document.content for path, document in before.items()}
    assert not any(document.due for document in after.values())


def test_what_is_not_wanted_any_more_is_given_back(facts: Facts) -> None:
    facts["before"] = {"sysctl": {"vm.swappiness": "60", "net.core.somaxconn": "128"}, "huge_pages": {"defrag": "madvise"}}
    some = made({"vm.swappiness": "10"}, {}, facts)
    back = ("sh", "-c", "echo madvise > /sys/kernel/mm/transparent_hugepage/defrag")
    assert some[PLACE].apply == (("sysctl", "--quiet", "--write", "net.core.somaxconn=128"), back)
    assert json.loads(str(some[PLACE].content)) == {"sysctl": {"vm.swappiness": "60"}, "huge_pages": {}}
    none = made({}, {}, facts)
    assert [document.content for document in none.values()] == [None, None, None]
    assert ("sysctl", "--quiet", "--write", "vm.swappiness=60") in none[PLACE].apply


def test_what_the_host_has_not_or_may_not_set_is_left_out(facts: Facts) -> None:
    facts["sysctl_fixed"] = ["vm.swappiness"]
    facts["huge_pages"]["writable"] = False
    found = made(WANTED | {"vm.no_such": "1"}, {"enabled": "madvise"}, facts)
    assert str(found[kernel.SYSCTL].content).splitlines()[1:] == ["net.ipv4.tcp_rmem = 4096 131072 6291456"]
    assert not found[kernel.SYSCTL].due
    assert found[kernel.HUGE_PAGES].content is None


@pytest.mark.parametrize(
    ("image", "enabled"),
    [("mongo:8.0.29", "always"), ("registry.example/library/mongo:9", "always"), ("mongo:7.0", "madvise"), ("redis:8", "madvise")],
)
def test_huge_pages_are_those_that_the_databases_want(facts: Facts, image: str, enabled: str) -> None:
    compose, budget = {"services": {"db": {"image": image}}}, {"services": {"db": {"enabled": True}}}
    assert huge_pages.choose("auto", compose, budget, facts)["enabled"] == enabled
    assert huge_pages.choose("auto", compose, {"services": {"db": {"enabled": False}}}, facts)["enabled"] == "madvise"
    assert huge_pages.choose("never", compose, budget, facts) == {"enabled": "never"}
    assert huge_pages.choose("keep", compose, budget, facts) == {}
    assert huge_pages.choose("auto", compose, budget, facts | {"virtualization": "container"}) == {}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit saw is evidence for adopting the files that run there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt

from ...module_utils.observe.world import MIB, world

FILE = "name: shop\nservices:\n  app: {image: 'registry.example.com/app:1'}\n  web: {image: 'registry.example.com/web:1'}\n"


@pytest.fixture(name="audit")
def _audit(tmp_path: Path) -> Audit:
    with world(tmp_path) as host:
        host.add("app", use=1500, limit=0, peak=2000, project="shop")
        host.add("web", use=20, limit=0, project="other")
        return host.look()


def _adopted(tmp_path: Path, audit: Audit | None, text: str = FILE, *, named: bool = False, memory: str = "8g") -> dict[str, Any]:
    path = tmp_path / "compose.yml"
    path.write_text(text, encoding="utf-8")
    wish = Wish(
        capacity={"memory": memory, "cpus": 4} if memory else {},
        policy={},
        profiles=frozenset(),
        accepted={},
        host={},
        audit=audit,
        audit_named=named,
    )
    return adopt([str(path)], wish)


def test_what_was_observed_is_a_floor(tmp_path: Path, audit: Audit) -> None:
    services = _adopted(tmp_path, audit)["budget"]["services"]
    assert services["app"]["memory"]["floor"] == 1725 * MIB
    assert services["app"]["explain"]["memory.floor"].startswith("1725 MiB, from observed: a peak of 1500 MiB in a look")
    # The peak is with the kernel's cache of files, which a limit counts too.
    assert services["app"]["memory"]["limit"] >= 2000 * MIB
    assert "observed" not in services["web"]["explain"]["memory.floor"]


def test_a_limit_of_the_authors_below_which_it_was_killed_does_not_hold(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.add("app", use=500, limit=512, peak=512, kills=3, project="shop")
        audit = host.look()
    text = FILE.replace("app:1'}", "app:1', mem_limit: 512m}")
    assert _adopted(tmp_path, audit, text)["budget"]["services"]["app"]["memory"]["limit"] > 512 * MIB
    assert _adopted(tmp_path, None, text)["budget"]["services"]["app"]["memory"]["limit"] == 512 * MIB


def test_an_audit_of_another_host_is_refused_where_it_was_named(tmp_path: Path, audit: Audit) -> None:
    text = FILE.replace("name: shop", "name: blog")
    [problem] = _adopted(tmp_path, audit, text, named=True)["problems"]
    assert "no running container of project blog; it has other, shop" in problem
    assert _adopted(tmp_path, audit, text)["problems"] == []


def test_what_other_projects_hold_is_not_shared(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.add("app", use=100, limit=0, project="shop")
        host.add("db", use=300, limit=1024, project="blog")
        host.add("alone", use=100, limit=0)
        audit = host.look()
    found = _adopted(tmp_path, audit, memory="")
    [said] = [finding for finding in found["findings"] if finding["code"] == "ZH017"]
    assert said["path"] == "host.neighbours"
    # One without a limit counts by what it uses, in steps of 64 MiB.
    assert "neighbours hold 1152 MiB of" in said["message"]
    assert "blog-db-1 of blog (1024 MiB), alone (128 MiB in use)" in said["message"]
    assert found["budget"]["capacity"]["memory"] == audit.machine.memory - 1152 * MIB
    assert found["budget"]["capacity"]["cpus"] == audit.machine.cores * 1000


def test_a_stated_capacity_is_the_stacks_alone(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.add("app", use=100, limit=0, project="shop")
        host.add("db", use=300, limit=1024, project="blog")
        audit = host.look()
    found = _adopted(tmp_path, audit)
    assert found["budget"]["capacity"]["memory"] == 8192 * MIB
    assert [finding for finding in found["findings"] if finding["code"] == "ZH017"] == []

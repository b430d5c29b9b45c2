# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is only thought of passes every check, and has the shape of a real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.deploy.prepare import prepare
from ansible_collections.ziggie.stack.plugins.module_utils.host.gather import gather
from ansible_collections.ziggie.stack.plugins.module_utils.host.imagined import imagined

COMPOSE: dict[str, Any] = {
    "services": {"web": {"image": "web:1", "ports": ["80:80"], "x-budget": {"memory": {"floor": "64m", "request": "256m"}}}},
    "networks": {"default": {"ipam": {"config": [{"subnet": "172.28.0.0/16"}]}}},
}


def planned(declared: dict[str, Any]) -> dict[str, Any]:
    return prepare(COMPOSE, host=imagined(), policy={}, declared=declared, credentials=[], classes={}, disk_free="10g", pretend=True)


def test_a_declared_capacity_is_all_it_needs() -> None:
    found = planned({"memory": "8g", "cpus": 4})
    assert found["problems"] == []
    assert found["budget"]["capacity"] == {"memory": 8 << 30, "cpus": 4000}


def test_where_there_is_no_budget_it_says_what_would_be_enough() -> None:
    found = planned({"memory": "2g", "cpus": 4})
    assert found["problems"]
    assert found["fitting"]["smallest"]["memory"] == (2048 + 200 + 64) << 20
    assert found["fitting"]["leave_out"] == []
    assert planned({"memory": "8g", "cpus": 4})["fitting"] == {}


def test_without_a_capacity_it_says_so() -> None:
    assert planned({})["problems"]


def test_it_knows_nothing_that_a_real_host_does_not(tmp_path: Path) -> None:
    real = gather(
        socket=str(tmp_path / "no.sock"),
        project="ziggie",
        project_src="/opt/ziggie/stack",
        paths=[],
        sysctl=[],
        files=[],
        run=lambda *_words, **_options: (1, "", ""),
        root=str(tmp_path),
    )
    assert set(imagined()) <= set(real)
    assert set(imagined()["engine"]) <= set(real["engine"])
    assert set(imagined()["capabilities"]) <= set(real["capabilities"])

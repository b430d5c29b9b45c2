# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Budget that comes back brings its own slices along."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ziggie.stack.plugins.filter.host_files import host_files
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve

HOST: dict[str, Any] = {
    "systemd": True,
    "cgroup": {"version": 2},
    "core_ids": [0, 1],
    "project": "ziggie",
}


def budget(reservation: str) -> dict[str, Any]:
    memory = {"floor": "64m", "reservation": reservation, "request": "1g"}
    return solve(
        {"services": {"db": {"image": "db:1", "x-budget": {"tier": "critical", "memory": memory}}}}, {"memory": "8g", "cpus": 2}, {}
    ).to_dict()


@pytest.mark.parametrize("mebibytes", [128, 512])
def test_a_slice_has_the_figures_of_the_budget_that_is_given(mebibytes: int) -> None:
    files = {file["path"]: file for file in host_files(budget(f"{mebibytes}m"), HOST)}
    assert f"MemoryLow={mebibytes << 20}" in files["/etc/systemd/system/ziggie-critical.slice"]["content"].splitlines()


def test_the_scheduler_and_the_kernel_are_left_as_they_are() -> None:
    assert [file["path"] for file in host_files(budget("128m"), HOST) if "udev" in file["path"] or "sysctl" in file["path"]] == []


def test_without_systemd_there_are_none() -> None:
    assert host_files(budget("128m"), {**HOST, "systemd": False}) == []


def test_a_setting_that_nothing_reads_is_a_sentence() -> None:
    with pytest.raises(AnsibleFilterError, match=r"stack_host\.slice"):
        host_files(budget("128m"), HOST, settings={"slice": True})


def test_what_are_no_facts_is_a_sentence() -> None:
    with pytest.raises(AnsibleFilterError, match=r"expected what ziggie\.stack\.host_info returns; cgroup\.version: "):
        host_files(budget("128m"), {**HOST, "cgroup": {"version": "two"}})


def test_without_a_budget_nothing_is_touched() -> None:
    assert host_files({}, HOST) == []

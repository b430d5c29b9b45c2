# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes lie where their class says, one directory for each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host import codes
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.directories import Directory, Move, lay_out, moves

CLASSES = {"hot": "/mnt/nvme/ziggie/", "log": "/var/log/ziggie"}


def budget(**volumes: dict[str, Any]) -> Budget:
    storage = {name: {"owner": 999, "group": 999, "mode": "0700", **volume} for name, volume in volumes.items()}
    compose = {"services": {"web": {"image": "web", "x-budget": {"storage": storage}}}, "volumes": dict.fromkeys(volumes)}
    return solve(compose, {"memory": "8g", "cpus": 2})


def test_a_volume_is_a_directory_of_its_class() -> None:
    directories, findings = lay_out(budget(a_data={}, b_data={"class": "log", "mode": "0755"}), CLASSES, {})
    assert directories == [
        Directory(path="/mnt/nvme/ziggie/a", owner=999, group=999, mode="0700"),
        Directory(path="/var/log/ziggie/b", owner=999, group=999, mode="0755"),
    ]
    assert findings == []


def test_a_class_without_a_directory_is_a_finding() -> None:
    directories, findings = lay_out(budget(a_data={"class": "cold"}), CLASSES, {})
    assert directories == []
    assert [finding.code for finding in findings] == [codes.STORAGE_CLASS_UNKNOWN]
    assert "services.web.x-budget.storage.a_data.class: 'cold'" in findings[0].sentence()
    assert "hot, log" in findings[0].sentence()


def test_two_volumes_in_one_directory_are_a_finding() -> None:
    _directories, findings = lay_out(budget(a_data={}, b_data={"path": "a"}), CLASSES, {})
    assert [(finding.code, finding.path) for finding in findings] == [
        (codes.STORAGE_PATH_SHARED, "services.web.x-budget.storage.b_data.path")
    ]


def test_a_volume_inside_of_another_is_a_finding() -> None:
    _directories, findings = lay_out(budget(a_data={}, b_data={"path": "a/deep/b"}, ab_data={"path": "ab"}), CLASSES, {})
    assert [(finding.code, finding.path) for finding in findings] == [
        (codes.STORAGE_PATH_SHARED, "services.web.x-budget.storage.b_data.path")
    ]
    assert "/mnt/nvme/ziggie/a/deep/b lies inside of /mnt/nvme/ziggie/a, the directory of a_data" in findings[0].sentence()


def test_one_volume_of_two_services_is_one_directory() -> None:
    one = budget(a_data={})
    both = replace(one, services={"web": one.services["web"], "worker": one.services["web"]})
    directories, findings = lay_out(both, CLASSES, {})
    assert len(directories) == 1
    assert findings == []


def test_a_volume_that_would_leave_its_data_behind_is_a_finding() -> None:
    released = {"a_data": "/mnt/nvme/ziggie/a", "of_another_stack": "/srv/x"}
    assert lay_out(budget(a_data={}), CLASSES, released)[1] == []
    for changed in ({"class": "log"}, {"path": "b"}):
        _directories, findings = lay_out(budget(a_data=changed), CLASSES, released)
        assert [(finding.code, finding.path) for finding in findings] == [
            (codes.STORAGE_WOULD_MOVE, "services.web.x-budget.storage.a_data")
        ]
        assert "a_data lies in /mnt/nvme/ziggie/a and would be empty in " in findings[0].sentence()


def test_data_that_are_about_to_be_moved_stop_nothing() -> None:
    released = {"a_data": "/var/lib/docker/volumes/ziggie_a_data/_data"}
    assert lay_out(budget(a_data={}), CLASSES, released, ["web"])[1] == []
    assert len(lay_out(budget(a_data={}), CLASSES, released, ["worker"])[1]) == 1
    assert moves(budget(a_data={}, b_data={}), CLASSES, released, ["web"]) == [
        Move(volume="a_data", source=released["a_data"], target="/mnt/nvme/ziggie/a")
    ]
    assert moves(budget(a_data={}), CLASSES, released, ["worker"]) == []
    assert moves(budget(a_data={"class": "cold"}), CLASSES, released, ["web"]) == []

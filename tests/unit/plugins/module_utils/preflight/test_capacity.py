# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A budget is made for what the host reports, of its disks too, and for what is declared instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacity import Filesystem
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget, Taken
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.capacity import capacity_of, others
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import IMAGINED
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB

CLASSES = {"hot": "/mnt/nvme/ziggie", "log": "/var/log/ziggie"}


def disk(mount: str, device: str, usable: int, free: int | None = None) -> dict[str, Any]:
    return {"mount": mount, "device": device, "usable": usable * GIB, "free": (usable if free is None else free) * GIB}


def host(running: int = 0, **disks: dict[str, Any]) -> Facts:
    containers = [{"name": f"c{number}", "project": "ziggie"} for number in range(running)]
    plain = {
        "project": "ziggie",
        "memory": {"total": 16 * GIB, "swap_total": 2 * GIB},
        "core_ids": [0, 1, 2, 3],
        "ceilings": {"pids": 32768, "files": 9_000_000},
        "engine": {"root": "/var/lib/docker", "containers": containers},
        "disks": disks,
    }
    return Facts.from_dict(plain)


ROOT = disk("/", "/dev/vda1", 170)
ONE = host(**{"/": ROOT, "/var/lib/docker": ROOT, "/mnt/nvme/ziggie": ROOT, "/var/log/ziggie": ROOT})


def test_what_the_host_reports() -> None:
    assert capacity_of(ONE, {}, CLASSES) == {
        "memory": 16 * GIB,
        "cpus": 4,
        "cores": 4,
        "swap": 2 * GIB,
        "pids": 32768,
        "files": 9_000_000,
        "disks": {"/": {"size": 170 * GIB, "classes": ["hot", "log"], "engine": True, "system": True}},
    }


def test_what_is_declared_comes_first_and_a_plain_disk_stands_for_all() -> None:
    found = capacity_of(ONE, {"memory": "8g", "disk": "100g"}, CLASSES)
    assert (found["memory"], found["cpus"], found["disk"]) == ("8g", 4, "100g")
    assert "disks" not in found


def test_filesystems_are_told_apart_by_their_device() -> None:
    nvme, engine = disk("/mnt/nvme", "/dev/nvme0n1p1", 180), disk("/var/lib/docker", "/dev/vda1", 50)
    found = host(
        **{
            "/": disk("/", "/dev/vda1", 50),
            "/var/lib/docker": engine,
            "/mnt/nvme/ziggie": nvme,
            "/var/log/ziggie": disk("/", "/dev/vda1", 50),
        }
    )
    disks = capacity_of(found, {}, CLASSES)["disks"]
    assert sorted((entry["size"] // GIB, entry["classes"], entry["engine"], entry["system"]) for entry in disks.values()) == [
        (50, ["log"], True, True),
        (180, ["hot"], False, False),
    ]


def test_what_has_no_device_is_told_apart_by_its_mount() -> None:
    overlay, volume = disk("/", "overlay", 40), disk("/var/lib/docker", "/dev/sda", 200)
    found = host(**{"/": overlay, "/var/lib/docker": volume, "/mnt/nvme/ziggie": overlay, "/var/log/ziggie": overlay})
    disks = capacity_of(found, {}, CLASSES)["disks"]
    assert {mount: (entry["classes"], entry["engine"], entry["system"]) for mount, entry in disks.items()} == {
        "/": (["hot", "log"], False, True),
        "/var/lib/docker": ([], True, False),
    }


def test_a_disk_of_which_nothing_is_known_is_not_counted() -> None:
    assert "disks" not in capacity_of(host(**{"/var/lib/docker": disk("/", "", 0)}), {}, CLASSES)
    assert capacity_of(IMAGINED, {"memory": "8g", "cpus": 2}, CLASSES) == {"memory": "8g", "cpus": 2}


def test_what_else_lies_on_a_filesystem_is_told_where_the_budget_needs_the_room() -> None:
    def budget(left: int) -> Budget:
        filesystem = Filesystem(name="/", size=(116 + left) * GIB)
        taken = Taken(disk=filesystem, volumes=100 * GIB, images=5 * GIB, logs=GIB, reserve=10 * GIB)
        return replace(solve({"services": {"web": {"image": "web"}}}, {"memory": "8g", "cpus": 2}), disks=(taken,))

    def told(used: int, left: int, containers: int) -> list[int]:
        found = host(containers, **{"/": disk("/", "/dev/vda1", 170, 170 - used)})
        return [int(finding.amount or 0) // GIB for finding in others(found, budget(left))]

    assert told(30, 54, 0) == []
    assert told(70, 54, 0) == [60]
    assert told(70, 54, 27) == []
    assert told(131, 10, 27) == [15]
    assert list(others(IMAGINED, budget(10))) == []

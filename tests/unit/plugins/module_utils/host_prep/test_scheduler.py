# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scheduler is chosen, on hosts of every kind, and why none is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.scheduler import choose

FACTS: dict[str, Any] = {
    "cgroup": {"version": 2, "controllers": ["cpu", "io", "memory"]},
    "virtualization": "kvm",
    "block_devices": [
        {
            "name": "nvme0n1",
            "parent": "",
            "slaves": [],
            "path": "/dev/nvme0n1",
            "number": "259:0",
            "scheduler": "none",
            "schedulers": ["none", "mq-deadline"],
        },
        {"name": "sdz", "parent": "", "slaves": [], "path": "/dev/sdz", "number": "8:0", "scheduler": "bfq", "schedulers": ["none", "bfq"]},
        {"name": "dm-0", "parent": "", "slaves": ["vda"], "path": "/dev/dm-0", "number": "253:0", "scheduler": None, "schedulers": []},
        {
            "name": "vda",
            "parent": "",
            "slaves": [],
            "path": "/dev/vda",
            "number": "254:0",
            "scheduler": "none",
            "schedulers": ["none", "mq-deadline"],
        },
    ],
    "io": {"bfq": "loadable", "cost": True, "cost_devices": [], "sysfs_writable": True, "udev": True},
}


# The engine's root lies on a mapping, the class on a disk of its own.
HELD = ("dm-0", "nvme0n1")


def host(**changes: Any) -> Facts:
    facts = copy.deepcopy(FACTS)
    for place, value in changes.items():
        parent: Any = facts
        *path, last = place.split("__")
        for part in path:
            parent = parent[int(part)] if part.isdigit() else parent[part]
        parent[last] = value
    return Facts.from_dict(facts)


def test_bfq_is_chosen_for_just_the_disks_below_the_data() -> None:
    choice = choose(host(), "auto", HELD)
    assert (choice.scheduler, choice.active) == ("bfq", False)
    assert [disk.name for disk in choice.disks] == ["nvme0n1", "vda"]


def test_a_disk_of_another_class_counts() -> None:
    assert [disk.name for disk in choose(host(), "auto", [*HELD, "sdz"]).disks] == ["nvme0n1", "sdz", "vda"]


@pytest.mark.parametrize(
    ("changes", "wanted", "scheduler"),
    [
        ({"io__bfq": "absent"}, "auto", "cost"),
        ({}, "cost", "cost"),
        ({"io__bfq": "loaded"}, "cost", ""),
        ({"io__bfq": "absent", "io__cost": False}, "auto", ""),
        ({"io__bfq": "absent"}, "bfq", ""),
        ({"block_devices__3__schedulers": ["none"]}, "bfq", ""),
        ({"block_devices__3__schedulers": ["none"]}, "auto", "cost"),
        ({}, "keep", ""),
        ({"io__sysfs_writable": False}, "auto", ""),
        ({"io__udev": False}, "auto", ""),
        ({"virtualization": "container"}, "auto", ""),
        ({"cgroup__version": 1}, "auto", ""),
        ({"cgroup__controllers": ["memory"]}, "auto", ""),
        ({"held": ()}, "auto", ""),
    ],
)
def test_what_is_chosen_and_why_nothing_is(changes: dict[str, Any], wanted: str, scheduler: str) -> None:
    held = changes.get("held", HELD)
    choice = choose(host(**{place: value for place, value in changes.items() if place != "held"}), wanted, held)
    assert choice.scheduler == scheduler
    assert bool(choice.reason) is not bool(scheduler)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"io__bfq": "absent", "io__cost": False}, "neither BFQ for nvme0n1, vda nor io.cost"),
        ({"io__sysfs_writable": False}, "/sys is read-only"),
        ({"cgroup__version": 1}, "cgroup v1"),
        ({"virtualization": "container"}, "nvme0n1, vda belongs to the machine around it"),
    ],
)
def test_a_reason_names_what_it_found(changes: dict[str, Any], words: str) -> None:
    assert words in choose(host(**changes), "auto", HELD).reason


def test_what_is_in_force_is_kept_and_not_made_again() -> None:
    facts = host(block_devices__0__scheduler="bfq", block_devices__3__scheduler="bfq", io__sysfs_writable=False)
    assert [(choice.scheduler, choice.active) for choice in (choose(facts, "auto", HELD), choose(facts, "keep", HELD))] == [
        ("bfq", True)
    ] * 2


def test_io_cost_that_is_on_counts_where_there_is_no_bfq_beside_it() -> None:
    facts = host(io__cost_devices=["259:0", "254:0"])
    assert (choose(facts, "keep", HELD).scheduler, choose(facts, "keep", HELD).active) == ("cost", True)
    # The runtime writes weights for BFQ alone where that is loaded.
    facts = host(io__cost_devices=["259:0", "254:0"], io__bfq="loaded")
    assert choose(facts, "keep", HELD).scheduler == ""
    assert choose(facts, "auto", HELD).scheduler == "bfq"

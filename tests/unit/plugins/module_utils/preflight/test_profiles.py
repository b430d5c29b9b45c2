# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run reaches into a host: each profile of `stack_host` writes its own files and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import (
    BlockDevice,
    Ceilings,
    Cgroup,
    Disk,
    Engine,
    Facts,
    HugePages,
    Io,
    Memory,
    Published,
    RunningContainer,
)
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import paths
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Prepared, Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import PROFILES
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS

COMPOSE: dict[str, Any] = {"services": {"web": {"image": "web:1", "restart": "always", "ports": ["80:80"]}}}
DISK = Disk(mount="/", device="/dev/vda", filesystem="ext4", size=200 << 30, usable=190 << 30, free=150 << 30, block="vda")
SHOP = RunningContainer(name="shop-db-1", project="shop", published=(Published(address="0.0.0.0", port=5432, protocol="tcp"),))
FACTS = Facts(
    root=True,
    project="ziggie",
    systemd=True,
    virtualization="kvm",
    memory=Memory(total=16 << 30, available=8 << 30),
    core_ids=(0, 1, 2, 3),
    ceilings=Ceilings(nofile=-1, memlock=-1),
    cgroup=Cgroup(version=2, controllers=("io", "memory"), swap_limit=True),
    io=Io(udev=True, bfq="loadable", sysfs_writable=True),
    disks=dict.fromkeys(("/", "/var/lib/docker"), DISK),
    block_devices=(BlockDevice(name="vda", path="/dev/vda", number="253:0", size=200 << 30, schedulers=("none", "bfq"), scheduler="none"),),
    engine=Engine(
        running=True,
        installed=True,
        version="27.1",
        compose_version="2.30",
        cgroup_driver="systemd",
        cgroup_version="2",
        containers=(SHOP,),
    ),
    huge_pages=HugePages(enabled="always", defrag="madvise", max_ptes_none="511", writable=True),
    sysctl={"vm.swappiness": "60"},
)
WISH = Wish(sysctl={"vm.swappiness": "10"}, engine_options={"log-driver": "local"}, public_ports=(80, 443), packages={"/bin/x": "x"})

CONCERNS = {
    "slices": {paths.slice_unit("ziggie", tier) for tier in ("", *TIERS)},
    "services": {paths.JOURNAL, *(paths.drop_in(unit) for unit in paths.PROTECTED)},
    "io": {paths.IO_MODULES, paths.IO_RULES},
    "kernel": {paths.SYSCTL},
    "huge_pages": {paths.HUGE_PAGES},
    "firewall": {paths.FIREWALL_RULES, paths.FIREWALL_UNIT, paths.FIREWALL_WANTED},
    "swap": {paths.SWAP_SCRIPT, paths.SWAP_UNIT, paths.SWAP_WANTED},
    "engine": {paths.DAEMON_CONFIG},
}


def reached(found: Prepared) -> set[str]:
    """Return what a run would write to, by concern, the stack's own directories left out."""
    assert found.problems == []
    subjects = {change.subject for change in found.changes if change.kind != "directory"}
    kernel = {"kernel"} if subjects & FACTS.sysctl.keys() else set()
    written = {name for name, files in CONCERNS.items() if files & subjects} | kernel
    known = set().union(*CONCERNS.values(), FACTS.sysctl, {paths.FORMER, "nftables"})
    assert subjects <= known, subjects - known
    return written


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"profile": "limits"}, set()),
        ({"profile": "protect"}, {"slices", "services", "io"}),
        ({"profile": "full"}, {"slices", "services", "io", "kernel", "huge_pages", "firewall", "engine"}),
        ({}, {"slices", "services", "io", "kernel", "huge_pages", "firewall", "engine"}),
        ({"profile": "limits", "kernel": True}, {"kernel"}),
        ({"profile": "limits", "engine": True, "slices": True}, {"engine", "slices"}),
        ({"profile": "limits", "huge_pages": "madvise", "io": "bfq"}, {"huge_pages", "io"}),
        ({"profile": "protect", "firewall": True, "services": False}, {"slices", "io", "firewall"}),
        ({"profile": "full", "engine": False, "kernel": False, "huge_pages": "keep"}, {"slices", "services", "io", "firewall"}),
        ({"profile": "limits", "swap": "file", "swap_size": "256m"}, {"swap"}),
    ],
)
def test_a_profile_writes_its_files_and_no_others(settings: dict[str, Any], expected: set[str]) -> None:
    assert reached(prepare(COMPOSE, FACTS, replace(WISH, settings=settings))) == expected


def test_limits_leaves_a_host_alone_whatever_is_in_force_there() -> None:
    active = replace(FACTS, block_devices=(replace(FACTS.block_devices[0], scheduler="bfq"),))
    found = prepare(COMPOSE, active, replace(WISH, settings={"profile": "limits"}))
    assert reached(found) == set()
    # A weight acts here, though no run of ours saw to it.
    assert found.capabilities.io_weight
    assert found.packages == ()


def test_a_package_is_installed_where_a_service_mounts_its_file() -> None:
    mounting = {"services": {"web": {**COMPOSE["services"]["web"], "volumes": ["/bin/x:/bin/x:ro"]}}}
    assert prepare(mounting, FACTS, replace(WISH, settings={"profile": "limits"})).packages == ("x",)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_roles_are_told_whether_to_configure_the_engine(profile: str) -> None:
    found = prepare(COMPOSE, FACTS, replace(WISH, settings={"profile": profile})).to_dict()
    assert found["settings"]["profile"] == profile
    assert found["settings"]["engine"] is (profile == "full")


@pytest.mark.parametrize(("profile", "open_port"), [("full", False), ("protect", True), ("limits", True)])
def test_only_the_full_profile_closes_the_ports_of_neighbours_and_names_them(profile: str, open_port: bool) -> None:
    found = prepare(COMPOSE, FACTS, replace(WISH, settings={"profile": profile, "firewall": True}))
    (change,) = (one for one in found.changes if one.subject == paths.FIREWALL_RULES)
    rules = next(str(one.content) for one in found.documents if one.path == paths.FIREWALL_RULES)
    assert ("proto-dst { 80, 443, 5432 } accept" in rules) is open_port
    assert ("dport 5432" in rules) is not open_port
    assert ("shop-db-1 of shop: 5432" in change.effect) is not open_port


def test_an_unknown_profile_is_named() -> None:
    found = prepare(COMPOSE, FACTS, replace(WISH, settings={"profile": "limit"}))
    assert found.problems == ["stack_host.profile: 'limit' is not one of limits, protect, full; write limits"]


def test_a_missing_slice_is_explained_by_the_profile() -> None:
    reasons = prepare(COMPOSE, FACTS, replace(WISH, settings={"profile": "limits"})).capabilities.reasons
    assert "stack_host.profile is limits" in reasons["slices"]


def test_a_neighbour_holds_its_limit_or_what_it_uses() -> None:
    def planned(**memory: int) -> Prepared:
        shop = replace(SHOP, **memory)
        return prepare(COMPOSE, replace(FACTS, engine=replace(FACTS.engine, containers=(shop,))), WISH)

    mib = 1 << 20
    for memory, held in (
        ({}, 0),
        ({"memory_limit": 512 * mib, "memory": 100 * mib}, 512),
        ({"memory": 100 * mib}, 128),
        ({"memory_limit": 64 * mib, "memory": 65 * mib}, 128),
        ({"memory_limit": 64 << 30, "memory": 65 * mib}, 128),
    ):
        found = planned(**memory)
        assert found.budget
        assert found.budget.capacity.memory == (16 << 30) - held * mib
        said = [finding for finding in found.findings if finding.path == "host.neighbours"]
        assert bool(said) == bool(held)
        assert all(f"neighbours hold {held} MiB" in one.message and "shop-db-1 of shop" in one.message for one in said)


def test_the_stacks_own_containers_are_no_neighbours() -> None:
    own = RunningContainer(name="ziggie-web-1", project="ziggie", memory_limit=1 << 30)
    found = prepare(COMPOSE, replace(FACTS, engine=replace(FACTS.engine, containers=(own,))), WISH)
    assert found.budget
    assert found.budget.capacity.memory == 16 << 30


def test_a_declared_capacity_that_neighbours_hold_is_refused() -> None:
    shop = replace(SHOP, memory_limit=6 << 30)
    facts = replace(FACTS, engine=replace(FACTS.engine, containers=(shop,)))
    assert prepare(COMPOSE, facts, replace(WISH, declared={"memory": "10g"})).problems == []
    (problem,) = prepare(COMPOSE, facts, replace(WISH, declared={"memory": "11g"})).problems
    assert "11264 MiB are declared, the host has 10240 MiB beside shop-db-1 of shop" in problem


def test_a_host_that_neighbours_fill_has_nothing_to_share() -> None:
    shop = replace(SHOP, memory_limit=(16 << 30) - 1)
    found = prepare(COMPOSE, replace(FACTS, engine=replace(FACTS.engine, containers=(shop,))), WISH)
    assert found.budget is None
    assert any("leave nothing" in problem for problem in found.problems)


def test_an_adopted_project_does_not_start_beside_itself() -> None:
    compose = {**COMPOSE, "name": "shop"}
    (problem,) = prepare(compose, FACTS, replace(WISH, builtin=False)).problems
    assert problem.startswith("stack_project: 'ziggie' would start beside the project 'shop'")
    assert "shop-db-1" in problem
    assert "stack_project: shop" in problem
    assert prepare(compose, replace(FACTS, project="shop"), replace(WISH, builtin=False)).problems == []
    assert prepare({**COMPOSE, "name": "till"}, FACTS, replace(WISH, builtin=False)).problems == []

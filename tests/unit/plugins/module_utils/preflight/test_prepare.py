# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is decided for one host: from one answer of the host, also what a run would change on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Ceilings, Cgroup, Disk, Engine, Facts, Memory, PathState
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, asked_paths, prepare

STORAGE = {"db_data": {"owner": 999, "group": 999, "mode": "0700"}, "logs": {"class": "log", "path": "db/logs"}}
COMPOSE: dict[str, Any] = {
    "services": {"db": {"image": "db:1", "x-budget": {"memory": {"floor": "64m", "request": "256m"}, "storage": STORAGE}}},
    "volumes": {"db_data": None, "logs": None},
}
DISK = Disk(mount="/", device="/dev/vda1", filesystem="ext4", size=200 << 30, usable=190 << 30, free=150 << 30)
WISH = Wish(classes={"hot": "/mnt/hot", "log": "/var/log/z"}, packages={"/bin/busybox": "busybox-static"}, public_ports=(80, 443))
FACTS = Facts(
    root=True,
    project="ziggie",
    systemd=True,
    memory=Memory(total=16 << 30, available=8 << 30),
    core_ids=(0, 1, 2, 3),
    ceilings=Ceilings(nofile=-1, memlock=-1),
    cgroup=Cgroup(version=2, controllers=("memory",), swap_limit=True),
    disks=dict.fromkeys(("/", "/var/lib/docker", "/mnt/hot", "/var/log/z"), DISK),
    engine=Engine(running=True, installed=True, version="27.1", compose_version="2.30", cgroup_driver="systemd"),
)


def test_a_host_is_asked_for_every_directory_that_a_plan_compares() -> None:
    asked = asked_paths(COMPOSE, WISH)
    assert {directory.path for directory in prepare(COMPOSE, FACTS, WISH).directories} < set(asked)
    assert {"/mnt/hot/db", "/var/log/z/db/logs", "/opt/ziggie/host_prep.pending", "/bin/busybox"} <= set(asked)


def test_a_backup_has_room_in_the_budget_and_without_one_nothing_is_held() -> None:
    stored = prepare(
        COMPOSE, FACTS, replace(WISH, backup={"repositories": [{"url": "/srv/backup"}], "memory": "300m", "drill": {"memory": "100m"}})
    ).budget
    off = prepare(COMPOSE, FACTS, WISH).budget
    assert stored is not None
    assert off is not None
    assert stored.surge == 400 << 20
    assert [job.name for job in stored.jobs] == ["backup", "restore", "drill"]
    assert (off.surge, off.jobs) == (0, ())


def test_what_protects_data_is_told_where_backups_are_made() -> None:
    wish = replace(WISH, backup={"repositories": [{"url": "/srv/backup"}]})
    found = prepare(COMPOSE, replace(FACTS, project="shop", backups={"shop@host": {"stored": 60}}), wish).to_dict()["data"]
    assert [(one["place"], one.get("engine"), one.get("stored")) for one in found] == [("@host", "files", 60)]
    assert prepare(COMPOSE, FACTS, WISH).data == ()


def test_that_nothing_is_backed_up_is_told_once_for_all_and_how_to_begin() -> None:
    def told(compose: dict[str, Any], wish: Wish = WISH) -> list[str]:
        return [f"{one.severity} {one.sentence()}" for one in prepare(compose, FACTS, wish).findings if one.code == "ZK008"]

    many: dict[str, Any] = {
        "services": {f"s{number}": {"image": "x:1", "volumes": [f"data{number}:/data"]} for number in range(7)},
        "volumes": {f"data{number}": None for number in range(7)},
    }
    [line] = told(many)
    assert line.startswith(
        "info stack_backup: nothing is backed up, and there are data of s0, s1, s2, s3, s4 and 2 more; write {repositories: "
    )
    again = {"image": "x:1", "volumes": ["data:/data"], "x-budget": {"backup": {"data": {"reconstructible": "a cache"}}}}
    assert told({"services": {"s": again}, "volumes": {"data": None}}) == []
    assert told(many, replace(WISH, backup={"repositories": [{"url": "/srv/backup"}]})) == []


def test_everything_that_a_run_would_change_is_told_in_its_order() -> None:
    prepared = prepare(COMPOSE, FACTS, replace(WISH, engine_options={"log-driver": "local"}))
    assert prepared.problems == []
    kinds = [change.kind for change in prepared.changes]
    assert list(dict.fromkeys(kinds)) == ["package", "directory", "file"]
    subjects = {change.subject for change in prepared.changes}
    assert {directory.path for directory in prepared.directories} <= subjects
    assert {document.path for document in prepared.documents if document.content is not None} <= subjects
    assert {*prepared.packages, "/etc/docker/daemon.json"} <= subjects
    assert [change["subject"] for change in prepared.to_dict()["changes"]] == [change.subject for change in prepared.changes]


def test_a_host_that_is_prepared_has_nothing_to_change() -> None:
    first = prepare(COMPOSE, FACTS, WISH)
    files = {
        **{one.path: PathState(kind="file", mode=one.mode, text=one.content) for one in first.documents if one.content is not None},
        **{one.path: PathState(kind="directory", owner=one.owner, group=one.group, mode=one.mode) for one in first.directories},
        "/bin/busybox": PathState(kind="file", mode="0755"),
    }
    rules = next(str(one.content) for one in first.documents if one.path.endswith("firewall.nft"))
    loaded = replace(FACTS.firewall, nft=True, table=rules.split('comment "')[1].split('"')[0])
    assert prepare(COMPOSE, replace(FACTS, files=files, firewall=loaded), WISH).changes == ()


def test_an_imagined_host_changes_in_nothing() -> None:
    assert prepare(COMPOSE, None, replace(WISH, declared={"memory": "8g", "cpus": 2})).changes == ()


@pytest.mark.parametrize("policy", ["critical", "split"])
@pytest.mark.parametrize("tiers", [("critical",), ("critical", "workflow")])
def test_where_the_engine_cannot_be_kept_off_cores_the_plan_says_so(policy: str, tiers: tuple[str, ...]) -> None:
    services = {tier: {"image": "a:1", "x-budget": {"tier": tier, "cpus": {"reservation": 0.5}}} for tier in tiers}
    wish = replace(WISH, policy={"cpuset": policy})

    def said(facts: Facts) -> list[str]:
        found = prepare({"services": services}, facts, wish)
        assert found.budget
        assert found.budget.cores.kept
        return [finding.message for finding in found.findings if finding.path == "host.engine_cores"]

    (message,) = said(replace(FACTS, cgroup=replace(FACTS.cgroup, version=1)))
    assert "no way to keep the engine off the critical tier's cores" in message
    assert "since its kernel runs cgroup v1" in message
    assert said(FACTS) == []
    confined = [
        one.content for one in prepare({"services": services}, FACTS, wish).documents if "docker.service.d/60-ziggie.conf" in one.path
    ]
    assert "AllowedCPUs=0-2" in str(confined[0])

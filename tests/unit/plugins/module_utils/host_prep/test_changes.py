# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would change on a host is told whole, with its effect; when it is done there is nothing left to tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import (
    BlockDevice,
    Ceilings,
    Cgroup,
    ClassDevice,
    ClassState,
    Disk,
    Engine,
    Facts,
    HugePages,
    Io,
    Memory,
    PathState,
    Published,
    RunningContainer,
)
from ansible_collections.ziggie.stack.plugins.module_utils.host.layout import Directory
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import changes, paths
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.assemble import documents, undone
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.document import Document
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.firewall import digest
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.scheduler import Choice
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import Settings
from ansible_collections.ziggie.stack.plugins.module_utils.settings.storage import parse
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump, load

COMPOSE: dict[str, Any] = {"services": {"web": {"image": "web:1", "ports": ["80:80"]}}}
DISK = BlockDevice(name="vda", path="/dev/vda", size=100 << 30)
GRAFANA = RunningContainer(name="grafana-1", project="other", published=(Published(address="0.0.0.0", port=3000, protocol="tcp"),))
LOCAL = RunningContainer(name="local", published=(Published(address="127.0.0.1", port=9090, protocol="tcp"),))
WEB = RunningContainer(name="ziggie-web-1", project="ziggie", published=(Published(address="0.0.0.0", port=80, protocol="tcp"),))
FACTS = Facts(
    project="ziggie",
    systemd=True,
    virtualization="kvm",
    memory=Memory(total=16 << 30, available=8 << 30),
    core_ids=(0, 1, 2, 3),
    cgroup=Cgroup(version=2, controllers=("io", "memory")),
    ceilings=Ceilings(nofile=-1, memlock=-1),
    io=Io(udev=True),
    disks={"/": Disk(free=20 << 30, filesystem="ext4")},
    engine=Engine(running=True, installed=True, cgroup_driver="systemd", containers=(GRAFANA, LOCAL, WEB)),
    huge_pages=HugePages(enabled="always", defrag="madvise", max_ptes_none="511", writable=True),
    sysctl={"vm.swappiness": "60", "net.core.somaxconn": "4096"},
)
SYSCTL = {"vm.swappiness": "10", "net.core.somaxconn": "4096"}


def wanted(facts: Facts, **settings: Any) -> list[Document]:
    budget = solve(COMPOSE, {"memory": "16g", "cpus": 4})
    choice = Choice(scheduler="bfq", disks=(DISK,), active=facts.io.bfq == "loaded")
    return documents(COMPOSE, budget, facts, Settings(**settings), choice, sysctl=SYSCTL, ports=[80, 443])


def carried_out(facts: Facts, made: list[Document]) -> Facts:
    """Return the facts after the files are written and in force."""
    files = {one.path: PathState(kind="file", mode=one.mode, text=one.content) for one in made if one.content is not None}
    rules = next((str(one.content) for one in made if one.path == paths.FIREWALL_RULES), "")
    return replace(
        facts,
        files=files,
        firewall=replace(facts.firewall, table=digest(rules)),
        io=replace(facts.io, bfq="loaded"),
        sysctl=SYSCTL,
        huge_pages=replace(facts.huge_pages, enabled="madvise"),
    )


def test_what_is_done_is_not_told_again_and_what_is_undone_is_gone() -> None:
    made = wanted(FACTS)
    first = changes.files(made, FACTS)
    assert {change.subject for change in first} == {one.path for one in made if one.content is not None}
    assert {(change.before, change.after) for change in first} == {("absent", "written")}
    after = carried_out(FACTS, made)
    # What was noted of former settings lies in a file that the second run reads.
    after = replace(after, former=replace(after.former, sysctl=FACTS.sysctl, huge_pages={"enabled": "always"}))
    assert changes.files(wanted(after), after) == []
    assert changes.parameters(SYSCTL, after) == []
    removed = changes.files(undone(after), after)
    assert {change.subject for change in removed} == set(after.files)
    assert {change.after for change in removed} == {"removed"}


def test_the_host_is_asked_for_every_path_that_is_written() -> None:
    made = [one.path for settings in ({}, {"swap": "file"}) for one in wanted(FACTS, **settings)]
    assert {*made, paths.DAEMON_CONFIG} == set(paths.owned("ziggie"))


def test_a_file_that_differs_is_shown_line_by_line() -> None:
    document = Document(path="/etc/x", content="[a]\nb=1\nc=2\n", effect="x restarts")
    before = replace(FACTS, files={"/etc/x": PathState(kind="file", mode="0644", text="[a]\nb=0\nc=2\n")})
    (change,) = changes.files([document], before)
    assert (change.before, change.after, change.effect) == ("another content", "written", "x restarts")
    assert change.diff == ("@@ -1,3 +1,3 @@", " [a]", "-b=0", "+b=1", " c=2")
    owned = replace(FACTS, files={"/etc/x": PathState(kind="file", owner=5, mode="0600", text=document.content)})
    (change,) = changes.files([document], owned)
    assert (change.before, change.after) == ("5:0 0600", "0:0 0644")
    link = replace(FACTS, files={"/etc/x": PathState(kind="link", mode="0777")})
    assert changes.files([document], link)[0].before == "a link"
    right = replace(FACTS, files={"/etc/x": PathState(kind="file", mode="0644", text=document.content)})
    assert changes.files([document], right) == []
    assert [(change.before, change.after) for change in changes.files([replace(document, due=True)], right)] == [
        ("not in force", "in force")
    ]


def test_ports_that_close_are_named_with_whose_they_are() -> None:
    def effect(facts: Facts, ports: tuple[int, ...] = (80, 443)) -> str:
        budget = solve(COMPOSE, {"memory": "16g", "cpus": 4})
        made = documents(COMPOSE, budget, facts, Settings(), Choice(), sysctl={}, ports=ports)
        return next(one.effect for one in made if one.path == paths.FIREWALL_RULES)

    assert effect(FACTS) == "these published ports close to the world: grafana-1 of other: 3000; nothing restarts"
    assert "ziggie-web-1 of ziggie: 80" in effect(FACTS, (443,))
    # While our rules are loaded, 3000 is closed already; a port that they let through and that is public no longer closes.
    loaded = carried_out(FACTS, wanted(FACTS))
    assert effect(loaded) == "no published port closes; nothing restarts"
    assert effect(loaded, (443,)) == "these published ports close to the world: ziggie-web-1 of ziggie: 80; nothing restarts"


@pytest.mark.parametrize(
    ("engine", "effect"),
    [
        ({}, "and with it these containers stop and start: grafana-1 of other, local, ziggie-web-1"),
        ({"live_restore": True}, "containers keep running (live-restore): grafana-1 of other, local, ziggie-web-1"),
        ({"containers": ()}, "no container runs"),
    ],
)
def test_a_restart_of_the_engine_names_the_containers_that_stop(engine: dict[str, Any], effect: str) -> None:
    facts = replace(FACTS, engine=replace(FACTS.engine, **engine))
    (change,) = changes.engine(facts, {"log-driver": "local"}, configured=True)
    assert (change.subject, change.before) == ("/etc/docker/daemon.json", "absent")
    assert effect in change.effect
    assert '+  "log-driver": "local"' in change.diff
    secret = {"proxies": {"http-proxy": "http://me:pass@proxy"}, "a": 1}
    (change,) = changes.engine(replace(facts, engine=replace(facts.engine, daemon_config=secret)), {"log-driver": "local"}, configured=True)
    assert "pass" not in " ".join(change.diff)
    assert load(changes.HostChange, dump(change)) == change
    same = replace(facts, engine=replace(facts.engine, daemon_config={"log-driver": "local", "other": 1}))
    assert changes.engine(same, {"log-driver": "local"}, configured=True) == []
    assert changes.engine(facts, {"log-driver": "local"}, configured=False) == []


def test_an_engine_that_is_absent_is_installed_and_started() -> None:
    found = changes.engine(replace(FACTS, engine=Engine()), {}, configured=False)
    assert [(change.kind, change.before, change.after) for change in found] == [("engine", "not installed", "running")]


def test_a_device_is_told_step_by_step() -> None:
    classes, _wrong = parse({"hot": {"path": "/mnt/hot", "device": "/dev/disk/by-id/x"}, "log": "/var/log/z"})
    facts = replace(FACTS, storage={"hot": ClassState(device=ClassDevice(exists=True, block=DISK))})
    found = changes.devices(classes, {"hot": ("format", "unit", "mount")}, facts)
    assert [(change.subject, change.before) for change in found] == [
        ("/dev/vda (100 GiB)", "empty"),
        ("/etc/systemd/system/mnt-hot.mount", "absent"),
        ("/dev/vda (100 GiB)", "not mounted"),
    ]
    assert found[0].after == f"xfs, ziggie-hot, {classes[0].uuid}"
    assert changes.devices(classes, {}, facts) == []


def test_directories_parameters_packages_commands_and_data() -> None:
    facts = replace(
        FACTS,
        files={"/a": PathState(kind="directory", owner=1, group=1, mode="0700"), "/p": PathState(kind="file", text="[]")},
    )
    asked = [Directory(path="/a", owner=1, group=1, mode="700"), Directory(path="/a", owner=2), Directory(path="/b")]
    assert [(change.subject, change.before, change.after) for change in changes.directories(asked, facts)] == [
        ("/a", "1:1 0700", "2:0 0755"),
        ("/b", "absent", "0:0 0755"),
    ]
    assert [(change.subject, change.before, change.after) for change in changes.parameters(SYSCTL, facts)] == [
        ("vm.swappiness", "60", "10")
    ]
    assert [change.subject for change in changes.packages(["xfsprogs"])] == ["xfsprogs"]
    assert [change.kind for change in changes.commands("/p", facts)] == ["command"]
    assert changes.commands("/q", facts) == []
    (move,) = changes.moves([("data", "/old", "/new")], "db")
    assert (move.subject, move.before, move.after) == ("data", "/old", "/new")
    assert "db stops" in move.effect

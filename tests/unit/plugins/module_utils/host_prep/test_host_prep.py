# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that host preparation keeps, for hosts of every kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import BlockDevice, Cgroup, Facts, Io, RunningContainer
from ansible_collections.ziggie.stack.plugins.module_utils.host.slices import SliceState
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import scheduler, services
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.assemble import budgeted, objections
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.document import Document, in_force
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.paths import JOURNAL
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.scheduler import Choice
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.slices import taken
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import Settings, parse
from ansible_collections.ziggie.stack.plugins.module_utils.systemd import MARK, slice_name
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS

MIB = 1 << 20
COMPOSE = {
    "services": {
        "db": {"image": "db:1", "x-budget": {"tier": "critical", "memory": {"floor": "256m", "reservation": "512m", "request": "1g"}}},
        "job": {"image": "job:1", "x-budget": {"tier": "workflow", "memory": {"floor": "64m", "request": "256m"}}},
    }
}
DISK = BlockDevice(name="nvme0n1", path="/dev/nvme0n1", number="259:0", id_serial="Disk_S1")
FACTS = Facts(
    project="ziggie",
    systemd=True,
    cgroup=Cgroup(version=2),
    core_ids=(0, 1, 2, 5),
    io=Io(udev=True),
    slices={tier: SliceState(name=slice_name("ziggie", tier)) for tier in ("", *TIERS)},
)
BFQ = Choice(scheduler="bfq", disks=(DISK,))


def budget(memory: str = "16g", policy: dict[str, Any] | None = None, compose: dict[str, Any] | None = None) -> Budget:
    return solve(compose or COMPOSE, {"memory": memory, "cpus": 4}, policy or {})


def made(facts: Facts = FACTS, choice: Choice = BFQ, **settings: Any) -> dict[str, Document]:
    wanted = Settings(**{"firewall": False, "huge_pages": "keep", **settings})
    own = budgeted(budget(), facts, wanted, choice)
    found = [*(scheduler.documents(choice, facts) if facts.systemd else []), *own]
    assert len({document.path for document in found}) == len(found)
    return {document.path: document for document in found}


def test_a_host_that_can_do_everything_gets_everything() -> None:
    found = made()
    assert [path for path, document in found.items() if document.content is None] == []
    assert all(str(document.content).startswith(MARK) for document in found.values())
    assert all(document.apply for document in found.values())


def test_without_systemd_nothing_is_written() -> None:
    assert made(replace(FACTS, systemd=False)) == {}


def test_what_is_switched_off_is_taken_away() -> None:
    on, off = made(), made(choice=Choice(reason="no"), slices=False, services=False)
    assert set(on) == set(off)
    assert [path for path, document in off.items() if document.content is not None] == []
    assert all(document.to_dict()["state"] == "absent" and "content" not in document.to_dict() for document in off.values())


def test_on_cgroup_v1_only_what_acts_there_is_written() -> None:
    facts = replace(FACTS, cgroup=Cgroup(version=1))
    written = {path: str(document.content) for path, document in made(facts, Choice(reason="v1")).items() if document.content is not None}
    assert set(written) == {
        JOURNAL,
        *(f"/etc/systemd/system/{unit}.service.d/60-ziggie.conf" for unit in ("docker", "containerd", "systemd-journald")),
    }
    assert not any("Memory" in text for text in written.values())


def test_the_engine_works_for_others_on_the_cores_that_the_others_have() -> None:
    plain, kept = budget(), budget(policy={"cpuset": "critical"})
    (most,) = {share.cpus.cores for share in kept.services.values()} - {None}
    assert services.engine_cores(plain, [0, 1, 2, 5]) == ""
    assert services.engine_cores(kept, [0, 1, 2, 5]) == {1: "0", 2: "0-1", 3: "0-2"}[most]
    assert services.engine_cores(budget(policy={"cpuset": "split"}), [3, 5, 7, 9]) == services.engine_cores(kept, [3, 5, 7, 9])
    assert services.engine_cores(kept, [3, 5, 7, 9]) == {1: "3", 2: "3,5", 3: "3,5,7"}[most]

    # Also where the critical tier is all that there is: its cores are kept from the engine alone.
    alone = budget(policy={"cpuset": "critical"}, compose={"services": {"db": COMPOSE["services"]["db"]}})
    assert alone.cores.kept == 1
    assert services.engine_cores(alone, [0, 1, 2, 5]) == "0-2"

    def units(solved: Budget, facts: Facts) -> dict[str, Any]:
        found = {document.path: document for document in services.documents(solved, facts, wanted=True)}
        return {unit: found[f"/etc/systemd/system/{unit}.service.d/60-ziggie.conf"] for unit in ("docker", "containerd", "ssh")}

    confined = units(kept, FACTS)
    for unit in ("docker", "containerd"):
        assert f"AllowedCPUs={services.engine_cores(kept, FACTS.core_ids)}\n" in str(confined[unit].content)
        assert any("AllowedCPUs=0" in word for command in confined[unit].apply for word in command)
    assert not any("AllowedCPUs" in word for command in confined["ssh"].apply for word in command)
    # What was confined is so no longer where the policy is taken back; without groups of version 2 a unit has no such property.
    freed = units(plain, FACTS)
    assert "AllowedCPUs" not in str(freed["docker"].content)
    assert any("AllowedCPUs= " in f"{word} " for command in freed["docker"].apply for word in command)
    old = units(kept, replace(FACTS, cgroup=Cgroup(version=1)))
    assert "AllowedCPUs" not in str(old["docker"].content)


def test_every_group_above_a_protected_unit_is_protected_as_much() -> None:
    given = services.protections(budget())
    inside = [given[guard.unit] for guard in services.GUARDS]
    assert all(figure > 0 for figure in inside)
    assert given["system.slice"] >= sum(inside)


@pytest.mark.parametrize("reserve", ["64m", "256m", "1g", "2g", "8g"])
def test_the_protected_fit_in_half_of_the_reserve(reserve: str) -> None:
    solved = budget(policy={"reserve": {"memory": reserve}})
    given = services.protections(solved)
    assert given["system.slice"] + given["user.slice"] <= solved.reserve.memory // 2
    assert all(figure % MIB == 0 for figure in given.values())


def test_nobody_who_logs_in_inherits_a_score() -> None:
    drop_in = made()["/etc/systemd/system/ssh.service.d/60-ziggie.conf"]
    assert "OOMScoreAdjust" not in str(drop_in.content)
    assert "MemoryMin=" in str(drop_in.content)


@pytest.mark.parametrize(("disk", "size"), [("1g", "102M"), ("10g", "1024M"), ("100g", "1024M"), ("0", "64M")])
def test_the_journal_is_a_part_of_the_disks_reserve(disk: str, size: str) -> None:
    solved = budget(policy={"reserve": {"disk": disk}})
    assert services.journal(solved) == int(size[:-1]) * MIB
    found = {document.path: document.content for document in services.documents(solved, FACTS, wanted=True)}
    assert f"SystemMaxUse={size}" in str(found[JOURNAL])


def test_bfq_is_loaded_chosen_and_proved_now_and_at_every_boot() -> None:
    module, rule = scheduler.documents(BFQ, FACTS)
    assert (module.content, module.apply, module.due) == (f"{MARK}\nbfq\n", (("modprobe", "bfq"),), True)
    assert 'ENV{ID_SERIAL}=="Disk_S1", ATTR{queue/scheduler}="bfq"' in str(rule.content)
    commands = [" ".join(command) for command in rule.apply]
    assert commands[0].startswith("udevadm control")
    assert "/sys/class/block/nvme0n1" in commands[1]
    assert "[bfq]" in commands[-1]


def test_what_is_in_force_already_is_not_due() -> None:
    active = Choice(scheduler="bfq", disks=(DISK,), active=True)
    assert [document.due for document in scheduler.documents(active, FACTS)] == [False, False]


def test_io_cost_is_switched_on_for_the_disk() -> None:
    module, rule = scheduler.documents(Choice(scheduler="cost", disks=(DISK,)), FACTS)
    assert module.content is None
    assert "echo %M:%m enable=1 ctrl=auto > /sys/fs/cgroup/io.cost.qos" in str(rule.content)
    assert "^259:0 enable=1" in rule.apply[-1][-1]


@pytest.mark.parametrize("serial", ["", "a*b", 'a"b', "a[1]", "a|b"])
def test_a_disk_without_a_usable_serial_is_known_by_its_name(serial: str) -> None:
    _module, rule = scheduler.documents(Choice(scheduler="bfq", disks=(replace(DISK, id_serial=serial),)), FACTS)
    assert 'KERNEL=="nvme0n1"' in str(rule.content)


@pytest.mark.parametrize(
    ("files", "containers", "words"),
    [
        ({}, 0, ""),
        ({"file": "/etc/systemd/system/ziggie-critical.slice", "ours": True, "live": {"memory_low": 1}}, 0, ""),
        ({"file": "/usr/lib/systemd/system/ziggie-critical.slice"}, 0, "a unit that is not the stack's"),
        ({"live": {"memory_low": 0}}, 0, "other programs already run in"),
        # Our own containers, after the units were taken away.
        ({"live": {"memory_low": 0}}, 3, ""),
    ],
)
def test_a_slice_in_use_by_another_stops_the_run(files: dict[str, Any], containers: int, words: str) -> None:
    own = tuple(RunningContainer(name=f"c{number}", project="ziggie") for number in range(containers))
    critical = replace(FACTS.slices["critical"], **files)
    facts = replace(FACTS, slices={**FACTS.slices, "critical": critical}, engine=replace(FACTS.engine, containers=own))
    found = list(taken(facts))
    assert len(found) == bool(words)
    if found:
        assert words in found[0].sentence()
        assert (found[0].code, found[0].severity) == ("ZH060", "error")
    # Where there are to be no slices, nothing is in the way.
    assert list(objections(facts, Settings(slices=False, firewall=False), {}, ())) == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"slice": True}, "stack_host.slice: there is no setting of this name; write slices"),
        ({"io": "cfq"}, "stack_host.io: 'cfq' is not one of auto, bfq, cost, keep"),
        ({"io": True}, "stack_host.io: True is not one of"),
        ({"slices": "yes"}, "stack_host.slices: 'yes' is not one of true, false"),
        ({"services": 1}, "stack_host.services: 1 is not one of true, false"),
    ],
)
def test_a_wrong_setting_is_named(written: dict[str, Any], words: str) -> None:
    settings, found = parse(written)
    assert settings == Settings()
    assert words in found[0].sentence()


def test_right_settings_are_taken() -> None:
    assert parse({"slices": False, "io": "keep"}) == (Settings(slices=False, io="keep"), [])


def test_a_slice_that_runs_gets_its_figures_at_once_and_one_that_drifted_again() -> None:
    path = "/etc/systemd/system/ziggie.slice"
    document = made()[path]
    command = document.apply[0][-1]
    # A running slice keeps a figure that is gone from its unit, so that one is lifted.
    assert command.startswith(
        "systemctl is-active --quiet ziggie.slice || exit 0; systemctl set-property --runtime ziggie.slice MemoryHigh=infinity MemoryMax="
    )
    assert " /run/systemd/system.control/ziggie.slice.d/50-MemoryMax.conf " in command.partition("rm -f")[2]
    assert document.apply[-1] == ("systemctl", "daemon-reload")
    assert document.due is False
    facts = replace(FACTS, slices={**FACTS.slices, "": SliceState(name="ziggie.slice", live={"memory_max": 1})})
    assert made(facts)[path].due is True


def test_a_name_with_a_dash_survives_the_shell() -> None:
    assert "'my\\x2dstack.slice'" in in_force("my\\x2dstack.slice", {"CPUWeight": 1})[-1]


def test_a_protection_that_is_switched_off_ends_at_once() -> None:
    document = made(services=False)["/etc/systemd/system/ssh.service.d/60-ziggie.conf"]
    assert "MemoryMin=0" in document.apply[0][-1]

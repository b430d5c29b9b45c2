# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that host preparation keeps, for hosts of every kind."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host.units import MARK, describe
from ansible_collections.ziggie.stack.plugins.module_utils.host.weights import Choice
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import plane, weights
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.assemble import documents
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.checks import taken
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.document import Document, in_force
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.settings import Settings, parse

MIB = 1 << 20
COMPOSE = {
    "services": {
        "db": {"image": "db:1", "x-budget": {"tier": "critical", "memory": {"floor": "256m", "reservation": "512m", "request": "1g"}}},
        "job": {"image": "job:1", "x-budget": {"tier": "workflow", "memory": {"floor": "64m", "request": "256m"}}},
    }
}
DISK = {"name": "nvme0n1", "path": "/dev/nvme0n1", "number": "259:0", "id_serial": "Disk_S1"}
FACTS: dict[str, Any] = {
    "systemd": True,
    "cgroup": {"version": 2},
    "core_ids": [0, 1, 2, 5],
    "io": {"udev": True},
    "capabilities": {"slices": True},
    "engine": {"containers": 0},
    "slices": {tier: {"live": {}} for tier in ("", "critical", "workflow", "management")},
}
BFQ = Choice(scheduler="bfq", disks=(DISK,))


def budget(memory: str = "16g", policy: dict[str, Any] | None = None) -> dict[str, Any]:
    return solve(COMPOSE, {"memory": memory, "cpus": 4}, policy or {}).to_dict()


def made(facts: dict[str, Any] | None = None, choice: Choice = BFQ, **settings: Any) -> dict[str, Document]:
    found = documents(budget(), facts or FACTS, Settings(**settings), "ziggie", choice)
    assert len({document.path for document in found}) == len(found)
    return {document.path: document for document in found}


def test_a_host_that_can_do_everything_gets_everything() -> None:
    found = made()
    assert [path for path, document in found.items() if document.content is None] == []
    assert all(str(document.content).startswith(MARK) for document in found.values())
    assert all(document.apply for document in found.values())


def test_without_systemd_nothing_is_written() -> None:
    assert made({**FACTS, "systemd": False}) == {}


def test_what_is_switched_off_is_taken_away() -> None:
    on, off = made(), made(choice=Choice(reason="no"), slices=False, plane=False)
    assert set(on) == set(off)
    assert [path for path, document in off.items() if document.content is not None] == []
    assert all(document.to_dict()["state"] == "absent" and "content" not in document.to_dict() for document in off.values())


def test_on_cgroup_v1_only_what_acts_there_is_written() -> None:
    facts = {**FACTS, "cgroup": {"version": 1}, "capabilities": {"slices": False}}
    written = {path: str(document.content) for path, document in made(facts, Choice(reason="v1")).items() if document.content is not None}
    assert set(written) == {
        plane.JOURNAL,
        *(f"{plane.FOLDER}/{unit}.service.d/60-ziggie.conf" for unit in ("docker", "containerd", "systemd-journald")),
    }
    assert not any("Memory" in text for text in written.values())


def test_the_engine_works_for_others_on_the_cores_that_the_others_have() -> None:
    plain, kept = budget(), budget(policy={"cpuset": "critical"})
    (most,) = {service["cpus"]["cores"] for service in kept["services"].values()} - {None}
    assert plane.engine_cores(plain, [0, 1, 2, 5]) == ""
    assert plane.engine_cores(kept, [0, 1, 2, 5]) == {1: "0", 2: "0-1", 3: "0-2"}[most]
    assert plane.engine_cores(budget(policy={"cpuset": "split"}), [3, 5, 7, 9]) == plane.engine_cores(kept, [3, 5, 7, 9])
    assert plane.engine_cores(kept, [3, 5, 7, 9]) == {1: "3", 2: "3,5", 3: "3,5,7"}[most]

    def units(solved: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
        found = {document.path: document for document in plane.documents(solved, facts, wanted=True)}
        return {unit: found[f"{plane.FOLDER}/{unit}.service.d/60-ziggie.conf"] for unit in ("docker", "containerd", "ssh")}

    confined = units(kept, FACTS)
    for unit in ("docker", "containerd"):
        assert f"AllowedCPUs={plane.engine_cores(kept, FACTS['core_ids'])}\n" in str(confined[unit].content)
        assert any("AllowedCPUs=0" in word for command in confined[unit].apply for word in command)
    assert not any("AllowedCPUs" in word for command in confined["ssh"].apply for word in command)
    # What was confined is so no longer where the policy is taken back; without groups of version 2 a unit has no such property.
    freed = units(plain, FACTS)
    assert "AllowedCPUs" not in str(freed["docker"].content)
    assert any("AllowedCPUs= " in f"{word} " for command in freed["docker"].apply for word in command)
    old = units(kept, {**FACTS, "cgroup": {"version": 1}})
    assert "AllowedCPUs" not in str(old["docker"].content)


def test_every_group_above_a_protected_unit_is_protected_as_much() -> None:
    given = plane.protections(budget())
    inside = [given[guard.unit] for guard in plane.GUARDS]
    assert all(figure > 0 for figure in inside)
    assert given["system.slice"] >= sum(inside)


@pytest.mark.parametrize("reserve", ["64m", "256m", "1g", "2g", "8g"])
def test_the_protected_fit_in_half_of_the_reserve(reserve: str) -> None:
    solved = budget(policy={"reserve": {"memory": reserve}})
    given = plane.protections(solved)
    assert given["system.slice"] + given["user.slice"] <= solved["reserve"]["memory"] // 2
    assert all(figure % MIB == 0 for figure in given.values())


def test_nobody_who_logs_in_inherits_a_score() -> None:
    drop_in = made()[f"{plane.FOLDER}/ssh.service.d/60-ziggie.conf"]
    assert "OOMScoreAdjust" not in str(drop_in.content)
    assert "MemoryMin=" in str(drop_in.content)


@pytest.mark.parametrize(("disk", "size"), [("1g", "102M"), ("10g", "1024M"), ("100g", "1024M"), ("0", "64M")])
def test_the_journal_is_a_part_of_the_disks_reserve(disk: str, size: str) -> None:
    solved = budget(policy={"reserve": {"disk": disk}})
    assert plane.journal(solved) == int(size[:-1]) * MIB
    found = {document.path: document.content for document in plane.documents(solved, FACTS, wanted=True)}
    assert f"SystemMaxUse={size}" in str(found[plane.JOURNAL])


def test_bfq_is_loaded_chosen_and_proved_now_and_at_every_boot() -> None:
    module, rule = weights.documents(BFQ, FACTS)
    assert (module.content, module.apply, module.due) == (f"{MARK}\nbfq\n", (("modprobe", "bfq"),), True)
    assert 'ENV{ID_SERIAL}=="Disk_S1", ATTR{queue/scheduler}="bfq"' in str(rule.content)
    commands = [" ".join(command) for command in rule.apply]
    assert commands[0].startswith("udevadm control")
    assert "/sys/class/block/nvme0n1" in commands[1]
    assert "[bfq]" in commands[-1]


def test_what_is_in_force_already_is_not_due() -> None:
    active = Choice(scheduler="bfq", disks=(DISK,), active=True)
    assert [document.due for document in weights.documents(active, FACTS)] == [False, False]


def test_io_cost_is_switched_on_for_the_disk() -> None:
    module, rule = weights.documents(Choice(scheduler="cost", disks=(DISK,)), FACTS)
    assert module.content is None
    assert "echo %M:%m enable=1 ctrl=auto > /sys/fs/cgroup/io.cost.qos" in str(rule.content)
    assert "^259:0 enable=1" in rule.apply[-1][-1]


@pytest.mark.parametrize("serial", ["", "a*b", 'a"b', "a[1]", "a|b"])
def test_a_disk_without_a_usable_serial_is_known_by_its_name(serial: str) -> None:
    _module, rule = weights.documents(Choice(scheduler="bfq", disks=({**DISK, "id_serial": serial},)), FACTS)
    assert 'KERNEL=="nvme0n1"' in str(rule.content)


def slices_of(**files: Any) -> dict[str, Any]:
    class Empty:
        def exists(self, _name: str) -> bool:
            return False

        def text(self, _name: str) -> str:
            return ""

    found = describe(Empty(), "ziggie")  # type: ignore[arg-type]
    found["critical"].update(files)
    return found


@pytest.mark.parametrize(
    ("files", "containers", "words"),
    [
        ({}, 0, ""),
        ({"file": "/etc/systemd/system/ziggie-critical.slice", "ours": True, "live": {"memory_low": 1}}, 0, ""),
        ({"file": "/usr/lib/systemd/system/ziggie-critical.slice"}, 0, "a unit that is not the stack's"),
        ({"live": {"memory_low": 0}}, 0, "others already run in"),
        # Our own containers, after the units were taken away.
        ({"live": {"memory_low": 0}}, 3, ""),
    ],
)
def test_a_slice_in_use_by_another_stops_the_run(files: dict[str, Any], containers: int, words: str) -> None:
    facts = {**copy.deepcopy(FACTS), "slices": slices_of(**files), "engine": {"containers": containers}}
    found = list(taken(facts, "ziggie"))
    assert len(found) == bool(words)
    if found:
        assert words in found[0].sentence()
        assert (found[0].code, found[0].severity) == ("ZH060", "error")
    facts["capabilities"] = {"slices": False}
    assert list(taken(facts, "ziggie")) == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"slice": True}, "stack_host.slice: nothing reads this key; write slices"),
        ({"io": "cfq"}, "stack_host.io: 'cfq' is none of auto, bfq, cost, keep"),
        ({"io": True}, "stack_host.io: True is none of"),
        ({"slices": "yes"}, "stack_host.slices: 'yes' is none of true, false"),
        ({"plane": 1}, "stack_host.plane: 1 is none of true, false"),
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
    assert command.startswith(
        "systemctl is-active --quiet ziggie.slice || exit 0; systemctl set-property --runtime ziggie.slice MemoryMax="
    )
    assert "rm -f /run/systemd/system.control/ziggie.slice.d/50-MemoryMax.conf" in command
    assert document.apply[-1] == ("systemctl", "daemon-reload")
    assert document.due is False
    facts = {**FACTS, "slices": {**FACTS["slices"], "": {"live": {"memory_max": 1}}}}
    assert made(facts)[path].due is True


def test_a_name_with_a_dash_survives_the_shell() -> None:
    assert "'my\\x2dstack.slice'" in in_force("my\\x2dstack.slice", {"CPUWeight": 1})[-1]


def test_a_protection_that_is_switched_off_ends_at_once() -> None:
    document = made(plane=False)[f"{plane.FOLDER}/ssh.service.d/60-ziggie.conf"]
    assert "MemoryMin=0" in document.apply[0][-1]

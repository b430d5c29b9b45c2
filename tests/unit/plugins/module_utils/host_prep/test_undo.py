# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that host preparation writes is known to what undoes it."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.host.codes import SYSCTL_FIXED
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import BlockDevice, Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import assemble
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.scheduler import Choice
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import Settings

Plain = dict[str, Any]
read = Facts.from_dict


def test_what_is_written_is_taken_away(facts: Plain) -> None:
    sysctl = {"vm.swappiness": "10"}
    wanted = {"compose": {"services": {"web": {"image": "web"}}}, "settings": Settings(swap="file")}
    budget = solve(wanted["compose"], {"memory": "16g", "cpus": 4})
    disk = BlockDevice(name="vda", path="/dev/vda")
    written = assemble.documents(
        budget=budget, facts=read(facts), choice=Choice(scheduler="bfq", disks=(disk,)), sysctl=sysctl, ports=[80], **wanted
    )
    assert all(document.content for document in written)
    undone = assemble.undone(read(facts))
    assert {document.path for document in written} == {document.path for document in undone}
    assert all(document.content is None and not document.due for document in undone)


def test_a_device_under_running_containers_is_not_pulled_away(facts: Plain) -> None:
    assert assemble.undo(read(facts))["problems"] == []
    facts["storage"] = {"hot": {"target": {"source": "/dev/sdb"}, "unit": ""}}
    assert assemble.undo(read(facts))["mounted"] == ["hot"]
    assert assemble.undo(read(facts))["problems"] == []
    facts["engine"]["containers"] = [{"name": f"c{number}", "project": "ziggie"} for number in range(3)]
    assert "3 containers run" in assemble.undo(read(facts))["problems"][0]


def test_a_setting_that_cannot_be_set_is_said(facts: Plain) -> None:
    facts["sysctl_fixed"] = ["vm.swappiness"]
    findings = list(assemble.objections(read(facts), Settings(), {"vm.swappiness": "10", "vm.no_such": "1"}, [80]))
    assert [(finding.code, finding.path) for finding in findings] == [
        (SYSCTL_FIXED, "stack_sysctl.vm.swappiness"),
        (SYSCTL_FIXED, "stack_sysctl.vm.no_such"),
    ]
    assert list(assemble.objections(read(facts), Settings(), {"vm.swappiness": "60"}, [80])) == []

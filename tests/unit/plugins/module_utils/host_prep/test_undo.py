# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that host preparation writes is known to what undoes it."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.host.codes import SYSCTL_FIXED
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import assemble
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.settings import Settings

Facts = dict[str, Any]


def test_what_is_written_is_taken_away(facts: Facts) -> None:
    sysctl = {"vm.swappiness": "10"}
    written = assemble.surroundings({}, {}, facts, Settings(swap="file"), sysctl, [80])
    assert all(document.content for document in written)
    undone = assemble.undone(facts, "ziggie")
    assert {document.path for document in written} <= {document.path for document in undone}
    assert all(document.content is None and not document.due for document in undone)


def test_a_device_under_running_containers_is_not_pulled_away(facts: Facts) -> None:
    assert assemble.undo(facts, "ziggie")["problems"] == []
    facts["storage"] = {"hot": {"target": {"source": "/dev/sdb"}, "unit": ""}}
    assert assemble.undo(facts, "ziggie")["mounted"] == ["hot"]
    assert assemble.undo(facts, "ziggie")["problems"] == []
    facts["engine"]["containers"] = 3
    assert "3 containers run" in assemble.undo(facts, "ziggie")["problems"][0]


def test_a_setting_that_cannot_be_set_is_said(facts: Facts) -> None:
    facts["sysctl_fixed"] = ["vm.swappiness"]
    findings = list(assemble.objections(facts, Settings(), {"vm.swappiness": "10", "vm.no_such": "1"}, [80]))
    assert [(finding.code, finding.path) for finding in findings] == [
        (SYSCTL_FIXED, "stack_sysctl.vm.swappiness"),
        (SYSCTL_FIXED, "stack_sysctl.vm.no_such"),
    ]
    assert list(assemble.objections(facts, Settings(), {"vm.swappiness": "60"}, [80])) == []

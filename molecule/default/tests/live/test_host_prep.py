# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own services are as host preparation says, and containers have of slices and weights what this host can keep."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(name="version", scope="module")
def _version(ask: Any) -> int:
    return 2 if ask("stat -fc %T /sys/fs/cgroup").strip() == "cgroup2fs" else 1


def test_a_container_lies_in_a_slice_only_where_that_protects_it(
    service: str, version: int, budget: dict[str, Any], containers: dict[str, dict[str, Any]]
) -> None:
    wanted = f"ziggie-{budget['services'][service]['tier']}.slice" if version == 2 else ""
    assert containers[service]["HostConfig"]["CgroupParent"] == wanted


def test_without_a_scheduler_that_acts_by_them_there_are_no_weights(
    service: str, version: int, containers: dict[str, dict[str, Any]]
) -> None:
    if version == 1:
        assert containers[service]["HostConfig"]["BlkioWeight"] == 0


def test_slices_are_units_only_where_the_kernel_keeps_them(ask: Any, version: int) -> None:
    units = ask("find /etc/systemd/system -maxdepth 1 -name 'ziggie*.slice' -printf '%f\\n' | sort").split()
    assert len(units) == (4 if version == 2 else 0)


@pytest.mark.parametrize(("unit", "score"), [("docker.service", -500), ("containerd.service", -999), ("systemd-journald.service", -500)])
def test_the_hosts_services_outlive_the_containers(ask: Any, unit: str, score: int) -> None:
    assert ask(f"systemctl show --property OOMScoreAdjust --value {unit}").strip() == str(score)
    process = ask(f"systemctl show --property MainPID --value {unit}").strip()
    # A host that may not lower a score keeps what it started with; no container of the stack is below that.
    assert int(ask(f"cat /proc/{process}/oom_score_adj")) <= 0


def test_the_journal_has_a_cap(ask: Any) -> None:
    assert "SystemMaxUse=" in ask("systemd-analyze cat-config systemd/journald.conf | grep -v '^#'")


def test_nothing_is_left_to_be_put_into_force(ask: Any) -> None:
    assert ask("ls /opt/ziggie").split().count("host_prep.pending") == 0
    for unit in ("docker.service", "containerd.service", "systemd-journald.service"):
        assert ask(f"systemctl show --property NeedDaemonReload --value {unit}").strip() == "no"

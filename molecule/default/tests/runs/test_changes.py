# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs is mended by the least that mends it, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Look = Callable[[], dict[str, Any]]
Cgroup = Callable[[str, str, str], str]

# No engine tunes it, so its limits can change alone.
SERVICE = "sim-studio"


def started(inspect: Any) -> dict[str, tuple[str, str]]:
    return {name: (container["Id"], container["State"]["StartedAt"]) for name, container in inspect().items()}


def pids(cgroup: Cgroup, service: str) -> int:
    return int(cgroup(service, "pids.max", "pids.max"))


def cores(text: str) -> set[int]:
    ends = (part.partition("-") for part in text.split(","))
    return {core for first, _dash, last in ends for core in range(int(first), int(last or first) + 1)}


@pytest.mark.usefixtures("restored")
def test_a_change_of_limits_alone_is_applied_in_place(
    play: Callable[..., Any], inspect: Any, cgroup: Cgroup, budget: dict[str, Any]
) -> None:
    before, wanted = started(inspect), budget["services"][SERVICE]["pids"]
    override = {"catalog_overrides": {"services": {SERVICE: {"x-budget": {"pids": wanted + 11}}}}}
    changed = play(variables=override)
    assert changed.code == 0, changed.text[-3000:]
    assert pids(cgroup, SERVICE) == wanted + 11
    assert started(inspect) == before
    reverted = play()
    assert reverted.code == 0, reverted.text[-3000:]
    assert pids(cgroup, SERVICE) == wanted
    assert started(inspect) == before


@pytest.mark.usefixtures("restored")
def test_cores_are_kept_for_the_critical_tier_and_given_back_in_place(
    play: Callable[..., Any], ask: Any, inspect: Any, cgroup: Cgroup, budget: dict[str, Any]
) -> None:
    host, before = int(ask("nproc")), started(inspect)
    if host < 2:
        pytest.skip("the lab host has one core, and none can be kept")
    confined = {name for name, service in budget["services"].items() if service["enabled"] and service["tier"] != "critical"}

    def within() -> set[str]:
        return {name for name in before if len(cores(cgroup(name, "cpuset.cpus", "cpuset.cpus.effective"))) < host}

    kept = play(variables={"stack_policy": {"cpuset": "critical"}})
    assert kept.code == 0, kept.text[-3000:]
    assert within() == confined
    again = play("deploy", "--diff")
    assert again.recap("changed") == 0, again.text[-3000:]
    split = play(variables={"stack_policy": {"cpuset": "split"}})
    assert split.code == 0, split.text[-3000:]
    used = {name: cores(cgroup(name, "cpuset.cpus", "cpuset.cpus.effective")) for name in before}
    theirs, critical = ({core for name in names for core in used[name]} for names in (confined, set(before) - confined))
    assert theirs & critical == set()
    assert len(theirs | critical) == host
    given_back = play()
    assert given_back.code == 0, given_back.text[-3000:]
    assert within() == set()
    assert started(inspect) == before


@pytest.mark.usefixtures("restored")
def test_limits_changed_behind_our_back_are_put_right_in_place(
    play: Callable[..., Any], ask: Any, inspect: Any, cgroup: Cgroup, budget: dict[str, Any]
) -> None:
    before, wanted = started(inspect), budget["services"]["redis"]
    ask(f"docker update --memory 300m --memory-swap 300m --pids-limit 999 --cpu-shares 77 {before['redis'][0]}")
    assert pids(cgroup, "redis") == 999
    healed = play("deploy")
    assert healed.code == 0, healed.text[-3000:]
    assert healed.recap("changed") > 0
    assert pids(cgroup, "redis") == wanted["pids"]
    assert int(cgroup("redis", "memory.limit_in_bytes", "memory.max")) == wanted["memory"]["limit"]
    assert inspect()["redis"]["HostConfig"]["CpuShares"] == wanted["cpus"]["shares"]
    assert started(inspect) == before
    again = play("deploy", "--diff")
    assert again.recap("changed") == 0, again.text[-3000:]


@pytest.mark.usefixtures("restored")
def test_a_cgroup_file_changed_behind_the_engines_back_is_put_right(
    play: Callable[..., Any], ask: Any, inspect: Any, cgroup: Cgroup, budget: dict[str, Any]
) -> None:
    before = started(inspect)
    ask(f"echo 777 | tee $(find -L /sys/fs/cgroup -maxdepth 6 -path '*{before[SERVICE][0]}*' -name pids.max)")
    assert pids(cgroup, SERVICE) == 777
    assert inspect()[SERVICE]["HostConfig"]["PidsLimit"] == budget["services"][SERVICE]["pids"]
    assert play("deploy").code == 0
    assert pids(cgroup, SERVICE) == budget["services"][SERVICE]["pids"]
    assert started(inspect) == before


@pytest.mark.usefixtures("restored")
def test_a_quota_that_nobody_asked_for_goes_with_the_container(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    before = started(inspect)
    ask(f"docker update --cpus 0.5 {before[SERVICE][0]}")
    healed = play("deploy")
    assert healed.code == 0, healed.text[-3000:]
    after = started(inspect)
    assert after.pop(SERVICE) != before.pop(SERVICE)
    assert after == before
    assert inspect()[SERVICE]["HostConfig"]["NanoCpus"] == 0


@pytest.mark.usefixtures("restored")
def test_a_container_that_is_gone_comes_back_alone(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    before = started(inspect)
    ask(f"docker rm --force {before[SERVICE][0]}")
    assert play("deploy").code == 0
    after = inspect()
    assert after[SERVICE]["State"]["Health"]["Status"] == "healthy"
    assert {name: value for name, value in started(inspect).items() if name != SERVICE} == {
        name: value for name, value in before.items() if name != SERVICE
    }


@pytest.mark.usefixtures("restored")
def test_a_service_that_leaves_the_stack_is_taken_away_alone(play: Callable[..., Any], inspect: Any, budget: dict[str, Any]) -> None:
    before = started(inspect)
    # What it leaves behind goes to the margin: shared out, it would change everybody's tuning.
    margin = budget["margin"]["memory"] + budget["services"]["nginx-exporter"]["memory"]["limit"]
    variables = {"catalog_excluded": ["nginx-exporter"], "stack_policy": {"margin": {"memory": margin}}}
    played = play(variables=variables)
    assert played.code == 0, played.text[-3000:]
    after = started(inspect)
    assert "nginx-exporter" not in after
    # Prometheus no longer scrapes it, and goes on in its container; Grafana no longer shows it.
    assert {name for name in after if after[name] != before[name]} == {"grafana"}
    assert "prometheus: its configuration is reloaded" in played.text


@pytest.mark.usefixtures("restored")
def test_a_configuration_changed_on_the_host_is_written_again(play: Callable[..., Any], ask: Any) -> None:
    directory = "/opt/ziggie/stack/config/pgbouncer"
    path = f"{directory}/pgbouncer.ini"
    before, there = ask(f"md5sum {path}"), ask(f"ls {directory}")
    ask(f"echo '; by hand' >> {path} && touch {directory}/stray.ini")
    played = play()
    assert played.code == 0, played.text[-3000:]
    assert ask(f"md5sum {path}") == before
    assert ask(f"ls {directory}") == there


def test_check_mode_says_what_would_change_and_changes_nothing(play: Callable[..., Any], look: Look) -> None:
    before = look()
    override = {
        "catalog_overrides": {"services": {"redis": {"x-budget": {"memory": {"request": "300m"}}}, SERVICE: {"environment": {"A": "1"}}}}
    }
    played = play("site", "--check", "--diff", variables=override)
    assert played.code == 0, played.text[-3000:]
    assert played.recap("changed") > 0
    assert SERVICE in played.text
    assert look() == before

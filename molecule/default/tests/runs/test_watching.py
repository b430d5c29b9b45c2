# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens behind our back is in Prometheus within two minutes, and the alert on it is true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Query = Callable[[str], list[dict[str, Any]]]

DRIFTED, KILLED, DYING = "open-webui", "sim-studio", "flowise"
# The host looks twice a minute, the exporter is scraped four times, rules are evaluated twice; a host that runs tests is late.
BOUND = 150


def waited(query: Query, expr: str, *, there: bool = True) -> list[dict[str, Any]]:
    """Return what an expression answers as soon as it answers something, or nothing where that is waited for."""
    until = time.monotonic() + BOUND
    while bool(found := query(expr)) != there and time.monotonic() < until:
        time.sleep(3)
    return found


def alert(name: str, **labels: str) -> str:
    matchers = ",".join(f'{key}="{value}"' for key, value in {"alertname": name, **labels}.items())
    return f"ALERTS{{{matchers}}}"


DRIFT = alert("BudgetDrift", service=DRIFTED, limit="pids")


@pytest.fixture(name="before", scope="module")
def _before(play: Callable[..., Any], ask: Any, inspect: Any, query: Query) -> Iterator[dict[str, Any]]:
    """Do what the tests below wait for, all at once, since most of their time is waiting; yield the containers from before."""
    before = inspect()
    assert query(DRIFT) == []
    ask(f"docker update --pids-limit 999 {before[DRIFTED]['Id']}")
    # Reads a line without end into memory; the kernel takes the largest, so the service itself goes on.
    ask(f"docker exec {before[KILLED]['Id']} sh -c 'tail /dev/zero || true' || true")
    identifier = before[DYING]["Id"]
    for _time in range(4):
        ask(f"kill -KILL $(docker inspect --format '{{{{.State.Pid}}}}' {identifier})")
        ask(
            f"for try in $(seq 100); do [ $(docker inspect --format '{{{{.State.Running}}}}' {identifier}) = true ] && exit; sleep 0.2; done; exit 1"
        )
        time.sleep(2)
    yield before
    # A container keeps what befell it for as long as it lives, and validation goes on to say so.
    ask(f"docker rm --force {before[KILLED]['Id']} {before[DYING]['Id']}")
    assert play("deploy").code == 0


@pytest.mark.usefixtures("before")
def test_a_container_that_dies_again_and_again(query: Query) -> None:
    assert waited(query, alert("RestartLoop", service=DYING, alertstate="firing"))
    assert waited(query, f'ziggie_service_restarts_total{{service="{DYING}"}} >= 4')


def test_a_kill_at_the_limit(before: dict[str, Any], inspect: Any, query: Query) -> None:
    (found,) = waited(query, alert("ServiceOomKilled", service=KILLED, alertstate="firing"))
    assert (found["severity"], found["tier"]) == ("warning", "workflow")
    assert waited(query, f'increase(ziggie_service_memory_events_total{{event="oom_kill",service="{KILLED}"}}[10m]) > 0')
    assert waited(query, f'increase(ziggie_service_oom_notices_total{{service="{KILLED}"}}[10m]) > 0')
    assert inspect()[KILLED]["State"]["StartedAt"] == before[KILLED]["State"]["StartedAt"]


def test_a_limit_changed_behind_our_back(play: Callable[..., Any], before: dict[str, Any], query: Query) -> None:
    (found,) = waited(query, DRIFT)
    assert (found["severity"], found["tier"]) == ("warning", "management")
    # By its name: a Prometheus that was restarted remembers for five minutes what a container before it was called.
    named = f'{{service="{DRIFTED}",container="{before[DRIFTED]["Name"].removeprefix("/")}"}}'
    assert [series["value"] for series in query(f"ziggie_service_pids_limit{named}")] == [999]
    assert play("deploy").code == 0
    assert waited(query, DRIFT, there=False) == []


@pytest.mark.usefixtures("restored")
def test_a_host_that_looks_no_more(play: Callable[..., Any], ask: Any, query: Query) -> None:
    stale, file = alert("LiveStateStale"), "/run/ziggie-live-state/ziggie.prom"
    assert query(stale) == []
    # As after ten minutes of silence, without waiting for them.
    # The service, too: a look that is under way would write a fresh one.
    ask("systemctl stop ziggie-live-state.timer ziggie-live-state.service")
    ask(f"sed -i 's/^ziggie_live_state_timestamp_seconds .*/ziggie_live_state_timestamp_seconds '$(($(date +%s) - 600))'/' {file}")
    ask(f"touch --date='10 minutes ago' {file}")
    (found,) = waited(query, stale)
    assert (found["severity"], found["service"]) == ("warning", "host")
    ask(f"rm {file}")
    assert waited(query, "absent(ziggie_live_state_timestamp_seconds)")
    mended = play("deploy")
    assert mended.code == 0, mended.text[-3000:]
    assert ask("systemctl is-active ziggie-live-state.timer").strip() == "active"
    assert waited(query, stale, there=False) == []
    again = play("deploy", "--diff")
    assert again.recap("changed") == 0, again.text[-3000:]

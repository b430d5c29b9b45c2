# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation names what was broken, and fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults import breaks
from ansible_collections.ziggie.stack.tests.integration.faults.lab import Verdict, ask, container, until

pytestmark = pytest.mark.integration

Verdicts = Callable[..., Verdict]

FAULTS = {
    "docker update behind our back": (lambda: breaks.updated_behind_our_back("redis"), "compliance.limits[redis]", "limits.memory is"),
    "a limit smaller than the Budget's": (
        lambda: breaks.smaller_than_the_budget("nginx-exporter"),
        "compliance.budget[nginx-exporter]",
        "smaller than the Budget's",
    ),
    "a container replaced by hand": (
        lambda: breaks.replaced_by_hand("nginx-exporter"),
        "compliance.definition[nginx-exporter]",
        "not what",
    ),
    "a changed configuration file": (lambda: breaks.changed_file("loki/local-config.yaml"), "compliance.files[loki]", "local-config.yaml"),
    "a password rotated on one side": (
        lambda: breaks.password_of_one_side("n8n", "n8n_password"),
        "health.login[postgres]",
        "n8n",
    ),
    "a process that is up but sick": (lambda: breaks.stopped_in_its_tracks("mcp-gateway"), "health.probe[mcp-gateway]", "no answer"),
    "a process killed for memory": (lambda: breaks.killed_for_memory("sim-studio"), "compliance.oom[sim-studio]", "x-budget.memory.floor"),
    "a clock that jumps ahead": (lambda: breaks.jumped_clock(3600), "compliance.clock[]", "off the controller's"),
    "a clock that jumps back": (lambda: breaks.jumped_clock(-3600), "compliance.clock[]", "off the controller's"),
    "a full disk": (lambda: breaks.full_disk("/var/log/ziggie", "loki"), "compliance.room[loki_data]", "are free"),
    "a volume on the wrong disk": (
        lambda: breaks.on_the_wrong_disk("portainer", "portainer_data"),
        "compliance.volume[portainer_data]",
        "/mnt/elsewhere",
    ),
}


@pytest.mark.parametrize(("fault", "path", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_fails_by_name(
    fault: Callable[[], AbstractContextManager[None]], path: str, words: str, verdict: Verdicts, before: set[str]
) -> None:
    assert path not in before
    with fault():
        found = verdict()
    assert found.outcome(path) == "fail", found.said
    assert words in found.sentence(path)
    assert found.code != 0
    assert path.removesuffix("[]") in found.said


def test_an_exporter_that_lies_dead_is_named(verdict: Verdicts) -> None:
    """It is there and runs; only Prometheus notices, at its next scrape."""
    with breaks.stopped_in_its_tracks("redis-exporter"):
        until(lambda: not scraped("redis"), "Prometheus misses the exporter")
        found = verdict()
    assert found.outcome("health.exporter[redis]") == "fail", found.said
    assert "cannot scrape" in found.sentence("health.exporter[redis]")


def test_nothing_is_left_behind(verdict: Verdicts, before: set[str]) -> None:
    """After all of it the host is as it was, with no process or file of ours."""
    until(lambda: scraped("redis"), "Prometheus sees the exporter again")
    assert verdict().named("fail") <= before
    left = ask("ps -eo args | grep -E '[p]gbench|[r]edis-cli|[a]b -q|[m]ongosh --quiet --norc --host .*serverStatus' || true")
    assert left == ""


def scraped(job: str) -> bool:
    query = f"http://127.0.0.1:9090/api/v1/query?query=up%7Bjob%3D%22{job}%22%7D"
    said = ask(f"docker exec {container('prometheus')} wget -q -O - '{query}'")
    return '"1"]' in said

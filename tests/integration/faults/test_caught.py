# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation names what was broken, and fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import cache

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults import breaks
from ansible_collections.ziggie.stack.tests.integration.faults.lab import Verdict, ask, until, validate

pytestmark = pytest.mark.integration

Break = Callable[[], AbstractContextManager[None]]

# What can be wrong at once is broken at once: a validation costs more than a fault. By fault how it is made, the check that must fail, and words of it.
AT_ONCE: tuple[dict[str, tuple[Break, str, str]], ...] = (
    {
        "docker update behind our back": (lambda: breaks.updated_behind_our_back("redis"), "compliance.limits[redis]", "limits.memory is"),
        "a limit smaller than the Budget's": (
            lambda: breaks.smaller_than_the_budget("nginx-exporter"),
            "compliance.budget[nginx-exporter]",
            "smaller than the Budget's",
        ),
        "a changed configuration file": (
            lambda: breaks.changed_file("loki/local-config.yaml"),
            "compliance.files[loki]",
            "local-config.yaml",
        ),
        "a password rotated on one side": (
            lambda: breaks.password_of_one_side("n8n", "n8n_password"),
            "health.login[postgres]",
            "n8n",
        ),
        "a process killed for memory": (
            lambda: breaks.killed_for_memory("sim-studio"),
            "compliance.oom[sim-studio]",
            "x-budget.memory.floor",
        ),
        "a full disk": (lambda: breaks.full_disk("/var/log/ziggie", "loki"), "compliance.room[loki_data]", "are free"),
        "a clock that jumps ahead": (lambda: breaks.jumped_clock(3600), "compliance.clock[]", "off the controller's"),
    },
    {
        "a container replaced by hand": (
            lambda: breaks.replaced_by_hand("nginx-exporter"),
            "compliance.definition[nginx-exporter]",
            "not what",
        ),
        "a volume on the wrong disk": (
            lambda: breaks.on_the_wrong_disk("portainer", "portainer_data"),
            "compliance.volume[portainer_data]",
            "/mnt/elsewhere",
        ),
        "a process that is up but sick": (lambda: breaks.stopped_in_its_tracks("mcp-gateway"), "health.probe[mcp-gateway]", "no answer"),
        "an exporter that lies dead": (
            lambda: breaks.silent_exporter("redis-exporter", "redis"),
            "health.exporter[redis]",
            "cannot scrape",
        ),
        "a clock that jumps back": (lambda: breaks.jumped_clock(-3600), "compliance.clock[]", "off the controller's"),
    },
)


@pytest.fixture(name="verdicts", scope="module")
def _verdicts(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Verdict]:
    """Break what is broken at once, and validate once."""

    @cache
    def verdict(position: int) -> Verdict:
        with ExitStack() as broken:
            for fault, _path, _words in AT_ONCE[position].values():
                broken.enter_context(fault())
            return validate(tmp_path_factory.mktemp("caught"))

    return verdict


@pytest.mark.parametrize(
    ("position", "path", "words"),
    [
        pytest.param(position, path, words, id=name)
        for position, faults in enumerate(AT_ONCE)
        for name, (_fault, path, words) in faults.items()
    ],
)
def test_a_fault_fails_by_name(position: int, path: str, words: str, before: set[str], verdicts: Callable[[int], Verdict]) -> None:
    assert path not in before
    found = verdicts(position)
    assert found.outcome(path) == "fail", found.said
    assert words in found.sentence(path)
    assert found.code != 0
    assert path.removesuffix("[]") in found.said


def test_nothing_is_left_behind(verdict: Callable[..., Verdict], before: set[str]) -> None:
    """After all of it the host is as it was, with no process or file of ours."""
    until(lambda: all(breaks.scraped(job) for job in ("redis", "nginx", "mcp-gateway")), "Prometheus sees again what did not answer")
    assert verdict().named("fail") <= before
    left = ask("ps -eo args | grep -E '[p]gbench|[r]edis-cli|[a]b -q|[m]ongosh --quiet --norc --host .*serverStatus' || true")
    assert left == ""

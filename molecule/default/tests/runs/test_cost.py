# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the deploy step sends to the host on each path, and that its order and Compose's own view of it hold.

Time is noise here; module executions and Compose commands are what a run costs, and they can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

# One call, whatever there is to do.
NO_CHANGE, ONE_SERVICE, COLD = 1, 1, 1
# Site until the service is up: lock, host, comparison for the plan, secrets, files, comparison, one tier. The plan shows that the host needs nothing.
SITE_ONE_SERVICE = 7
# From here on it waits for Prometheus, and asks it as often as it takes.
AFTERWARDS = "TASK [ziggie.stack.monitoring : Validating"
SERVICE = "sim-studio"
TIERS = ("critical", "workflow", "management")


def sent(text: str, hostname: str) -> int:
    return len(re.findall(rf"^<{hostname}> EXEC ", text, re.MULTILINE))


def made(played: Any) -> int:
    """Count the Compose commands that make containers."""
    return len(re.findall(r"^\s*- up --no-start ", played.text, re.MULTILINE))


def remove(ask: Any, *services: str) -> None:
    chosen = services or [""]
    labels = [f"com.docker.compose.service={name}" if name else "com.docker.compose.project=ziggie" for name in chosen]
    for label in labels:
        ask(f"docker rm --force $(docker ps --all --quiet --filter label={label}) >/dev/null")


def test_nothing_changed(play: Callable[..., Any], hostname: str) -> None:
    played = play("deploy", "-vvv")
    assert played.code == 0, played.text[-3000:]
    assert (played.recap("changed"), sent(played.text, hostname), made(played)) == (0, NO_CHANGE, 0)


@pytest.mark.usefixtures("restored")
def test_one_service_gone(play: Callable[..., Any], ask: Any, hostname: str) -> None:
    remove(ask, SERVICE)
    played = play("deploy", "-vvv", log="deploy-one.log")
    assert played.code == 0, played.text[-3000:]
    assert (sent(played.text, hostname), made(played)) == (ONE_SERVICE, 1)


@pytest.mark.usefixtures("restored")
def test_one_service_changed(play: Callable[..., Any], hostname: str, inspect: Any) -> None:
    before = {name: container["Id"] for name, container in inspect().items()}
    override = {"catalog_overrides": {"services": {SERVICE: {"environment": {"COST": "1"}}}}}
    played = play("site", "-vvv", variables=override, log="site-one.log")
    assert played.code == 0, played.text[-3000:]
    assert made(played) == 1
    assert sent(played.text.partition(AFTERWARDS)[0], hostname) == SITE_ONE_SERVICE
    after = {name: container["Id"] for name, container in inspect().items()}
    assert [name for name in before if after[name] != before[name]] == [SERVICE]


@pytest.mark.usefixtures("restored")
def test_no_container_at_all(play: Callable[..., Any], ask: Any, hostname: str, inspect: Any, budget: dict[str, Any]) -> None:
    remove(ask)
    played = play("deploy", "-vvv", log="deploy-cold.log")
    assert played.code == 0, played.text[-3000:]
    assert (sent(played.text, hostname), made(played)) == (COLD, 1)
    containers = inspect()
    starts: dict[str, list[str]] = {tier: [] for tier in TIERS}
    healthy: dict[str, list[str]] = {tier: [] for tier in TIERS}
    for name, container in containers.items():
        tier = budget["services"][name]["tier"]
        starts[tier].append(container["State"]["StartedAt"])
        healthy[tier] += [probe["End"] for probe in (container["State"].get("Health") or {}).get("Log", []) if probe["ExitCode"] == 0][:1]
    # The engine writes both in UTC.
    assert min(starts["workflow"]) > max(healthy["critical"])
    assert min(starts["management"]) > max(healthy["workflow"])
    hashes = dict(line.split() for line in ask("cd /opt/ziggie/stack && docker compose config --hash '*'").splitlines())
    assert {name: container["Config"]["Labels"]["com.docker.compose.config-hash"] for name, container in containers.items()} == {
        name: hashes[name] for name in containers
    }

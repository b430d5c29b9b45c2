# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that nginx hands requests to run in several containers, and one of them may be away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

BEHIND = ("ziggie-api", "mcp-gateway")
TWICE = {"catalog_overrides": {"services": {name: {"deploy": {"replicas": 2}} for name in BEHIND}}}


def containers(ask: Any, service: str) -> list[str]:
    listed = "docker ps -q --filter label=com.docker.compose.project=ziggie --filter label=com.docker.compose.service="
    return list(ask(f"{listed}{service}").split())


def outcomes(text: str) -> dict[str, str]:
    """Return the outcome of each check that the table shows."""
    return {name: outcome for outcome, name in re.findall(r"(pass|fail|unknown)  +([a-z]+\.[a-z]+\[[^\]]+\])", text)}


@pytest.mark.usefixtures("restored")
def test_one_of_two_is_restarted_and_no_request_fails(play: Callable[..., Any], ask: Any, budget: dict[str, Any]) -> None:
    deployed = play(variables=TWICE)
    assert deployed.code == 0, deployed.text[-3000:]
    limits = json.loads(ask("cat /opt/ziggie/stack/budget.json"))["services"]
    for name in BEHIND:
        found = json.loads(ask(f"docker inspect {' '.join(containers(ask, name))}"))
        assert [container["HostConfig"]["Memory"] for container in found] == [limits[name]["memory"]["limit"]] * 2
    assert play("deploy", variables=TWICE).recap("changed") == 0

    rolled = play("validate", "--tags", "compliance,restart", variables={"validation_restarted": list(BEHIND)})
    asked = {name: outcome for name, outcome in outcomes(rolled.text).items() if name.startswith("restart.")}
    assert set(asked) == {f"restart.{what}[{name}/{number}]" for what in ("time", "requests") for name in BEHIND for number in (1, 2)}
    assert {name for name, outcome in asked.items() if outcome != "pass"} == set(), rolled.text[-6000:]

    ask(f"docker rm --force {containers(ask, BEHIND[0])[0]}")
    short = play("validate")
    assert outcomes(short.text)[f"compliance.running[{BEHIND[0]}]"] == "fail"
    assert "1 containers of it are there, not 2" in short.text
    assert play("deploy", variables=TWICE).code == 0
    assert len(containers(ask, BEHIND[0])) == 2
    assert budget["services"][BEHIND[0]]["replicas"] == 1

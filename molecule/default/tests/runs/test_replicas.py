# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that nginx hands requests to run in several containers, and one of them may be away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BEHIND = ("ziggie-api", "mcp-gateway")
TWICE = {"catalog_overrides": {"services": {name: {"deploy": {"replicas": 2}} for name in BEHIND}}}


def containers(ask: Any, service: str) -> list[str]:
    listed = "docker ps -q --filter label=com.docker.compose.project=ziggie --filter label=com.docker.compose.service="
    return list(ask(f"{listed}{service}").split())


def outcomes(directory: Path, hostname: str) -> dict[str, str]:
    """Return the outcome of each check of the report that a validation wrote."""
    checks = json.loads((directory / f"validation-{hostname}.json").read_text(encoding="utf-8"))["checks"]
    return {f"{check['name']}[{check['subject']}]": check["outcome"] for check in checks}


@pytest.mark.usefixtures("restored")
def test_one_of_two_is_restarted_and_no_request_fails(
    play: Callable[..., Any], ask: Any, budget: dict[str, Any], hostname: str, tmp_path: Path
) -> None:
    deployed = play(variables=TWICE)
    assert deployed.code == 0, deployed.text[-3000:]
    limits = json.loads(ask("cat /opt/ziggie/stack/budget.json"))["services"]
    for name in BEHIND:
        found = json.loads(ask(f"docker inspect {' '.join(containers(ask, name))}"))
        assert [container["HostConfig"]["Memory"] for container in found] == [limits[name]["memory"]["limit"]] * 2
    assert play("deploy", variables=TWICE).recap("changed") == 0

    report = {"validation_directory": str(tmp_path)}
    rolled = play("validate", "--tags", "compliance,restart", variables={**report, "validation_restarted": list(BEHIND)})
    asked = {name: outcome for name, outcome in outcomes(tmp_path, hostname).items() if name.startswith("restart.")}
    assert set(asked) == {f"restart.{what}[{name}/{number}]" for what in ("time", "requests") for name in BEHIND for number in (1, 2)}
    assert {name for name, outcome in asked.items() if outcome != "pass" and name.startswith("restart.requests")} == set(), rolled.text[
        -6000:
    ]

    ask(f"docker rm --force {containers(ask, BEHIND[0])[0]}")
    short = play("validate", variables=report)
    assert outcomes(tmp_path, hostname)[f"compliance.running[{BEHIND[0]}]"] == "fail"
    assert "1 containers of it are there, not 2" in short.text
    assert play("deploy", variables=TWICE).code == 0
    assert len(containers(ask, BEHIND[0])) == 2
    assert budget["services"][BEHIND[0]]["replicas"] == 1

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that nginx hands requests to: one of several containers may be away, and new ones take over without a request that fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

Load = Callable[[], AbstractContextManager[dict[str, int]]]

SEVERAL, ALONE = "ziggie-api", "mcp-gateway"
# What takes over has to fit beside what serves.
SURGE = 1 << 30
BROKEN = {"entrypoint": [], "command": ["sh", "-c", "echo broken on purpose; exit 3"]}


def variables(budget: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the variables of a run, with what more is written of each service.

    The host is larger by the second container and the surge: shared out anew, everybody's memory would change, and every container with it.
    """
    capacity = {key: budget["capacity"][key] for key in ("memory", "cpus", "disk")}
    capacity["memory"] += budget["services"][SEVERAL]["memory"]["limit"] + SURGE
    capacity["cpus"] /= 1000
    services: dict[str, Any] = {SEVERAL: {"deploy": {"replicas": 2}}} | {name: {} for name in more if name != SEVERAL}
    for name, changes in more.items():
        services[name] |= changes
    return {
        "stack_capacity": capacity,
        "stack_policy": {"surge": {"memory": SURGE}},
        "release_watch": 1,
        "catalog_overrides": {"services": services},
    }


def containers(ask: Any, service: str) -> list[str]:
    listed = "docker ps -q --filter label=com.docker.compose.project=ziggie --filter label=com.docker.compose.service="
    return list(ask(f"{listed}{service}").split())


def outcomes(directory: Path, hostname: str) -> dict[str, str]:
    """Return the outcome of each check of the report that a validation wrote."""
    checks = json.loads((directory / f"validation-{hostname}.json").read_text(encoding="utf-8"))["checks"]
    return {f"{check['name']}[{check['subject']}]": check["outcome"] for check in checks}


@pytest.mark.usefixtures("restored")
def test_new_containers_take_over_and_no_request_fails(
    play: Callable[..., Any], ask: Any, inspect: Any, budget: dict[str, Any], load: Load, hostname: str, tmp_path: Path
) -> None:
    untouched = inspect()["postgres"]["Id"]
    deployed = play(variables=variables(budget))
    assert deployed.code == 0, deployed.text[-3000:]
    assert inspect()["postgres"]["Id"] == untouched
    limits = json.loads(ask("cat /opt/ziggie/stack/budget.json"))["services"]
    found = json.loads(ask(f"docker inspect {' '.join(containers(ask, SEVERAL))}"))
    assert [container["HostConfig"]["Memory"] for container in found] == [limits[SEVERAL]["memory"]["limit"]] * 2
    again = play("deploy", "--diff")
    assert again.recap("changed") == 0, again.text[-3000:]

    # One that is away is not missed.
    report = {"validation_directory": str(tmp_path)}
    rolled = play("validate", "--tags", "compliance,restart", variables={**report, "validation_restarted": [SEVERAL]})
    asked = {name: outcome for name, outcome in outcomes(tmp_path, hostname).items() if name.startswith("restart.")}
    number = '{{index .Config.Labels "com.docker.compose.container-number"}}'
    numbers = ask(f"docker inspect -f '{number}' {' '.join(containers(ask, SEVERAL))}").split()
    assert set(asked) == {f"restart.{what}[{SEVERAL}/{one}]" for what in ("time", "requests") for one in numbers}
    assert {outcome for name, outcome in asked.items() if name.startswith("restart.requests")} == {"pass"}, rolled.text[-6000:]

    # New ones take over.
    new = {"environment": {"ROLLED": "1"}}
    before = {name: set(containers(ask, name)) for name in (SEVERAL, ALONE)}
    with load() as answers:
        deployed = play(variables=variables(budget, **{SEVERAL: new, ALONE: new}))
    assert deployed.code == 0, deployed.text[-6000:]
    assert deployed.text.count("start-first: each stopped only once its new one is healthy") == 2
    assert set(answers) == {"answered"}, answers
    assert answers["answered"] > 200
    after = {name: set(containers(ask, name)) for name in (SEVERAL, ALONE)}
    assert {name: (len(after[name]), after[name] & before[name]) for name in after} == {SEVERAL: (2, set()), ALONE: (1, set())}
    again = play("deploy", "--diff")
    assert again.recap("changed") == 0, again.text[-3000:]

    # One that fails is the only one that is made, and is all that goes.
    with load() as answers:
        failed = play(variables=variables(budget, **{SEVERAL: {**new, **BROKEN}, ALONE: new}))
    assert failed.code != 0
    assert "The others were not touched, and serve: " in failed.text, failed.text[-6000:]
    assert "and healthy." in failed.text.partition("The stack is back on release ")[2], failed.text[-6000:]
    assert {name: set(containers(ask, name)) for name in after} == after
    assert set(answers) == {"answered"}, answers

    # One that is missing is made, and one too many, as a run leaves it that is killed before it stops the old one, goes.
    ask(f"docker rm --force {containers(ask, SEVERAL)[0]}")
    more = f"cd /opt/ziggie/stack && docker compose -p ziggie up --detach --no-deps --no-recreate --scale {ALONE}=2 {ALONE}"
    ask(f"{more} 2>&1")
    short = play("validate", variables=report)
    assert outcomes(tmp_path, hostname)[f"compliance.running[{SEVERAL}]"] == "fail"
    assert "1 containers of it are there, not 2" in short.text
    assert play("deploy").code == 0
    assert (len(containers(ask, SEVERAL)), len(containers(ask, ALONE))) == (2, 1)

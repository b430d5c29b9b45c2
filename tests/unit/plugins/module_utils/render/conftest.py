# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's stack, its budget on the report's host, and what is to be watched of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalogue.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.render.watched import Watched

FILES = Path(__file__).parents[5] / "roles" / "catalog" / "files"
HOST = {"memory": "16g", "cpus": 4}
SETTINGS = {"heartbeat": {"secret": "beat_url"}, "backups": {"postgres": "/srv/backups"}}


@pytest.fixture(scope="session")
def catalogue() -> dict[str, Any]:
    """Return the stack as it is by default."""
    paths = [FILES / "stack.yml", *sorted((FILES / "services").glob("*.yml"))]
    merged, findings = merge([yaml.safe_load(path.read_text()) for path in paths], {}, ["promtail"])
    assert not findings
    return merged


@pytest.fixture(scope="session")
def solved(catalogue: dict[str, Any]) -> dict[str, Any]:
    """Return its budget, with everything on."""
    credentials = ["certbot_domain", "certbot_email", "github_runner_token"]
    return solve(catalogue, HOST, {"credentials": credentials}).to_dict()


@pytest.fixture(scope="session")
def watched(catalogue: dict[str, Any], solved: dict[str, Any]) -> Watched:
    """Return what there is to watch."""
    return Watched(budget=solved, compose=catalogue, settings=SETTINGS)


def without(watched: Watched, *names: str) -> Watched:
    """Return the same stack with some services off."""
    services = {
        name: {**service, "enabled": service["enabled"] and name not in names} for name, service in watched.budget["services"].items()
    }
    return Watched(
        budget={**watched.budget, "services": services}, compose=watched.compose, settings=watched.settings, live_state=watched.live_state
    )


@pytest.fixture(scope="session")
def switch_off() -> Any:
    """Return the function that switches services off."""
    return without

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog's stack, its budget on the report's host, and what is to be monitored of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.budget.surge import Job
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import Settings
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitored import Monitored

FILES = Path(__file__).parents[5] / "roles" / "catalog" / "files"
JOBS = (Job(name="backup", parts={"stack_backup.memory": 256 << 20}, otherwise="", fix=""),)
HOST = {"memory": "16g", "cpus": 4}
SETTINGS = Settings.of({"heartbeat": {"secret": "beat_url"}, "backups": {"postgres": "/srv/backups"}})


@pytest.fixture(scope="session")
def catalog() -> dict[str, Any]:
    """Return the stack as it is by default."""
    paths = [FILES / "stack.yml", *sorted((FILES / "services").glob("*.yml"))]
    merged, findings = merge([yaml.safe_load(path.read_text()) for path in paths], {})
    assert not findings
    return merged


@pytest.fixture(scope="session")
def solved(catalog: dict[str, Any]) -> Budget:
    """Return its budget, with everything on."""
    credentials = ["certbot_domain", "certbot_email", "github_runner_token"]
    return solve(catalog, HOST, {"credentials": credentials}, jobs=JOBS)


@pytest.fixture(scope="session")
def monitored(catalog: dict[str, Any], solved: Budget) -> Monitored:
    """Return what there is to watch."""
    return Monitored(budget=solved, compose=catalog, settings=SETTINGS)


def without(monitored: Monitored, *names: str) -> Monitored:
    """Return the same stack with some services off."""
    services = {
        name: replace(service, enabled=service.enabled and name not in names) for name, service in monitored.budget.services.items()
    }
    return replace(monitored, budget=replace(monitored.budget, services=services))


@pytest.fixture(scope="session")
def switch_off() -> Any:
    """Return the function that switches services off."""
    return without

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration that a default stack gets, as files that its own programs can check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.budget.surge import Job
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import mount
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.tests.integration.monitoring import checkers

JOBS = (Job(name="backup", parts={"stack_backup.memory": 256 << 20}, otherwise="", fix=""),)
SETTINGS = {"heartbeat": {"secret": "beat_url", "interval": "10s"}, "backups": {"postgres": "/srv/backups"}}
ROLES = Path(__file__).parents[3] / "roles"
CREDENTIALS = ["certbot_domain", "certbot_email", "github_runner_token", "pager_url", "chat_url", "bot_token", "mail_password", "beat_url"]
RECEIVERS = [
    {"name": "pager", "type": "webhook", "secret": "pager_url", "severity": "critical"},
    {"name": "chat", "type": "slack", "channel": "#ops", "secret": "chat_url"},
    {"name": "bot", "type": "telegram", "chat_id": -100, "secret": "bot_token", "tiers": ["critical"]},
    {
        "name": "mail",
        "type": "email",
        "to": "ops@example.org",
        "from": "ziggie@example.org",
        "smarthost": "mail.example.org:587",
        "username": "ziggie",
        "secret": "mail_password",
        "severity": "info",
    },
]


@pytest.fixture(scope="session", autouse=True)
def _checkers() -> None:
    lacking = checkers.missing()
    assert not lacking, lacking


@pytest.fixture(scope="session")
def definition() -> dict[str, Any]:
    """Return the default stack with one receiver of each type."""
    fragments, unreadable = read(ROLES / "catalog" / "files")
    merged, findings = merge(fragments, {})
    mounted, wrong = mount(merged, {**SETTINGS, "receivers": RECEIVERS}, CREDENTIALS)
    assert not [*unreadable, *findings, *wrong]
    return mounted


@pytest.fixture(scope="session")
def budget(definition: dict[str, Any]) -> dict[str, Any]:
    """Return its budget on the report's host."""
    return solve(definition, {"memory": "16g", "cpus": 4}, {"credentials": CREDENTIALS}, jobs=JOBS).to_dict()


@pytest.fixture(scope="session")
def rendered(definition: dict[str, Any], budget: dict[str, Any]) -> dict[str, str]:
    """Return every configuration file."""
    return render([ROLES / "catalog" / "templates", ROLES / "monitoring" / "templates"], budget, definition)

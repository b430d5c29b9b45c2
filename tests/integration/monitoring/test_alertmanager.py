# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alertmanager reads its configuration, and tells whom it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.configuration import document
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import text
from ansible_collections.ziggie.stack.tests.integration.monitoring import checkers

pytestmark = pytest.mark.integration

CONFIGURATION = "config/alertmanager/alertmanager.yml"


@pytest.fixture
def directory(rendered: dict[str, str], tmp_path: Path) -> Path:
    """Return a directory with the configuration."""
    (tmp_path / "alertmanager.yml").write_text(rendered[CONFIGURATION])
    return tmp_path


def test_alertmanager_reads_its_configuration(directory: Path) -> None:
    checked = checkers.run("amtool", ["check-config", "alertmanager.yml"], directory)
    assert checked.returncode == 0, checked.stderr + checked.stdout
    assert "6 receivers" in checked.stdout


def test_alertmanager_reads_the_configuration_without_receivers(tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yml").write_text(text("alertmanager.yml", document([])))
    checked = checkers.run("amtool", ["check-config", "alertmanager.yml"], tmp_path)
    assert checked.returncode == 0, checked.stderr + checked.stdout


@pytest.mark.parametrize(
    ("alertname", "severity", "tier", "told"),
    [
        ("X", "critical", "critical", "pager,chat,bot,mail"),
        ("X", "critical", "workflow", "pager,chat,mail"),
        ("X", "warning", "critical", "chat,bot,mail"),
        ("X", "warning", "management", "chat,mail"),
        ("X", "info", "critical", "mail"),
        ("Watchdog", "none", "management", "heartbeat"),
    ],
)
def test_each_alert_reaches_whom_it_should(directory: Path, alertname: str, severity: str, tier: str, told: str) -> None:
    labels = [f"severity={severity}", f"tier={tier}", f"alertname={alertname}", "service=y"]
    checked = checkers.run("amtool", ["config", "routes", "test", "--config.file=alertmanager.yml", *labels], directory)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.strip() == told

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kill on the host reaches a webhook, and a heartbeat is called again and again: exporter, scrape, rule, route and secret, with the real programs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import RUNBOOK
from ansible_collections.ziggie.stack.tests.integration.monitoring import checkers

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).with_name("deliver.py")


def test_an_alert_reaches_a_webhook_and_the_heartbeat_beats(rendered: dict[str, str], tmp_path: Path) -> None:
    for name in ("prometheus/prometheus.yml", "prometheus/alerts.yml", "alertmanager/alertmanager.yml"):
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(_hurried(rendered[f"config/{name}"]))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pager").write_text("http://127.0.0.1:9100/hook")
    (tmp_path / "secrets" / "heartbeat").write_text("http://127.0.0.1:9100/beat")
    mounts = {"prometheus": "/etc/prometheus", "alertmanager": "/etc/alertmanager", "secrets": "/run/secrets"}
    told = subprocess.run(
        [
            *("docker", "run", "--rm", "--network=none", "--add-host=alertmanager:127.0.0.1", "--add-host=node-exporter:127.0.0.1"),
            *(word for name, target in mounts.items() for word in ("-v", f"{tmp_path / name}:{target}:ro")),
            *("-v", f"{SCRIPT}:/deliver.py:ro", "--entrypoint=python3", checkers.IMAGE, "/deliver.py"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    calls = json.loads(told.stdout)
    beats = calls["/beat"]
    assert [beat["receiver"] for beat in beats] == ["heartbeat"] * 3
    assert {alert["labels"]["alertname"] for beat in beats for alert in beat["alerts"]} == {"Watchdog"}
    call = calls["/hook"][0]
    assert call["receiver"] == "pager"
    (alert,) = call["alerts"]
    assert alert["labels"]["alertname"] == "ServiceOomKilled"
    assert {key: alert["labels"][key] for key in ("service", "tier", "severity", "host")} == {
        "service": "redis",
        "tier": "critical",
        "severity": "critical",
        "host": "ziggie",
    }
    assert alert["annotations"] == {
        "summary": "redis was OOM-killed at its memory limit",
        "runbook_url": f"{RUNBOOK}#serviceoomkilled",
    }


def _hurried(configuration: str) -> str:
    """Return a configuration that asks, evaluates and tells every second."""
    return re.sub(r"(interval|timeout|group_wait): \w+", r"\1: 1s", configuration)

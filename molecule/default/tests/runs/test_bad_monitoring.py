# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitoring that would not work is named, and what watches the stack stays as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Look = Callable[[], dict[str, Any]]

WEBHOOK = {"name": "pager", "type": "webhook", "secret": "pager_url"}
PLACES = "/var/backups/postgres"

SETTINGS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a receiver without its secret": (
        {"monitoring_receivers": [WEBHOOK]},
        ["monitoring_receivers[0].secret", "the credential 'pager_url' has no value; set stack_credentials.pager_url"],
    ),
    "a heartbeat without its address": (
        {"monitoring_heartbeat": {"secret": "beat_url", "interval": "1s"}},
        [
            "monitoring_heartbeat.secret: the credential 'beat_url' has no value; set stack_credentials.beat_url",
            "monitoring_heartbeat.interval: expected an interval of 10 s or more, got '1s'; write 30s, 1m or 2h",
        ],
    ),
    "backups of a service that there is not": (
        {"monitoring_backups": {"postgrse": PLACES}},
        ["monitoring_backups.postgrse: unknown service; write postgres"],
    ),
}

# Told before anything reaches the host.
HERE: dict[str, tuple[str, str, list[str]]] = {
    "a template that does not parse": (
        "prometheus/own.yml",
        "groups: [\n",
        ["prometheus/own.yml does not parse", "Correct the file"],
    ),
    "a template that cannot be rendered": (
        "loki/local-config.yaml.j2",
        "{{ budget.servics.loki }}\n",
        ["loki/local-config.yaml.j2", "servics", "cannot be rendered", "Correct the file"],
    ),
    "a service renamed under a dashboard": (
        "grafana/dashboards/own.json",
        '{"panels": [{"targets": [{"expr": "up{service=\\"postgresql\\"}"}]}]}\n',
        ["grafana/dashboards/own.json: it asks for service 'postgresql', and there is none of that name; write postgres"],
    ),
}

# Told by the programs themselves, on the host.
THERE: dict[str, tuple[str, str, list[str]]] = {
    "a rule that Prometheus refuses": (
        "prometheus/alerts.yml",
        "groups: [{name: own, rules: [{alert: Own, expr: 'sum by ('}]}]\n",
        ["Nothing was written", "/opt/ziggie/stack/config/prometheus/alerts.yml is refused by the program that reads it"],
    ),
    "a route that Alertmanager refuses": (
        "alertmanager/alertmanager.yml",
        "route: {receiver: gone}\nreceivers: [{name: nobody}]\n",
        ["Nothing was written", "/opt/ziggie/stack/config/alertmanager/alertmanager.yml is refused by the program that reads it"],
    ),
}


def told(text: str) -> str:
    """Return output as one line, since Ansible wraps it."""
    return " ".join(text.replace("\\n", " ").replace("\\'", "'").split())


def test_settings_that_are_wrong_touch_nothing(play: Callable[..., Any], look: Look) -> None:
    before = look()
    played = play(variables={name: value for variables, _words in SETTINGS.values() for name, value in variables.items()})
    assert played.code != 0, played.text[-3000:]
    assert [word for _variables, words in SETTINGS.values() for word in words if word not in told(played.text)] == [], played.text[-3000:]
    assert "Traceback" not in played.text
    assert look() == before


@pytest.mark.parametrize("files", [HERE, THERE], ids=["here", "there"])
def test_files_that_are_wrong_touch_nothing(
    play: Callable[..., Any], look: Look, query: Any, tmp_path: Path, files: dict[str, tuple[str, str, list[str]]]
) -> None:
    for name, content, _words in files.values():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    before = look()
    played = play(variables={"release_template_directories": [str(tmp_path)]})
    assert played.code != 0, played.text[-3000:]
    assert [word for *_file, words in files.values() for word in words if word not in told(played.text)] == [], played.text[-3000:]
    assert "Traceback" not in played.text
    assert look() == before
    assert query("prometheus_config_last_reload_successful")[0]["value"] == 1


@pytest.mark.usefixtures("restored")
def test_a_metric_that_vanished_is_named(play: Callable[..., Any], query: Any) -> None:
    # The exporter still answers, and no longer says what rules need.
    quiet = {"command": ["--web.listen-address=172.28.5.254:9100", "--path.rootfs=/host", "--no-collector.meminfo"]}
    services: dict[str, Any] = {"node-exporter": quiet}
    first = play(variables={"catalog_overrides": {"services": services}})
    assert first.code == 0, first.text[-3000:]
    until = time.monotonic() + 90
    while not query("absent(node_memory_MemAvailable_bytes)") and time.monotonic() < until:
        time.sleep(3)
    # Any run that changes something says so from then on.
    services["sim-studio"] = {"x-budget": {"pids": 111}}
    second = play(variables={"catalog_overrides": {"services": services}})
    assert second.code == 0, second.text[-3000:]
    assert "does not get" in told(second.text)
    assert "node_memory_MemAvailable_bytes" in told(second.text)
    assert query("up == 0") == []

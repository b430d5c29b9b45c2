# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule fires when it should, and not just before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.tests.integration.monitoring import checkers
from ansible_collections.ziggie.stack.tests.integration.monitoring.cases import Case, cases

pytestmark = pytest.mark.integration

RULES = "config/prometheus/alerts.yml"


@pytest.fixture(scope="module")
def groups(rendered: dict[str, str]) -> list[dict[str, Any]]:
    """Return the groups of the rules file."""
    return yaml.safe_load(rendered[RULES])["groups"]


def _alerts(groups: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def test_prometheus_reads_the_rules(rendered: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "alerts.yml").write_text(rendered[RULES])
    checked = checkers.run("promtool", ["check", "rules", "--lint=all", "--lint-fatal", "alerts.yml"], tmp_path)
    assert checked.returncode == 0, checked.stderr + checked.stdout


def test_prometheus_reads_its_configuration(rendered: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "alerts.yml").write_text(rendered[RULES])
    (tmp_path / "prometheus.yml").write_text(
        rendered["config/prometheus/prometheus.yml"].replace("/etc/prometheus/alerts.yml", "alerts.yml")
    )
    checked = checkers.run("promtool", ["check", "config", "prometheus.yml"], tmp_path)
    assert checked.returncode == 0, checked.stderr + checked.stdout


def test_every_alert_has_a_case(groups: list[dict[str, Any]], budget: dict[str, Any]) -> None:
    assert {case.alert for case in cases(budget)} == set(_alerts(groups))


def test_alerts_fire_when_they_should_and_not_just_before(groups: list[dict[str, Any]], budget: dict[str, Any], tmp_path: Path) -> None:
    alerts = _alerts(groups)
    names = []
    for number, case in enumerate(cases(budget)):
        needed = _needed(case, groups)
        (tmp_path / f"rules{number}.yml").write_text(json.dumps({"groups": needed}))
        # In no order of its own promtool may look for an alert before the series of that moment is there.
        order = {"group_eval_order": [group["name"] for group in needed]}
        (tmp_path / f"test{number}.yml").write_text(json.dumps(_document(number, case, alerts[case.alert]) | order))
        names.append(f"test{number}.yml")
    checked = checkers.run("promtool", ["test", "rules", *names], tmp_path)
    assert checked.returncode == 0, checked.stderr + checked.stdout


def test_nothing_is_pending_on_a_fresh_host(rendered: dict[str, str], tmp_path: Path) -> None:
    """A deployment fills the disk for ten minutes and keeps the API from its health checks for two; promtool's own tests of alerts see only what fires."""
    disk = 'device="/dev/vda1",fstype="ext4",mountpoint="/"'
    request = 'http_request_duration_seconds_%s{job="ziggie-api",route="/health",status="503"%s}'
    series = {
        f"node_filesystem_avail_bytes{{{disk}}}": "39000-300x20 33000-1x700",
        f"node_filesystem_size_bytes{{{disk}}}": "100000x720",
        request % ("bucket", ',le="0.5"'): "0x720",
        request % ("bucket", ',le="2.5"'): "0+30x4 120+3x700",
        request % ("bucket", ',le="+Inf"'): "0+30x4 120+3x700",
        request % ("count", ""): "0+30x4 120+3x700",
    }
    looks = [
        {"eval_time": at, "expr": 'ALERTS{severity!="none"}', "exp_samples": []}
        for at in ("2m", "5m", "10m", "30m", "1h", "2h", "3h30m", "6h")
    ]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "30s", "input_series": inputs, "promql_expr_test": looks}
    (tmp_path / "alerts.yml").write_text(rendered[RULES])
    (tmp_path / "test.yml").write_text(json.dumps({"rule_files": ["alerts.yml"], "evaluation_interval": "30s", "tests": [test]}))
    checked = checkers.run("promtool", ["test", "rules", "test.yml"], tmp_path)
    assert checked.returncode == 0, checked.stderr + checked.stdout


def _needed(case: Case, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rule and the series of the Budget that it reads, so that a case of a day does not evaluate all the others."""
    expr = _alerts(groups)[case.alert]["expr"]
    budget, *others = groups
    series = [rule for rule in budget["rules"] if rule["record"] in expr]
    group = next(group for group in others if any(rule["alert"] == case.alert for rule in group["rules"]))
    alert = [rule for rule in group["rules"] if rule["alert"] == case.alert]
    kept = [*([{**budget, "rules": series}] if series else []), {**group, "rules": alert}]
    return [{**group, "interval": case.step} for group in kept]


def _document(number: int, case: Case, rule: dict[str, Any]) -> dict[str, Any]:
    expected = {
        "exp_labels": {**case.labels, "severity": case.severity},
        "exp_annotations": {"summary": case.summary, "runbook_url": rule["annotations"]["runbook_url"]},
    }
    return {
        "rule_files": [f"rules{number}.yml"],
        "evaluation_interval": case.step,
        "tests": [
            {
                "name": f"{case.alert} {word}",
                "interval": case.step,
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [{"eval_time": case.at, "alertname": case.alert, "exp_alerts": alerts}],
            }
            for word, series, alerts in (("fires", case.fires, [expected]), ("nearly fires", case.nearly, []))
            if series is not None
        ],
    }

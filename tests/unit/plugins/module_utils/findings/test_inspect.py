# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole files: the report's, our own, and anything at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.findings.accept import fold
from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import Settings
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitoring import documents
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import alert_groups
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.tests.unit.effort import growth
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
CATALOG = Path(__file__).resolve().parents[5] / "roles/catalog/files"
HOST = {
    "block_devices": [{"path": "/dev/vda", "type": "disk"}, {"path": "/dev/vda1", "type": "part"}],
    "capabilities": {"io_weight": False},
    "cores": 4,
    "disks": {"/": {"mount": "/"}},
    "memory": {"total": 16 * 1024**3},
}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1g", "1h30m", "redis", "a:b:c"])
KEYS = st.text(max_size=4) | st.sampled_from(
    [
        "services",
        "image",
        "healthcheck",
        "test",
        "volumes",
        "networks",
        "deploy",
        "resources",
        "limits",
        "ports",
        "environment",
        "depends_on",
    ]
)
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=30)
SERVICE_KEYS = """
    blkio_config cap_add cap_drop command cpus depends_on deploy entrypoint environment healthcheck image logging mem_limit networks pids_limit
    ports secrets stop_grace_period sysctls tmpfs ulimits volumes x-budget
"""
SERVICE = st.dictionaries(st.sampled_from(SERVICE_KEYS.split()), ANYTHING, max_size=6)


def codes(compose: Any, severity: str, **known: Any) -> set[str]:
    return {finding.code for finding in inspect(compose, **known) if finding.severity == severity}


def test_the_reports_own_stack_lights_up() -> None:
    compose = yaml.safe_load((HERE / "report-compose.yml").read_text(encoding="utf-8"))
    known = {"host": HOST, "rules_files": {"alerts.yml": (HERE / "report-alerts.yml").read_text(encoding="utf-8")}}
    expected = yaml.safe_load((HERE / "report-findings.yml").read_text(encoding="utf-8"))
    assert {severity: sorted(codes(compose, severity, **known)) for severity in expected} == expected


def test_our_own_catalog_has_no_error_and_the_warnings_that_are_right() -> None:
    fragments, _unreadable = read(CATALOG)
    compose, _wrong = merge(fragments, {}, [])
    assert codes(compose, "error") == set()
    assert codes(compose, "warning") <= {"ZB102", "ZB161"}
    budget = solve(compose, {"memory": "16g", "cpus": 4})
    compiled = compile_stack(compose, budget)
    rules = {
        "alerts.yml": yaml.safe_dump(
            documents(budget, compose, Settings.of({}), groups=alert_groups())["config/prometheus/alerts.yml"], width=10_000
        )
    }
    assert codes(compiled, "error", rules_files=rules) == set()
    assert codes(compiled, "warning", rules_files=rules) <= {"ZB102", "ZB161"}


@given(ANYTHING)
def test_anything_at_all_is_looked_at_without_a_crash(compose: Any) -> None:
    inspect(compose, host=compose, accepted=compose)


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=3), SERVICE, max_size=3), ANYTHING)
def test_services_of_any_shape_are_looked_at_without_a_crash(services: dict[str, Any], rest: Any) -> None:
    inspect({"services": services, "volumes": rest, "networks": rest, "secrets": rest}, rules_files={"a": str(rest)})


def test_the_order_of_services_does_not_matter() -> None:
    services = yaml.safe_load((HERE / "report-compose.yml").read_text(encoding="utf-8"))["services"]
    backwards = dict(reversed(services.items()))
    assert inspect({"services": services}) == inspect({"services": backwards})


def test_the_work_grows_as_the_stack_does() -> None:
    """Every rule looks at each service; none of them looks at all others for each."""
    images = ["postgres:17", "redis:8", "mongo:8", "example/app:1", "nickfedor/watchtower", "node:22"]

    def work(size: int) -> Callable[[], Any]:
        services = {
            f"s{number}": {
                "image": images[number % len(images)],
                "environment": {"DB_PASSWORD": "${PW}", "WATCHTOWER_MONITOR_ONLY": "true"},
                "ports": [f"{number + 1000}:80"],
                "volumes": [f"v{number}:/data"],
                "x-accepted": {"ZB160": "it is public"},
            }
            for number in range(size)
        }
        return lambda: fold(inspect({"services": services, "volumes": {f"v{number}": None for number in range(size)}}))

    assert growth(work, 60, 240) < 1.1


def test_a_long_cycle_is_a_short_sentence() -> None:
    ring = {"services": {f"s{at}": {"image": "x:1", "depends_on": [f"s{(at + 1) % 500}"]} for at in range(500)}}
    (found,) = (finding for finding in inspect(ring) if finding.code == "ZB280")
    assert found.message == "the dependencies form a cycle: s0 → s1 → s2 → s3 → s4 → s5 → s6 → 493 more → s0"


def test_a_version_past_its_support_is_that_of_its_own_program() -> None:
    (found,) = (finding for finding in inspect({"services": {"db": {"image": "mariadb:10.6.4"}}}) if finding.code == "ZB103")
    assert found.message == "support of mariadb 10.6 ended on 2026-07-06"

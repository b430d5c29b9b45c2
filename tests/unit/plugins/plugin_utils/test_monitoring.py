# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is generated from the Budget, as the text of files: fast, and the same at each run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.tests.unit.effort import calls, growth
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import reader

FILES = Path(__file__).parents[4] / "roles" / "catalog" / "files"
MADE = {
    "config/alertmanager/alertmanager.yml",
    "config/grafana/dashboards/api.json",
    "config/grafana/dashboards/budget.json",
    "config/grafana/dashboards/databases.json",
    "config/grafana/dashboards/host.json",
    "config/grafana/dashboards/logs.json",
    "config/grafana/dashboards/overview.json",
    "config/nginx-front/index.html",
    "config/prometheus/alerts.yml",
    "config/prometheus/prometheus.yml",
}

PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".yml": yaml.safe_load,
    ".html": lambda text: reader.read(text).every("main"),
}


@pytest.fixture(name="compose", scope="module")
def _compose() -> dict[str, Any]:
    fragments, _unreadable = read(FILES)
    merged, _findings = merge(fragments, {})
    return merged


@pytest.fixture(name="budget", scope="module")
def _budget(compose: dict[str, Any]) -> dict[str, Any]:
    return solve(compose, {"memory": "16g", "cpus": 4}).to_dict()


def _many(compose: dict[str, Any], budget: dict[str, Any], number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the stack with copies of one service, as many as are wanted in all."""
    names = [f"service-{copy}" for copy in range(number - len(compose["services"]))]
    more = {**compose, "services": {**compose["services"], **dict.fromkeys(names, compose["services"]["flowise"])}}
    return more, {**budget, "services": {**budget["services"], **dict.fromkeys(names, budget["services"]["flowise"])}}


def test_every_file_is_made_and_parses(compose: dict[str, Any], budget: dict[str, Any]) -> None:
    made = render([], budget, compose)
    assert set(made) == MADE
    for path, content in made.items():
        assert PARSERS[Path(path).suffix](content)
        assert content.endswith("\n")
    assert render([], budget, compose, generate=False) == {}


def test_the_same_budget_gives_the_same_bytes_in_any_order(compose: dict[str, Any], budget: dict[str, Any]) -> None:
    turned = {**budget, "services": dict(reversed(budget["services"].items()))}
    assert render([], budget, compose) == render([], turned, compose)


def test_a_file_of_the_operator_replaces_what_is_made(compose: dict[str, Any], budget: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "prometheus").mkdir()
    (tmp_path / "prometheus" / "alerts.yml").write_text("groups: []\n")
    assert render([tmp_path], budget, compose)["config/prometheus/alerts.yml"] == "groups: []\n"


@pytest.mark.parametrize(("name", "content"), [("prometheus/alerts.yml", "groups: [\n"), ("grafana/dashboards/own.json", '{"uid": }')])
def test_a_file_that_does_not_parse_is_named(
    compose: dict[str, Any], budget: dict[str, Any], tmp_path: Path, name: str, content: str
) -> None:
    place = tmp_path / name
    place.parent.mkdir(parents=True)
    place.write_text(content)
    with pytest.raises(ValueError, match=f"{name} does not parse"):
        render([tmp_path], budget, compose)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("prometheus/alerts.yml", "groups: [{name: own, rules: [{alert: Own, expr: 'up{service=\"postgrse\"} == 0'}]}]\n"),
        ("grafana/dashboards/own.json", '{"panels": [{"targets": [{"expr": "up{service=~\\"redis|postgrse\\"}"}]}]}'),
        ("grafana/dashboards/own.json", '{"panels": [{"targets": [{"expr": "up{service=~\\"$service|postgrse\\"}"}]}]}'),
        ("grafana/dashboards/own.json", '{"panels": [{"targets": [{"expr": "up{service=~\\"${service:regex}|postgrse\\"}"}]}]}'),
        ("loki/rules.yml", "expr: '{service=`postgrse`}'\n"),
    ],
)
def test_a_service_renamed_under_a_dashboard_is_named(
    compose: dict[str, Any], budget: dict[str, Any], tmp_path: Path, name: str, content: str
) -> None:
    place = tmp_path / name
    place.parent.mkdir(parents=True)
    place.write_text(content)
    with pytest.raises(ValueError, match=f"{name}: it asks for service 'postgrse', and there is none of that name; write postgres"):
        render([tmp_path], budget, compose)
    place.write_text(content.replace("postgrse", "postgres"))
    assert render([tmp_path], budget, compose)[f"config/{name}"] == content.replace("postgrse", "postgres")


def test_a_pattern_that_is_more_than_names_is_nobodys_mistake(compose: dict[str, Any], budget: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "prometheus").mkdir()
    asked = ('service=~".+"', 'service=~"$service"', 'service=~"${service:regex}|redis"', 'service="host"')
    (tmp_path / "prometheus/alerts.yml").write_text(f"a: '{' or '.join(f'up{{{matcher}}}' for matcher in asked)}'\n")
    assert render([tmp_path], budget, compose)


def test_the_settings_come_with_the_definition(compose: dict[str, Any], budget: dict[str, Any]) -> None:
    settings = {"host": "vps1", "runbook": "https://wiki.example", "receivers": [{"name": "hook", "type": "webhook", "secret": "url"}]}
    made = render([], budget, {**compose, "x-monitoring": settings})
    assert "host: vps1" in made["config/prometheus/prometheus.yml"]
    assert "https://wiki.example#hostdown" in made["config/prometheus/alerts.yml"]
    assert "url_file: /run/secrets/hook" in made["config/alertmanager/alertmanager.yml"]


def test_work_grows_as_the_stack(compose: dict[str, Any], budget: dict[str, Any]) -> None:
    def work(number: int) -> Callable[[], Any]:
        more, larger = _many(compose, budget, number)
        return lambda: render([], larger, more)

    assert growth(work, 100, 400) < 1.15


# Rules, dashboards and page take 0.04 s of a processor for 27 services and 0.9 s for 1,000, of 0.5 s and 10 s that they may; a call is a
# third of a microsecond. The page's part is in its own test.
@pytest.mark.parametrize(("services", "most"), [(27, 100_000), (1000, 2_000_000)])
def test_so_much_work_and_no_more(compose: dict[str, Any], budget: dict[str, Any], services: int, most: int) -> None:
    more, larger = _many(compose, budget, services)
    assert len(larger["services"]) >= services
    assert calls(lambda: render([], larger, more)) < most

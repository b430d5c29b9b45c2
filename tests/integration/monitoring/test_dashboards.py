# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every panel asks something that can be asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.tests.integration.monitoring import checkers

pytestmark = pytest.mark.integration

# What Grafana puts in the place of its variables.
VARIABLES = {"$__rate_interval": "1m", "$__auto": "1m", "$service": "redis|n8n", "$tier": "critical", "$job": "ziggie-api"}


def _targets(rendered: dict[str, str], source: str) -> Iterator[tuple[str, str]]:
    for path, content in rendered.items():
        if path.startswith("config/grafana/dashboards/") and path.endswith(".json"):
            board = json.loads(content)
            panels = [panel for row in board["panels"] for panel in (row, *row.get("panels", []))]
            asked = [(panel["title"], target) for panel in panels for target in panel.get("targets", [])]
            for title, target in [*asked, *((mark["name"], mark) for mark in board["annotations"]["list"])]:
                if target["datasource"]["type"] == source:
                    yield f"{Path(path).stem}: {title}", _filled(target["expr"])


def _filled(expr: str) -> str:
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    assert "$" not in expr
    return expr


def _parse(expressions: list[str], directory: Path) -> None:
    """Let promtool parse expressions: a rules file may hold any of them."""
    rules: list[dict[str, Any]] = [{"record": f"expression:{number}", "expr": expr} for number, expr in enumerate(expressions)]
    (directory / "expressions.yml").write_text(yaml.safe_dump({"groups": [{"name": "expressions", "rules": rules}]}))
    checked = checkers.run("promtool", ["check", "rules", "expressions.yml"], directory)
    assert checked.returncode == 0, checked.stderr + checked.stdout
    assert f"{len(expressions)} rules found" in checked.stdout


def test_every_query_to_prometheus_parses(rendered: dict[str, str], tmp_path: Path) -> None:
    queries = [expr for _place, expr in _targets(rendered, "prometheus")]
    assert len(queries) > 100
    _parse(queries, tmp_path)


def test_what_is_left_of_every_query_to_loki_without_its_filters_parses(rendered: dict[str, str], tmp_path: Path) -> None:
    queries = [expr for _place, expr in _targets(rendered, "loki")]
    assert queries
    _parse([re.sub(r" \|(~ `[^`]*`| json| line_format .*| \w+=~?\"[^\"]*\")", "", query) for query in queries], tmp_path)


def test_a_query_that_does_not_parse_is_found(tmp_path: Path) -> None:
    (tmp_path / "expressions.yml").write_text('{"groups": [{"name": "x", "rules": [{"record": "a:b", "expr": "sum by (x) ("}]}]}')
    assert checkers.run("promtool", ["check", "rules", "expressions.yml"], tmp_path).returncode != 0

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that its program can read again is changed through the inventory: no container is touched, no request fails, and a broken one is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml

Load = Callable[[], AbstractContextManager[dict[str, int]]]

ROUTES = Path(__file__).parents[4] / "roles/catalog/templates/nginx/routes.conf"
TEAPOT = 'location = /teapot {\n    return 418 "read again\\n";\n}\n'


def started(inspect: Any) -> dict[str, tuple[str, str]]:
    return {name: (container["Id"], container["State"]["StartedAt"]) for name, container in inspect().items()}


def teapot(ask: Any, inspect: Any) -> str:
    return str(ask(f"docker exec {inspect()['nginx']['Id']} curl -sko /dev/null -w '%{{http_code}}' https://127.0.0.1/teapot")).strip()


@pytest.mark.usefixtures("restored")
def test_nginx_and_prometheus_read_again_what_changed(
    play: Callable[..., Any], ask: Any, inspect: Any, query: Any, load: Load, tmp_path: Path
) -> None:
    before = started(inspect)
    rules = yaml.safe_load(ask("cat /opt/ziggie/stack/config/prometheus/alerts.yml"))
    rules["groups"].append({"name": "own", "interval": "1s", "rules": [{"record": "own:answer", "expr": "vector(42)"}]})
    for name, content in (("nginx/routes.conf", TEAPOT + ROUTES.read_text()), ("prometheus/alerts.yml", yaml.safe_dump(rules))):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content, encoding="utf-8")
    variables = {"release_template_directories": [str(tmp_path)], "release_watch": 1}
    assert teapot(ask, inspect) == "404"
    with load() as answers:
        changed = play(variables=variables)
        assert changed.code == 0, changed.text[-3000:]
        (tmp_path / "nginx/routes.conf").write_text("nonsense on purpose;\n", encoding="utf-8")
        refused = play(variables=variables)
    assert [
        name for name in ("nginx", "prometheus") if f"{name}: its configuration is reloaded, its container goes on" not in changed.text
    ] == []
    assert refused.code != 0
    # The program's own words come with the reason, and the release before is back.
    assert 'unknown directive "nonsense"' in refused.text
    assert "nginx refuses its new configuration; nothing was reloaded" in refused.text
    assert "and healthy" in refused.text
    # What was read again by the first run serves after the second.
    assert teapot(ask, inspect) == "418"
    assert query("own:answer")[0]["value"] == 42
    assert query("prometheus_config_last_reload_successful")[0]["value"] == 1
    assert started(inspect) == before
    assert set(answers) == {"answered"}, answers
    assert answers["answered"] > 100
    assert play("deploy").recap("changed") == 0

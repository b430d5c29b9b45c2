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

CONFIG = "/opt/ziggie/stack/config"
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
    rules = yaml.safe_load(ask(f"cat {CONFIG}/prometheus/alerts.yml"))
    rules["groups"].append({"name": "own", "interval": "1s", "rules": [{"record": "own:answer", "expr": "vector(42)"}]})
    changed_files = {
        "nginx/routes.conf": TEAPOT + ask(f"cat {CONFIG}/nginx/routes.conf"),
        "prometheus/alerts.yml": yaml.safe_dump(rules),
        "alertmanager/alertmanager.yml": "# Changed.\n" + ask(f"cat {CONFIG}/alertmanager/alertmanager.yml"),
    }
    for name, content in changed_files.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content, encoding="utf-8")
    variables = {"release_template_directories": [str(tmp_path)], "release_watch": 1}
    assert teapot(ask, inspect) == "404"
    with load() as answers:
        changed = play(variables=variables)
        assert changed.code == 0, changed.text[-3000:]
        (tmp_path / "nginx/routes.conf").write_text("nonsense on purpose;\n", encoding="utf-8")
        refused = play(variables=variables)
    told = "its configuration is reloaded, its container goes on"
    reloaded = [line.strip().strip('",').partition(":")[0] for line in changed.text.splitlines() if told in line]
    assert sorted(reloaded) == ["alertmanager", "nginx", "prometheus"], changed.text[-3000:]
    assert refused.code != 0
    # The program's own words come with the reason, and the release before is back.
    assert "nginx refuses its new configuration; nothing was reloaded" in refused.text, refused.text[-3000:]
    assert "unknown directive" in refused.text
    assert "and healthy." in refused.text.partition("The stack is back on release ")[2]
    # What was read again by the first run serves after the second.
    assert teapot(ask, inspect) == "418"
    assert query("own:answer")[0]["value"] == 42
    assert query("prometheus_config_last_reload_successful")[0]["value"] == 1
    assert started(inspect) == before
    assert set(answers) == {"answered"}, answers
    assert answers["answered"] > 100
    again = play("deploy", "--diff")
    assert again.recap("changed") == 0, again.text[-3000:]

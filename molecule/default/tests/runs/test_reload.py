# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that its program can read again is changed through the inventory: no container is touched, no request fails, and a broken one is refused.

Routes are such a configuration: a name leads to its service, and who may not enter does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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


def named(ask: Any, inspect: Any, url: str, *words: str) -> str:
    """Ask nginx for a URL by its name, and return the status; a host needs no curl, and nginx's image has one."""
    name = url.split("/")[2]
    there = " ".join(f"--resolve {name}:{port}:127.0.0.1" for port in (80, 443))
    asked = f"curl -sko /dev/null -w '%{{http_code}}' {there} {' '.join(words)} '{url}'"
    return str(ask(f"docker exec {inspect()['nginx']['Id']} {asked}")).strip()


@pytest.mark.usefixtures("restored")
def test_what_its_program_can_read_again_is_read_again_when_it_changed(
    play: Callable[..., Any], ask: Any, inspect: Any, query: Any, load: Load, tmp_path: Path
) -> None:
    before = started(inspect)
    rules = yaml.safe_load(ask(f"cat {CONFIG}/prometheus/alerts.yml"))
    rules["groups"].append({"name": "own", "interval": "1s", "rules": [{"record": "own:answer", "expr": "vector(42)"}]})
    changed_files = {
        "nginx/routes.conf": TEAPOT + ask(f"cat {CONFIG}/nginx/routes.conf"),
        "prometheus/alerts.yml": yaml.safe_dump(rules),
        "pgbouncer/pools.ini": re.sub("(?m)^default_pool_size = .*", "default_pool_size = 7", ask(f"cat {CONFIG}/pgbouncer/pools.ini")),
        "alertmanager/alertmanager.yml": "# Changed.\n" + ask(f"cat {CONFIG}/alertmanager/alertmanager.yml"),
    }
    for name, content in changed_files.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content, encoding="utf-8")
    routes = {
        "ziggie-api": {"host": "api.lab.test", "enter": "open"},
        "portainer": {"host": "door.lab.test", "enter": ["203.0.113.7"]},
        "mcp-gateway": {"host": "api.lab.test", "path": "/mcp"},
    }
    variables = {"release_template_directories": [str(tmp_path)], "release_watch": 1, "stack_routes": routes}
    assert named(ask, inspect, "https://localhost/teapot") == "404"
    with load() as answers:
        changed = play(variables=variables)
        assert changed.code == 0, changed.text[-3000:]
        (tmp_path / "nginx/routes.conf").write_text("nonsense on purpose;\n", encoding="utf-8")
        refused = play(variables=variables)
    told = "its configuration is reloaded, its container goes on"
    reloaded = [line.strip().strip('",').partition(":")[0] for line in changed.text.splitlines() if told in line]
    assert sorted(reloaded) == ["alertmanager", "nginx", "pgbouncer", "prometheus"], changed.text[-3000:]
    assert refused.code != 0
    # The program's own words come with the reason, and the release before is back.
    assert "nginx refuses its new configuration; nothing was reloaded" in refused.text, refused.text[-3000:]
    assert "unknown directive" in refused.text
    assert "and healthy." in refused.text.partition("The stack is back on release ")[2]
    # What was read again by the first run serves after the second.
    assert named(ask, inspect, "https://localhost/teapot") == "418"
    # An address that would be read otherwise by the service than by nginx gets to none.
    assert named(ask, inspect, "https://localhost/rest/..%2fwebhook/x") == "400"
    assert named(ask, inspect, "https://localhost/webhook/x?to=/../y") != "400"
    # So do the routes: each name has its service, and who may not enter does not.
    assert named(ask, inspect, "https://api.lab.test/health") == "200"
    assert named(ask, inspect, "http://api.lab.test/health") == "301"
    assert named(ask, inspect, "https://door.lab.test/") == "403"
    assert named(ask, inspect, "https://other.lab.test/health") == named(ask, inspect, "https://localhost/health")
    assert "https://door.lab.test/ -> portainer:9000: only from 203.0.113.7/32" in changed.text
    pools = ask(f"docker exec {inspect()['pgbouncer']['Id']} psql -h /tmp -U pgbouncer -d pgbouncer -Atc 'SHOW CONFIG'")
    assert "default_pool_size|7|20|yes" in pools.splitlines()
    assert query("own:answer")[0]["value"] == 42
    assert query("prometheus_config_last_reload_successful")[0]["value"] == 1
    assert started(inspect) == before
    assert set(answers) == {"answered"}, answers
    assert answers["answered"] > 100
    again = play("deploy", "--diff")
    assert again.recap("changed") == 0, again.text[-3000:]


@pytest.fixture(name="forgotten")
def _forgotten(ask: Any) -> Iterator[None]:
    """Have no password of routes afterwards: one that nobody reads any more is kept, for whoever has the route back."""
    yield
    ask("rm -f /opt/ziggie/secrets/route_password")


@pytest.mark.usefixtures("forgotten", "restored")
def test_a_route_asks_for_a_password(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    routes = {"ziggie-api": {"host": "api.lab.test", "enter": "password", "public": ["/health"]}, "grafana": "grafana.lab.test"}
    done = play(variables={"stack_routes": routes, "release_watch": 1})
    assert done.code == 0, done.text[-3000:]
    assert "https://grafana.lab.test/ -> grafana:3000: user admin with a password; then its own login: user admin" in done.text
    password = ask("cat /opt/ziggie/secrets/route_password").strip()
    assert password not in done.text
    assert password not in ask("cat /opt/ziggie/stack/compose.yml /opt/ziggie/stack/config/nginx/nginx.conf")
    login = f"--user admin:{password}"
    assert named(ask, inspect, "https://api.lab.test/api/items") == "401"
    assert named(ask, inspect, "https://api.lab.test/api/items", "--user admin:other") == "401"
    assert named(ask, inspect, "https://api.lab.test/api/items", login) == "200"
    assert named(ask, inspect, "https://api.lab.test/health") == "200"
    # Another spelling of what is open to everybody leads to nothing.
    assert named(ask, inspect, "https://api.lab.test/api/..%2fhealth", "--path-as-is") == "404"
    assert named(ask, inspect, "https://grafana.lab.test/api/health") == "401"
    assert named(ask, inspect, "https://grafana.lab.test/api/health", login) == "200"
    environment = inspect()["grafana"]["Config"]["Env"]
    assert "GF_SERVER_ROOT_URL=https://grafana.lab.test/" in environment

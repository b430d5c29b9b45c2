# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person opens of a stack is read from `x-ui`, and what is wrong with one is named."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.catalog import codes
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.entrances import Entrance, entrances, stored

SECRETS = {
    "grafana__admin": {"file": "./secrets/grafana/admin", "x-secret": {"content": "@grafana_admin_password@"}},
    "app__database": {"file": "./secrets/app/database", "x-secret": {"content": "app:@app_password@:@salt@"}},
}
GRAFANA = {
    "ports": ["127.0.0.1:3000:3000"],
    "secrets": [{"source": "grafana__admin"}],
    "x-ui": {"title": "Grafana", "user": "admin", "secret": "grafana__admin"},
}


def stack(**services: Any) -> dict[str, Any]:
    return {"services": services, "secrets": SECRETS}


def test_an_entrance_knows_its_link_and_what_its_password_is_stored_as() -> None:
    [found], wrong = entrances(stack(grafana=GRAFANA))
    assert wrong == []
    assert found == Entrance(
        service="grafana", title="Grafana", address="127.0.0.1", port=3000, user="admin", credential="grafana_admin_password"
    )
    assert (found.link, found.local) == ("http://127.0.0.1:3000/", True)


@pytest.mark.parametrize(
    ("ports", "written", "link"),
    [
        (["8080:80"], {}, "http://127.0.0.1:8080/"),
        (["80:80", "127.0.0.1:8088:8082"], {"port": "8082"}, "http://127.0.0.1:8088/"),
        ([{"target": 80, "published": "8080", "host_ip": "127.0.0.1"}], {"path": "/ui/"}, "http://127.0.0.1:8080/ui/"),
        (["53:53/udp", "127.0.0.1:81:80"], {}, "http://127.0.0.1:81/"),
        (["[::1]:81:80"], {}, "http://[::1]:81/"),
    ],
)
def test_the_link_is_that_of_the_published_port(ports: list[Any], written: dict[str, str], link: str) -> None:
    [found], _wrong = entrances(stack(web={"ports": ports, "x-ui": {"title": "Web", **written}}))
    assert found.link == link


@pytest.mark.parametrize("ports", [[], ["80"], ["53:53/udp"]])
def test_what_publishes_no_port_cannot_be_opened(ports: list[str]) -> None:
    assert entrances(stack(web={"ports": ports, "x-ui": {"title": "Web"}})) == ((), [])


@pytest.mark.parametrize(
    ("written", "path", "words"),
    [
        ("Grafana", "services.web.x-ui", "expected a mapping"),
        ({}, "services.web.x-ui.title", "expected a text"),
        ({"title": 3}, "services.web.x-ui.title", "expected a text"),
        ({"title": "Web", "usr": "me"}, "services.web.x-ui.usr", "write user"),
        ({"title": "Web", "secret": "grafana__adm"}, "services.web.x-ui.secret", "write grafana__admin"),
        ({"title": "Web", "path": "ui"}, "services.web.x-ui.path", "write /ui"),
    ],
)
def test_what_is_wrong_with_one_is_told(written: Any, path: str, words: str) -> None:
    found, [finding] = entrances(stack(web={"ports": ["80:80"], "x-ui": written}))
    assert found == ()
    assert (finding.code, finding.severity, finding.path) == (codes.UNREADABLE_ENTRANCE, "error", path)
    assert words in finding.sentence()


def test_a_service_reads_the_values_that_its_secrets_are_made_from() -> None:
    compose = stack(app={"secrets": ["app__database"]}, grafana=GRAFANA, web={})
    assert stored(compose, "app") == ("app_password", "salt")
    assert stored(compose, "grafana") == ("grafana_admin_password",)
    assert stored(compose, "web") == ()

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan tells every route with who may enter, and of every published port whether the world reaches it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import routed
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.ways_in import PublishedPort, WayIn
from ansible_collections.ziggie.stack.plugins.plugin_utils.plan import Answers, plan_of

COMPOSE: dict[str, Any] = {
    "services": {
        "nginx": {"image": "nginx:1", "ports": ["80:80", "127.0.0.1:8088:8082"]},
        "app": {"image": "app:1", "ports": ["5678:5678", "9999"], "x-ui": {"title": "App", "user": "root"}},
        "off": {"image": "off:1", "expose": ["80"], "ports": ["81:80"], "x-budget": {"requires": ["token"]}},
    }
}


def prepared(wanted: Any, **said: Any) -> Any:
    made, wrong = routed(COMPOSE, wanted, "nginx")
    assert wrong == []
    return prepare(made, None, Wish(declared={"memory": "8g", "cpus": 2, "disk": "100g"}, **said))


@pytest.mark.parametrize(("firewall", "app"), [(True, False), (False, True)])
def test_with_a_firewall_only_public_ports_are_open(firewall: bool, app: bool) -> None:
    found = prepared({"app": {"host": "a.b", "port": 5678}}, public_ports=[80, 443], settings={"firewall": firewall})
    assert found.ways_in == (WayIn(url="https://a.b/", target="app:5678", who="user admin with a password", login="user root"),)
    assert found.ports == (
        PublishedPort(service="app", published="5678", open=app),
        PublishedPort(service="nginx", published="80", open=True),
        PublishedPort(service="nginx", published="8088", open=False),
    )
    plan = plan_of(Answers.given(found.to_dict(), asked=False))
    assert (plan.ways_in, plan.ports) == (found.ways_in, found.ports)


def test_a_route_to_what_is_off_is_none_and_without_routes_nothing_is_told() -> None:
    assert prepared({"off": "a.b"}).ways_in == ()
    assert prepared({}).ports == ()

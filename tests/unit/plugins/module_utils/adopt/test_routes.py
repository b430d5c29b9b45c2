# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another proxy is told by labels, variables and ports is proposed as routes that can be pasted, and never wider than it is there."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.adopt.routes import proposed
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import routed
from ansible_collections.ziggie.stack.plugins.module_utils.compose.project import Project

SHOP = {
    "traefik.http.routers.shop.rule": "Host(`shop.example.org`, `www.example.org`)",
    "traefik.http.services.shop.loadbalancer.server.port": "3000",
}


def lines(tier: str = "", **services: Any) -> list[str]:
    project = Project.read({"services": {name: {"image": "x:1", **service} for name, service in services.items()}})
    return proposed(project, dict.fromkeys(services, tier))


def traefik(rule: str, *middlewares: str, **defined: str) -> dict[str, Any]:
    labels = {"traefik.http.routers.a.rule": rule, "traefik.http.routers.a.middlewares": ", ".join(middlewares)}
    return {"labels": labels | {f"traefik.http.middlewares.{name}": value for name, value in defined.items()}, "expose": ["80"]}


def test_what_is_proposed_can_be_pasted_and_is_a_route() -> None:
    services: dict[str, Any] = {
        "blog": {"environment": {"VIRTUAL_HOST": "blog.example.org", "VIRTUAL_PORT": "2368"}},
        "notes": {"labels": {"caddy": "notes.example.org", "caddy.reverse_proxy": "{{upstreams 8080}}"}},
        "shop": {"labels": SHOP},
    }
    told = lines(**services)
    assert told == [
        "stack_routes:",
        "  blog: {host: blog.example.org, port: 2368, enter: open}  # VIRTUAL_HOST",
        "  notes: {host: notes.example.org, port: 8080, enter: open}  # Caddy's label caddy",
        "  shop:",
        "    - {host: shop.example.org, port: 3000, enter: open}  # Traefik's router shop",
        "    - {host: www.example.org, port: 3000, enter: open}  # Traefik's router shop",
    ]
    wanted = yaml.safe_load("\n".join(told))["stack_routes"]
    made, wrong = routed({"services": {**services, "nginx": {"image": "nginx:1"}}}, wanted, "nginx")
    assert wrong == []
    assert len(made["x-routes"]) == 4


@pytest.mark.parametrize(
    ("service", "entry"),
    [
        (traefik("Host(`A.b`) && PathPrefix(`/v1`)"), "{host: a.b, port: …, path: /v1, enter: open}"),
        (traefik("Host(`a.b`)", "pw", **{"pw.basicauth.users": "x:y"}), "{host: a.b, port: …}"),
        (
            traefik("Host(`a.b`)", "in@docker", **{"in.ipallowlist.sourcerange": "10.0.0.0/8,::1"}),
            "{host: a.b, port: …, enter: [10.0.0.0/8, ::1]}",
        ),
        (traefik("Host(`a.b`)", "zip", **{"zip.compress": "true"}), "{host: a.b, port: …, enter: open}"),
        (
            {"labels": {"caddy_1": "https://a.b/x/*", "caddy_1.reverse_proxy": "{{upstreams}}"}, "ports": ["80"]},
            "{host: a.b, port: 80, path: /x/, enter: open}",
        ),
        (
            {"labels": {"caddy": "a.b", "caddy.reverse_proxy": "{{upstreams 80}}", "caddy.basic_auth": "", "caddy.basic_auth.me": "hash"}},
            "{host: a.b, port: 80}",
        ),
    ],
)
def test_who_may_enter_there_may_enter_here(service: dict[str, Any], entry: str) -> None:
    assert lines(web=service)[1].startswith(f"  web: {entry}  #")


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (traefik("HostRegexp(`.+`)"), "HostRegexp(`.+`) is more than Host and PathPrefix"),
        (traefik("(Host(`a.b`) || Host(`c.d`)) && PathPrefix(`/x`)"), "is more than Host and PathPrefix"),
        (traefik("Host(`a.b`) && Path(`/x`)"), "Path(`/x`) is more than Host and PathPrefix"),
        (traefik("PathPrefix(`/x`)"), "'' is not a host name"),
        (traefik("Host(`${DOMAIN}`)"), "is not a host name"),
        (traefik("Host(`a.b`)", "gone@file"), "what its middleware gone does is not said here"),
        (traefik("Host(`a.b`)", "login", **{"login.forwardauth.address": "http://x"}), "nothing like its middleware login"),
        (traefik("Host(`a.b`)", "p", "q", **{"p.basicauth.users": "x", "q.ipwhitelist.sourcerange": "::1"}), "it asks for several things"),
        ({"labels": {"caddy": "a.b", "caddy.respond": "no"}}, "caddy.respond is more than a route has"),
        ({"environment": {"VIRTUAL_HOST": "*.b.c"}}, "'*.b.c' is not a host name"),
    ],
)
def test_what_is_more_than_a_route_is_named_and_not_proposed(service: dict[str, Any], words: str) -> None:
    [told] = lines(web=service)
    assert told.startswith("# web: ")
    assert words in told


def test_of_two_routers_that_differ_in_tls_the_guarded_one_counts() -> None:
    service = traefik("Host(`a.b`)")
    service["labels"] |= {
        "traefik.http.routers.z.rule": "Host(`a.b`)",
        "traefik.http.routers.z.middlewares": "pw",
        "traefik.http.middlewares.pw.basicauth.users": "x:y",
    }
    assert lines(web=service)[1:] == ["  web: {host: a.b, port: …}  # Traefik's router z"]


def test_a_published_web_port_lacks_a_name_and_a_proxy_is_none() -> None:
    assert lines(web={"ports": ["8080:3000"]}) == [
        "# web: {host: …, port: 3000, enter: open}  # published to everybody as port 8080; give it a name"
    ]
    assert lines(proxy={"ports": ["80:80", "443:443", "8080:8080"]}) == []
    assert lines(db={"ports": ["5432:5432"]}) == []
    assert lines(web={"ports": ["127.0.0.1:8080:80"]}) == []
    assert lines(web={"labels": {**SHOP, "traefik.enable": "false"}}) == []


def test_what_manages_the_host_is_not_proposed_to_be_open() -> None:
    assert lines("management", web={"ports": ["80:80"]}) == [
        "# web: {host: …, port: 80}  # published to everybody as port 80; give it a name"
    ]

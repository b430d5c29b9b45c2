# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A route is read from the inventory and from its service, all that is wrong with routes is told at once, and what follows from one is in the definition."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.catalog import codes
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import ROUTES_KEY, Route, Site, routed, routes, sites
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump, load

APP = {"image": "app:1", "ports": ["127.0.0.1:5678:5678"], "environment": {"TOKEN": "x"}}


def with_route(**route: Any) -> dict[str, Any]:
    return {**APP, "x-budget": {"route": route}}


def stack(**services: Any) -> dict[str, Any]:
    return {"services": {"nginx": {"image": "nginx:1", "user": "101:102", "ports": ["80:80", "443:443"]}, "app": APP, **services}}


def read(compose: dict[str, Any], wanted: Any) -> tuple[Route, ...]:
    made, wrong = routed(compose, wanted, "nginx")
    assert [finding.sentence() for finding in wrong] == []
    return routes(made, made["services"])


def test_one_line_is_a_route_over_tls_that_asks_for_a_password() -> None:
    [route] = read(stack(), {"app": "app.example.org"})
    assert route == Route(service="app", host="app.example.org", port=5678, enter="password")
    assert (route.url, route.origin, route.target) == ("https://app.example.org/", "https://app.example.org", "app:5678")
    assert route.who == "user admin with a password"


def test_what_the_inventory_says_is_laid_over_what_the_service_says() -> None:
    base = with_route(port=5678, enter="open", stream=True, public=["/hook/"], body="8m")
    [route] = read(
        stack(app=base), {"app": {"host": "a.example.org", "path": "/", "tls": False, "enter": ["203.0.113.7", "2001:db8::/32"]}}
    )
    assert route == Route(
        service="app",
        host="a.example.org",
        port=5678,
        tls=False,
        enter="addresses",
        addresses=("203.0.113.7/32", "2001:db8::/32"),
        public=("/hook",),
        stream=True,
        body=8 << 20,
    )
    assert route.who == "only from 203.0.113.7/32, 2001:db8::/32; open to everybody: /hook"
    assert load(Route, dump(route)) == route


def test_a_service_that_says_how_it_can_be_routed_is_not_routed_by_that() -> None:
    compose = stack(app=with_route(port=5678, settings={"URL": "@url@"}))
    assert routed(compose, {}, "nginx") == (compose, [])
    assert routed(compose, {}, "") == (compose, [])
    assert routes(compose, compose["services"]) == ()


def test_a_service_routes_itself_and_the_inventory_takes_that_away() -> None:
    compose = stack(app=with_route(host="a.example.org", enter="open"))
    assert [route.url for route in read(compose, {})] == ["https://a.example.org/"]
    assert read(compose, {"app": None}) == ()
    assert [route.url for route in read(compose, {"app": "b.example.org"})] == ["https://b.example.org/"]
    several = {**APP, "x-budget": {"route": ["a.example.org", {"host": "b.example.org", "enter": "open"}]}}
    assert [route.host for route in read(stack(app=several), {})] == ["a.example.org", "b.example.org"]


def test_only_routes_to_services_that_are_named_are_served() -> None:
    made, _wrong = routed(stack(), {"app": "a.example.org"}, "nginx")
    assert routes(made, ["nginx"]) == ()


def test_settings_follow_from_the_first_route_and_the_authors_own_stay() -> None:
    base = with_route(settings={"URL": "@url@", "ORIGIN": "@origin@;http://127.0.0.1", "NAME": "@host@", "TOKEN": "@url@"})
    made, _wrong = routed(stack(app=base), {"app": ["a.example.org", {"host": "b.example.org", "tls": False}]}, "nginx")
    assert made["services"]["app"]["environment"] == {
        "TOKEN": "x",
        "URL": "https://a.example.org/",
        "ORIGIN": "https://a.example.org;http://127.0.0.1",
        "NAME": "a.example.org",
    }


def test_a_password_is_one_secret_of_the_gateway_however_many_routes_ask_for_it() -> None:
    one, _wrong = routed(stack(), {"app": "a.example.org"}, "nginx")
    two, _wrong = routed(stack(), {"app": ["a.example.org", "b.example.org"]}, "nginx")
    assert one["secrets"] == two["secrets"]
    assert one["services"]["nginx"] == two["services"]["nginx"]
    [secret] = one["secrets"].values()
    assert secret["file"] == "./secrets/nginx/route_users"
    assert secret["x-secret"]["content"] == "admin:{PLAIN}@route_password@\n"
    assert (secret["x-secret"]["uid"], secret["x-secret"]["gid"]) == (101, 102)
    assert one["services"]["nginx"]["secrets"] == [{"source": "nginx__route_users", "target": "route_users"}]
    opened, _wrong = routed(stack(), {"app": {"host": "a.example.org", "enter": "open"}}, "nginx")
    assert "secrets" not in opened
    assert opened["services"]["nginx"] == stack()["services"]["nginx"]


BAD: list[tuple[Any, str, str, str]] = [
    (["app"], codes.UNREADABLE_ROUTE, "stack_routes", "expected a mapping, got"),
    ({"ap": "a.b"}, codes.UNREADABLE_ROUTE, "stack_routes.ap", "'ap' is not a service of this stack; write app"),
    ({"app": 5}, codes.UNREADABLE_ROUTE, "stack_routes.app", "expected a host name or a mapping, got 5"),
    ({"app": ["a.b", 5]}, codes.UNREADABLE_ROUTE, "stack_routes.app[1]", "expected a host name or a mapping, got 5"),
    ({"app": {"enter": "open"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.host", "no host name is said"),
    ({"app": "https://A.example.org:8443/x"}, codes.UNREADABLE_ROUTE, "stack_routes.app.host", "write a.example.org"),
    ({"app": "*.example.org"}, codes.UNREADABLE_ROUTE, "stack_routes.app.host", "'*.example.org' is not a host name"),
    ({"app": "a b"}, codes.UNREADABLE_ROUTE, "stack_routes.app.host", "'a b' is not a host name"),
    ({"app": "203.0.113.7"}, codes.UNREADABLE_ROUTE, "stack_routes.app.host", "is not a host name"),
    ({"app": "a.b; }\nserver {"}, codes.UNREADABLE_ROUTE, "stack_routes.app.host", "is not a host name"),
    ({"app": "a.b\n"}, codes.UNREADABLE_ROUTE, "stack_routes.app.host", "write a.b"),
    ({"app": {"host": "a.b", "hots": 1}}, codes.UNREADABLE_ROUTE, "stack_routes.app.hots", "nothing reads 'hots'; write host"),
    ({"app": {"host": "a.b", "tls": "no"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.tls", "expected true or false, got 'no'"),
    ({"app": {"host": "a.b", "port": 80}}, codes.UNREADABLE_ROUTE, "stack_routes.app.port", "app has no port 80; write 5678"),
    ({"app": {"host": "a.b", "port": True}}, codes.UNREADABLE_ROUTE, "stack_routes.app.port", "expected a port, got True"),
    ({"nginx": "a.b"}, codes.UNREADABLE_ROUTE, "stack_routes.nginx.port", "which port is meant is not said: nginx has the ports 80, 443"),
    ({"app": {"host": "a.b", "path": "x"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.path", "'x' is not a path"),
    ({"app": {"host": "a.b", "path": "/x;y"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.path", "'/x;y' is not a path"),
    ({"app": {"host": "a.b", "path": "/x/../y"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.path", "is not a path"),
    ({"app": {"host": "a.b", "path": "/x\n"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.path", "is not a path"),
    ({"app": {"host": "a.b", "path": "/.well-known"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.path", "belongs to the certificates"),
    ({"app": {"host": "a.b", "public": "/x"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.public", "expected a list of paths"),
    (
        {"app": {"host": "a.b", "path": "/x", "public": ["/xy"]}},
        codes.UNREADABLE_ROUTE,
        "stack_routes.app.public[0]",
        "/xy is not below the path /x of the route",
    ),
    (
        {"app": {"host": "a.b", "body": "big"}},
        codes.UNREADABLE_ROUTE,
        "stack_routes.app.body",
        "'big' is no size; write a size such as 64m",
    ),
    ({"app": {"host": "a.b", "body": "2000g"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.body", "more than a request can be"),
    ({"app": {"host": "a.b", "enter": "opn"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.enter", "'opn' is not a way to say who may enter"),
    ({"app": {"host": "a.b", "enter": "addresses"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.enter", "is not a way to say who may enter"),
    ({"app": {"host": "a.b", "enter": []}}, codes.UNREADABLE_ROUTE, "stack_routes.app.enter", "nobody may enter"),
    ({"app": {"host": "a.b", "enter": ["10.0.0.1/8"]}}, codes.UNREADABLE_ROUTE, "stack_routes.app.enter[0]", "write 10.0.0.0/8"),
    (
        {"app": {"host": "a.b", "enter": ["home"]}},
        codes.UNREADABLE_ROUTE,
        "stack_routes.app.enter[0]",
        "'home' is not an address or a network",
    ),
    ({"app": {"host": "a.b", "enter": [5]}}, codes.UNREADABLE_ROUTE, "stack_routes.app.enter[0]", "5 is not an address or a network"),
    ({"app": {"host": "a.b", "settings": {"A": 1}}}, codes.UNREADABLE_ROUTE, "stack_routes.app.settings", "expected a mapping of texts"),
    ({"app": {"host": "a.b", "own_login": True}}, codes.UNREADABLE_ROUTE, "stack_routes.app.enter", "who may enter is not said"),
    (
        {"app": {"host": "a.b", "own_login": True, "enter": "password"}},
        codes.UNREADABLE_ROUTE,
        "stack_routes.app.enter",
        "nginx cannot ask for a password",
    ),
    ({"app": {"host": "a.b", "whole_host": True, "path": "/x"}}, codes.UNREADABLE_ROUTE, "stack_routes.app.path", "leave path out"),
    ({"admin": {"host": "a.b", "enter": "open"}}, codes.OPEN_MANAGEMENT, "stack_routes.admin.enter", "everybody would reach its login"),
    ({"app": ["a.b", "a.b"]}, codes.ROUTE_TAKEN, "stack_routes.app[1]", "a.b with the path / is what stack_routes.app[0] has already"),
    (
        {"app": {"host": "a.b", "path": "/x"}, "admin": {"host": "a.b", "path": "/x/", "tls": False}},
        codes.ROUTE_TAKEN,
        "stack_routes.app",
        "a.b with the path /x is what stack_routes.admin has already",
    ),
    (
        {"app": {"host": "a.b", "path": "/x"}, "admin": {"host": "a.b", "public": ["/x"]}},
        codes.ROUTE_TAKEN,
        "stack_routes.app",
        "a.b with the path /x",
    ),
]


@pytest.mark.parametrize(("wanted", "code", "path", "words"), BAD)
def test_what_is_wrong_with_one_is_told(wanted: Any, code: str, path: str, words: str) -> None:
    compose = stack(admin={**APP, "x-budget": {"tier": "management"}})
    made, [finding] = routed(compose, wanted, "nginx")
    assert (finding.code, finding.severity, finding.path) == (code, "error", path)
    assert words in finding.sentence()
    assert made == compose


def test_all_that_is_wrong_is_told_at_once() -> None:
    wanted = {"app": {"host": "A", "port": 1, "enter": "x"}, "gone": "a.b", "admin": {"host": "a.b", "enter": "open"}}
    _made, wrong = routed(stack(admin={**APP, "x-budget": {"tier": "management"}}), wanted, "nginx")
    assert sorted(finding.path for finding in wrong) == [
        "stack_routes.admin.enter",
        "stack_routes.app.enter",
        "stack_routes.app.host",
        "stack_routes.app.port",
        "stack_routes.gone",
    ]


def test_a_password_without_tls_is_a_warning() -> None:
    made, [finding] = routed(stack(), {"app": {"host": "a.b", "tls": False}}, "nginx")
    assert (finding.code, finding.severity, finding.path) == (codes.PASSWORD_IN_CLEAR, "warning", "stack_routes.app.tls")
    assert [route.url for route in routes(made, made["services"])] == ["http://a.b/"]


@pytest.mark.parametrize("gateway", ["", "traefik"])
def test_without_a_service_that_hands_requests_on_a_route_is_an_error(gateway: str) -> None:
    _made, [finding] = routed(stack(), {"app": "a.example.org"}, gateway)
    assert (finding.code, finding.path) == (codes.NO_GATEWAY, "stack_routes")
    assert "catalog_included: [nginx]" in finding.fix


def test_a_service_with_a_login_of_its_own_may_be_opened_though_it_manages() -> None:
    service = {**APP, "x-budget": {"tier": "management", "route": {"own_login": True}}}
    [route] = read(stack(app=service), {"app": {"host": "a.b", "enter": "open"}})
    assert route.who == "open to everybody"


def test_a_port_that_only_expose_tells_is_known() -> None:
    service = {"image": "app:1", "expose": ["9000/tcp"]}
    assert read(stack(app=service), {"app": "a.b"})[0].port == 9000
    assert read(stack(app={"image": "app:1"}), {"app": {"host": "a.b", "port": 1234}})[0].port == 1234


def test_a_site_is_all_of_a_host_name_and_its_guarded_parts_have_no_other_spelling() -> None:
    found = read(
        stack(), {"app": [{"host": "a.b", "public": ["/hook.d"]}, {"host": "a.b", "path": "/plain/", "tls": False, "enter": "open"}, "b.c"]}
    )
    first, second = sites(found)
    assert isinstance(first, Site)
    assert (first.host, len(first.secured), len(first.plain), second.host) == ("a.b", 1, 1, "b.c")
    assert (first.rest_moves, first.secured_whole, first.plain_whole) == (True, True, False)
    places = {(place.path, place.exact): place for place in first.secured[0].places()}
    assert {key: (place.guarded, place.beside_guarded) for key, place in places.items()} == {
        ("/hook.d", True): (False, True),
        ("/hook.d/", False): (False, True),
        ("/", False): (True, False),
    }
    assert places["/hook.d/", False].pattern == "/hook[.]d"
    assert [(place.guarded, place.beside_guarded) for place in first.plain[0].places()] == [(False, False)] * 2


def test_the_order_of_the_inventory_changes_nothing() -> None:
    compose = stack(web={**APP})
    one, _wrong = routed(compose, {"app": "a.b", "web": "c.d"}, "nginx")
    other, _wrong = routed(compose, {"web": "c.d", "app": "a.b"}, "nginx")
    assert one[ROUTES_KEY] == other[ROUTES_KEY]

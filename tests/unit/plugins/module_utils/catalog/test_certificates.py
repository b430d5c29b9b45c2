# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every routed name that an authority can give a certificate for is asked for, and what cannot be is said."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.catalog import codes
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.certificates import (
    PRODUCTION,
    STAGING,
    Certificates,
    certificates,
    certified,
    issuable,
)
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import routed

OWN = "https://ca.example.org:9000/acme/directory"
ALL = ["app", "certbot", "nginx"]
BOTH = ["certbot_email", "certbot_domain"]
CERTBOT = {"image": "certbot:1", "x-budget": {"requires": ["certbot_email", "certbot_domain"]}}
SECRETS = {"certbot__cli_ini": {"file": "./f", "x-secret": {"uid": 0, "content": "email = @certbot_email@\ndomains = @certbot_domain@\n"}}}


def stack(*hosts: str, **more: Any) -> dict[str, Any]:
    services = {"app": {"image": "a:1", "expose": ["80"]}, "nginx": {"image": "nginx:1"}, "certbot": CERTBOT, **more}
    wanted = [{"host": host, "enter": "open", "tls": not host.startswith("plain.")} for host in hosts]
    made, wrong = routed({"services": services, "secrets": SECRETS}, {"app": wanted}, "nginx")
    assert wrong == []
    return made


@pytest.mark.parametrize(
    ("name", "can_be"),
    [
        ("a.example.org", True),
        ("xn--bcher-kva.example", True),
        ("test.org", True),
        ("mylocal.org", True),
        ("contest", False),
        ("host", False),
        ("a.test", False),
        ("nas.local", False),
        ("a.localhost", False),
        ("a.b.home.arpa", False),
        ("arpa.org", True),
        ("db.internal", False),
        ("a.invalid", False),
        ("a.onion", False),
        ("a.alt", False),
    ],
)
def test_a_public_authority_knows_the_public_dns_only(name: str, can_be: bool) -> None:
    assert issuable(name) is can_be


def test_each_secured_name_of_a_service_that_runs_is_asked_for_once() -> None:
    made, wrong = certified(stack("b.example.org", "a.example.org", "plain.example.org"), {}, BOTH)
    assert wrong == []
    assert certificates(made, ALL).names == ("a.example.org", "b.example.org")
    assert certificates(made, ["nginx", "certbot"]).names == ()
    # Without Certbot no site waits for a certificate of its own.
    assert certificates(made, ["nginx", "app"]).names == ()
    assert certificates({}, ALL) == Certificates(names=(), server=PRODUCTION)


def test_a_name_that_cannot_be_is_left_out_and_told_where_certbot_runs() -> None:
    compose = stack("a.example.org", "a.test", "nas")
    made, wrong = certified(compose, {}, BOTH)
    assert certificates(made, ALL).names == ("a.example.org",)
    assert [(finding.code, finding.severity, finding.path) for finding in wrong] == [
        (codes.NO_PUBLIC_NAME, "warning", "stack_routes.app"),
        (codes.NO_PUBLIC_NAME, "warning", "stack_routes.app"),
    ]
    assert "for a.test," in wrong[0].message
    assert "for nas," in wrong[1].message
    assert certified(compose, {}, [])[1] == []


def test_an_authority_of_ones_own_is_asked_for_every_name() -> None:
    made, wrong = certified(stack("a.example.org", "a.test"), {"server": OWN}, BOTH)
    assert wrong == []
    assert certificates(made, ALL) == Certificates(names=("a.example.org", "a.test"), server=OWN)


def test_each_authority_has_a_place_of_its_own() -> None:
    stores = {}
    for wanted in ({}, {"staging": False}, {"staging": True}, {"server": OWN}):
        made, _wrong = certified(stack("a.example.org"), wanted, BOTH)
        found = certificates(made, ALL)
        stores[found.server] = found.store
    assert stores == {
        PRODUCTION: "/etc/letsencrypt",
        STAGING: "/etc/letsencrypt/acme-staging-v02.api.letsencrypt.org",
        OWN: "/etc/letsencrypt/ca.example.org:9000",
    }


@pytest.mark.parametrize(
    ("hosts", "given", "needs_a_name"),
    [
        (["a.example.org"], ["certbot_email"], False),
        (["a.example.org"], BOTH, True),
        (["a.test"], ["certbot_email"], True),
        (["plain.example.org"], ["certbot_email"], True),
        ([], ["certbot_email"], True),
    ],
)
def test_certbot_needs_no_further_name_where_one_is_routed(hosts: list[str], given: list[str], needs_a_name: bool) -> None:
    compose = stack(*hosts)
    made, _wrong = certified(compose, {}, given)
    required = made["services"]["certbot"]["x-budget"]["requires"]
    content = made["secrets"]["certbot__cli_ini"]["x-secret"]["content"]
    assert ("certbot_domain" in required) is ("domains" in content) is needs_a_name
    assert "certbot_email" in required
    assert content.startswith("email = @certbot_email@\n")
    assert made["secrets"]["certbot__cli_ini"]["x-secret"]["uid"] == 0
    assert made["services"]["app"] == compose["services"]["app"]


@pytest.mark.parametrize(
    ("wanted", "path", "said"),
    [
        ("staging", "stack_certificates", "expected a mapping, got 'staging'; write {staging: true}"),
        ({"stagin": True}, "stack_certificates.stagin", "nothing reads 'stagin'; write staging"),
        ({"staging": "yes"}, "stack_certificates.staging", "expected true or false, got 'yes'"),
        ({"server": OWN, "staging": True}, "stack_certificates.staging", "server names another authority; leave out one of the two"),
        (
            {"server": "http://ca.example.org/"},
            "stack_certificates.server",
            "is not the address of an ACME directory; write one such as https://",
        ),
        ({"server": "https:///x"}, "stack_certificates.server", "is not the address"),
        ({"server": "https://a:b/x"}, "stack_certificates.server", "is not the address"),
        ({"server": "https://me@a.b/x"}, "stack_certificates.server", "is not the address"),
        ({"server": "https://a.b/x\n--x"}, "stack_certificates.server", "is not the address"),
        ({"server": "https://a.b/x y"}, "stack_certificates.server", "is not the address"),
        ({"server": 5}, "stack_certificates.server", "5 is not the address"),
    ],
)
def test_what_cannot_be_read_is_told_and_changes_nothing(wanted: Any, path: str, said: str) -> None:
    compose = stack("a.example.org")
    made, [finding] = certified(compose, wanted, BOTH)
    assert (finding.code, finding.severity, finding.path) == (codes.UNREADABLE_CERTIFICATES, "error", path)
    assert said in finding.sentence()
    assert made == compose


def test_without_certbot_nothing_is_asked_for() -> None:
    compose = {key: value for key, value in stack("a.example.org").items() if key != "secrets"}
    compose["services"] = {name: service for name, service in compose["services"].items() if name != "certbot"}
    assert certified(compose, {"staging": True}, BOTH) == (compose, [])
    assert [finding.path for finding in certified(compose, {"x": 1}, BOTH)[1]] == ["stack_certificates.x"]

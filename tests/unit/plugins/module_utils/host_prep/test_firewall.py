# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that let the world reach the public ports and nothing else that is published."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.codes import FIREWALL_IMPOSSIBLE, SETTING_UNREADABLE
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import firewall

Plain = dict[str, Any]
read = Facts.from_dict


def rules(facts: Plain, compose: Plain | None = None, ports: list[Any] | None = None, trusted: tuple[str, ...] = ()) -> list[str]:
    text = firewall.render(compose or {}, [80, 443] if ports is None else ports, trusted, read(facts))
    return [line.strip() for line in text.splitlines()]


def test_only_public_ports_pass(facts: Plain) -> None:
    lines = rules(facts)
    accept = "ct status dnat meta l4proto { tcp, udp } ct original proto-dst { 80, 443 } accept"
    assert lines.index(accept) < lines.index('ct status dnat meta oifkind "bridge" drop') < lines.index('oifname "docker*" drop')
    assert "accept" not in " ".join(lines[lines.index(accept) + 1 : lines.index("chain input {")])
    assert not any("proto-dst" in line for line in rules(facts, ports=[]))


def test_the_table_is_replaced_in_one_transaction_and_shows_which_it_is(facts: Plain) -> None:
    text = firewall.render({}, [80], (), read(facts))
    assert text.index("table inet ziggie\n") < text.index("delete table inet ziggie\n") < text.index("table inet ziggie {")
    assert len(firewall.digest(text)) == 12
    assert firewall.digest(text) != firewall.digest(firewall.render({}, [81], (), read(facts)))


def test_a_host_whose_uplink_looks_like_the_engines_bridge_is_not_opened(facts: Plain) -> None:
    lines = rules(facts | {"uplinks": ["br-lan"]})
    assert lines.index('iifname "br-lan" goto forwarded') < lines.index('iifname "br-*" accept')
    assert not any("goto forwarded" in line and "iifname" in line for line in rules(facts))


def test_bridges_of_any_name_and_trusted_interfaces_are_inside(facts: Plain) -> None:
    compose = {"networks": {"default": {"driver_opts": {"com.docker.network.bridge.name": "ziggie0"}}, "other": None}}
    lines = rules(facts, compose, trusted=("wg0",))
    assert {'iifname "ziggie0" accept', 'oifname "ziggie0" drop', 'iifname "wg0" accept'} <= set(lines)
    assert 'oifname "wg0" drop' not in lines


def test_what_the_engines_proxy_serves_is_closed_by_its_own_address(facts: Plain) -> None:
    published = [
        {"address": "::", "port": 8080, "protocol": "tcp"},
        {"address": "10.0.0.2", "port": 22, "protocol": "tcp"},
        {"address": "0.0.0.0", "port": 80, "protocol": "tcp"},
        {"address": "127.0.0.1", "port": 9090, "protocol": "tcp"},
        {"address": "0.0.0.0", "port": 53, "protocol": "udp"},
    ]
    facts["engine"]["containers"] = [{"name": "other", "published": published}]
    compose = {"services": {"web": {"ports": ["9000:90", "127.0.0.1:9001:90", "443:443"]}}}
    assert [line for line in rules(facts, compose) if "dport" in line] == [
        "ip daddr 10.0.0.2 tcp dport 22 drop",
        "meta nfproto ipv4 tcp dport 9000 drop",
        "meta nfproto ipv4 udp dport 53 drop",
        "meta nfproto ipv6 tcp dport 8080 drop",
        "meta nfproto ipv6 tcp dport 9000 drop",
    ]


def test_rules_that_are_loaded_are_not_loaded_again(facts: Plain) -> None:
    def due(facts: Plain) -> bool:
        return any(document.due for document in firewall.documents({}, [80], (), read(facts), wanted=True))

    assert due(facts)
    assert not due(facts | {"firewall": {"table": firewall.digest(firewall.render({}, [80], (), read(facts))), "nft": True}})


@pytest.mark.parametrize("changed", [{"systemd": False}, {"engine": {"containers": [], "rootless": True}}])
def test_a_host_that_cannot_have_it_is_told(facts: Plain, changed: Plain) -> None:
    facts |= changed
    assert [document.content for document in firewall.documents({}, [80], (), read(facts), wanted=True)] == [None] * 3
    assert [(finding.code, finding.severity) for finding in firewall.impossible([80], (), read(facts), wanted=True)] == [
        (FIREWALL_IMPOSSIBLE, "warning")
    ]
    assert list(firewall.impossible([80], (), read(facts), wanted=False)) == []


@pytest.mark.parametrize(("ports", "trusted"), [([0], []), ([70000], []), (["http"], []), ([True], []), ([80], ['wg0" accept'])])
def test_what_is_no_port_or_interface_is_said(facts: Plain, ports: list[Any], trusted: list[str]) -> None:
    assert [finding.code for finding in firewall.impossible(ports, trusted, read(facts), wanted=True)] == [SETTING_UNREADABLE]

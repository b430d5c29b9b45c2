# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to open is said with a tunnel that can be pasted, and with the file that each password lies in."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.entrances import Entrance
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import Route
from ansible_collections.ziggie.stack.plugins.module_utils.render.entrances import Way, lines, places

GRAFANA = Entrance(service="grafana", title="Grafana", address="127.0.0.1", port=3000, user="admin", credential="grafana_admin_password")
N8N = Entrance(service="n8n", title="n8n", address="127.0.0.1", port=5678, login="the first visitor makes the account")
PUBLIC = Entrance(service="web", title="Web", address="", port=80)


def test_each_is_said_with_link_and_login_then_the_way_there() -> None:
    assert lines([GRAFANA, N8N], Way(host="vps", user="me", inventories=("my hosts",)), "/opt/ziggie/secrets") == [
        "  Grafana  http://127.0.0.1:3000/  user admin, password in /opt/ziggie/secrets/grafana_admin_password",
        "  n8n      http://127.0.0.1:5678/  the first visitor makes the account",
        "They listen on 127.0.0.1 of vps only.",
        "To open them on this machine, paste this and leave it running:",
        "  ssh -N -L 3000:127.0.0.1:3000 -L 5678:127.0.0.1:5678 me@vps",
        "The passwords lie on the host, readable for root. To show one:",
        "  ansible-playbook ziggie.stack.credentials -i 'my hosts' -e credentials_service=grafana",
    ]


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ({"host": "10.0.0.7"}, ["10.0.0.7"]),
        ({"host": "vps", "user": "me", "port": "2222"}, ["-p", "2222", "me@vps"]),
        ({"host": "vps", "key": "/home/me/a key"}, ["-i", "/home/me/a key", "vps"]),
    ],
)
def test_the_tunnel_goes_the_way_that_the_inventory_says(way: dict[str, Any], words: list[str]) -> None:
    said = shlex.split(Way(**way).tunnel([80]))
    assert [word for word in said if word not in ("ssh", "-N", "-L", "80:127.0.0.1:80")] == words


@pytest.mark.parametrize(("way", "told"), [({"ssh": False}, True), ({"ssh": False, "here": True}, False)])
def test_without_ssh_there_is_no_tunnel(way: dict[str, Any], told: bool) -> None:
    said = "\n".join(lines([GRAFANA], Way(host="lab", **way), "/s"))
    assert "ssh" not in said
    assert ("127.0.0.1 of lab" in said) == told


def test_what_the_world_reaches_needs_no_tunnel_and_nothing_to_open_says_nothing() -> None:
    assert lines([PUBLIC], Way(host="vps"), "/s") == ["  Web  http://127.0.0.1:80/  no login"]
    assert lines([], Way(host="vps"), "/s") == []


def test_routes_are_said_with_who_may_enter_and_how_their_password_is_shown() -> None:
    opened = Route(service="chat", host="chat.example.org", port=8080, enter="open")
    asked = Route(service="n8n", host="n8n.example.org", port=5678, enter="password", public=("/webhook",))
    assert lines([], Way(host="vps"), "/s", [asked, opened]) == [
        "By name, from anywhere:",
        "  https://chat.example.org/  chat: open to everybody",
        "  https://n8n.example.org/   n8n: user admin, password in /s/route_password",
        "To show the password of the routes:",
        "  ansible-playbook ziggie.stack.credentials -e credentials_service=nginx",
    ]
    assert lines([], Way(host="vps"), "/s", [opened])[-1].startswith("  https://chat.example.org/")


def test_each_stored_value_is_told_once_with_those_that_read_it() -> None:
    assert places({"web": ["b"], "api": ["b", "long"], "off": []}, "/s") == ["  /s/b     api, web", "  /s/long  api"]
    assert places({}, "/s") == []

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A password is read from the host and shown where somebody asks for it, to the screen alone; otherwise only where it lies."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.ziggie.stack.plugins.action import entrances

SECRET = "tHePaSsWoRd"
STACK: dict[str, Any] = {
    "services": {
        "grafana": {
            "ports": ["127.0.0.1:3000:3000"],
            "secrets": [{"source": "grafana__admin"}, {"source": "grafana__key"}],
            "x-ui": {"title": "Grafana", "user": "admin", "secret": "grafana__admin"},
        },
        "redis": {"secrets": ["redis__conf"]},
        "web": {"ports": ["80:80"]},
        "runner": {"x-budget": {"requires": ["token"]}, "ports": ["81:81"], "x-ui": {"title": "Runner"}},
    },
    "secrets": {
        "grafana__admin": {"file": "./a", "x-secret": {"content": "@grafana_admin_password@"}},
        "grafana__key": {"file": "./k", "x-secret": {"content": "@grafana_key@"}},
        "redis__conf": {"file": "./r", "x-secret": {"content": "requirepass @redis_password@"}},
    },
}
Act = Callable[..., dict[str, Any]]


@pytest.fixture(name="screen")
def _screen(monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
    screen = mock.Mock()
    monkeypatch.setattr(entrances, "Display", lambda: screen)
    return screen


@pytest.fixture(name="read")
def _read() -> list[str]:
    """Return the paths that were read on the host."""
    return []


@pytest.fixture(name="act")
def _act(monkeypatch: pytest.MonkeyPatch, read: list[str]) -> Act:
    def execute(module_args: dict[str, Any], **_more: Any) -> dict[str, Any]:
        read.append(module_args["src"])
        if module_args["src"].endswith("redis_password"):
            return {"failed": True, "msg": "permission denied"}
        return {"content": base64.b64encode(SECRET.encode()).decode()}

    def act(*, enabled: bool = False, **arguments: Any) -> dict[str, Any]:
        monkeypatch.setattr(entrances.constants, "CALLBACKS_ENABLED", [entrances.CALLBACK] if enabled else [], raising=False)
        given = {"compose": STACK, "store": "/opt/s", **arguments}
        task = mock.Mock(args=given, async_val=0, check_mode=False, diff=False, environment=None)
        play = mock.Mock(connection="ssh", remote_user=None)
        templar = mock.Mock(template=lambda value: "me" if value == "{{ whoever }}" else value)
        action = entrances.ActionModule(task, mock.Mock(), play, mock.Mock(), templar, mock.Mock())
        monkeypatch.setattr(action, "_execute_module", execute)
        return dict(action.run(task_vars={"inventory_hostname": "vps", "ansible_user": "{{ whoever }}"}))

    return act


def said(screen: mock.Mock) -> str:
    return "\n".join(call.args[0] for call in screen.display.call_args_list)


def test_without_being_asked_no_value_is_read_or_shown(act: Act, screen: mock.Mock, read: list[str]) -> None:
    for arguments in ({}, {"places": True}):
        assert SECRET not in str(act(**arguments))
    assert read == []
    assert SECRET not in said(screen)
    assert "password in /opt/s/grafana_admin_password" in said(screen)
    assert "ssh -N -L 3000:127.0.0.1:3000 me@vps" in said(screen)
    assert "/opt/s/redis_password" in said(screen)
    assert "Runner" not in said(screen)


def test_one_password_is_shown_on_purpose_and_to_the_screen_alone(act: Act, screen: mock.Mock, read: list[str]) -> None:
    result = act(service="grafana", places=True)
    assert read == ["/opt/s/grafana_admin_password"]
    assert SECRET not in str(result)
    [shown] = screen.display.call_args_list
    assert shown.args[0].splitlines() == ["Grafana  http://127.0.0.1:3000/", "user      admin", f"password  {SECRET}"]
    assert shown.kwargs == {"screen_only": True}


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("grfana", "'grfana' is not a service that runs; write grafana."),
        ("runner", "'runner' is not a service that runs"),
        ("web", "'web' reads no secret"),
        ("redis", "/opt/s/redis_password cannot be read on the host"),
    ],
)
def test_what_cannot_be_shown_is_told_why(act: Act, screen: mock.Mock, service: str, words: str) -> None:
    with pytest.raises(AnsibleActionFail) as caught:
        act(service=service)
    assert words in str(caught.value)
    assert said(screen) == ""


def test_the_callback_shows_the_list_at_the_end_where_it_is_enabled(act: Act, screen: mock.Mock) -> None:
    assert act(enabled=True)["entrances"][0].startswith("  Grafana")
    assert said(screen) == ""
    assert "entrances" not in act(enabled=True, places=True)
    assert "Grafana" in said(screen)

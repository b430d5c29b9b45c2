# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each password lies is said to everybody; one is shown to whoever asks for it by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

STORE = "/opt/ziggie/secrets"


def stored(ask: Callable[[str], str]) -> dict[str, str]:
    return {name: ask(f"cat {STORE}/{name}") for name in ask(f"ls {STORE}").split()}


def test_no_value_is_shown_where_none_is_asked_for(play: Callable[..., Any], ask: Callable[[str], str]) -> None:
    run = play("credentials", "-vv")
    assert run.code == 0, run.text[-3000:]
    values = stored(ask)
    assert "grafana_admin_password" in values
    assert [name for name, value in values.items() if value and value in run.text] == []
    assert f"user admin, password in {STORE}/grafana_admin_password" in run.text
    assert [name for name in values if f"{STORE}/{name}" not in run.text] == []


def test_the_password_of_one_service_is_shown_on_purpose(play: Callable[..., Any], ask: Callable[[str], str]) -> None:
    run = play("credentials", variables={"credentials_service": "grafana"})
    assert run.code == 0, run.text[-3000:]
    values = stored(ask)
    assert [name for name, value in values.items() if value and value in run.text] == ["grafana_admin_password"]

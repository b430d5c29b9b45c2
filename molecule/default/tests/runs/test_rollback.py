# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that came up is kept, and comes back with one command; what else runs is not touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SERVICE = "sim-studio"
CHANGED = {"catalog_overrides": {"services": {SERVICE: {"environment": {"RELEASE": "another"}}}}}
# An image that no registry has.
BROKEN = {"catalog_overrides": {"services": {SERVICE: {"image": "docker.io/ziggie/never-made:1"}}}}


def environment(inspect: Any) -> list[str]:
    return sorted(inspect()[SERVICE]["Config"]["Env"])


def others(inspect: Any) -> dict[str, tuple[str, str]]:
    return {name: (container["Id"], container["State"]["StartedAt"]) for name, container in inspect().items() if name != SERVICE}


@pytest.mark.usefixtures("restored")
def test_the_release_before_comes_back_and_nothing_else_is_touched(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    assert play().code == 0
    before, untouched = environment(inspect), others(inspect)
    files = ask("cd /opt/ziggie/stack && md5sum compose.yml release.json budget.json")
    secrets = ask("find /opt/ziggie/stack/secrets /opt/ziggie/secrets -type f -printf '%p %T@\\n' | sort")
    assert play(variables=CHANGED).code == 0
    assert "RELEASE=another" in environment(inspect)

    looked = play("rollback", "--check")
    assert looked.code == 0, looked.text[-3000:]
    assert "RELEASE=another" in environment(inspect)

    back = play("rollback")
    assert back.code == 0, back.text[-3000:]
    assert environment(inspect) == before
    assert inspect()[SERVICE]["State"]["Health"]["Status"] == "healthy"
    assert others(inspect) == untouched
    assert ask("cd /opt/ziggie/stack && md5sum compose.yml release.json budget.json") == files
    assert ask("find /opt/ziggie/stack/secrets /opt/ziggie/secrets -type f -printf '%p %T@\\n' | sort") == secrets
    assert play().recap("changed") == 0


@pytest.mark.usefixtures("restored")
def test_from_a_release_that_never_came_up_the_last_good_one_comes_back(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    assert play().code == 0
    kept, image = ask("cat /opt/ziggie/releases/current"), inspect()[SERVICE]["Config"]["Image"]
    failed = play(variables=BROKEN)
    assert failed.code != 0
    assert "never-made" in failed.text
    assert ask("cat /opt/ziggie/releases/current") == kept
    back = play("rollback")
    assert back.code == 0, back.text[-3000:]
    assert inspect()[SERVICE]["Config"]["Image"] == image
    assert inspect()[SERVICE]["State"]["Health"]["Status"] == "healthy"


def test_a_release_that_is_not_kept_is_named_and_nothing_is_touched(play: Callable[..., Any], look: Callable[[], Any]) -> None:
    before = look()
    refused = play("rollback", variables={"rollback_release": "no-such"})
    assert refused.code != 0
    assert "0 of the kept releases begin with 'no-such'" in refused.text
    assert look() == before

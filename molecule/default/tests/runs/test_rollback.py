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


# Each breaks one service in another way.
FAILING: dict[str, dict[str, Any]] = {
    "crashes at once": {"command": ["sh", "-c", "echo broken on purpose; exit 3"]},
    "never healthy": {
        "command": ["sleep", "600"],
        "healthcheck": {"test": ["CMD-SHELL", "echo not today; exit 1"], "interval": "1s", "retries": 2, "start_period": "1s"},
    },
    "healthy, then dead": {"command": ["sh", "-c", "sleep 4; exit 4"], "healthcheck": {"test": ["CMD", "true"]}},
}
SAID = {
    "crashes at once": ["The workflow tier did not become healthy.", "with exit code 3", "broken on purpose"],
    "never healthy": ["The workflow tier did not become healthy.", "unhealthy, its probe said: not today"],
    "healthy, then dead": ["fell sick within the 20 s for which a change is watched", "with exit code 4"],
}


def failing(kind: str) -> dict[str, Any]:
    return {"release_watch": 20, "catalog_overrides": {"services": {SERVICE: {"entrypoint": [], **FAILING[kind]}}}}


def environment(inspect: Any) -> list[str]:
    return sorted(inspect()[SERVICE]["Config"]["Env"])


def looks(inspect: Any) -> dict[str, Any]:
    """Return what the service's container was made of."""
    made = inspect()[SERVICE]["Config"]
    # Compose writes the variables in whatever order.
    return {"Env": environment(inspect), **{key: made[key] for key in ("Image", "Cmd", "Entrypoint", "Healthcheck")}}


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
    kept, image = ask("cat /opt/ziggie/releases/current"), inspect()[SERVICE]["Config"]["Image"]
    failed = play(variables={**BROKEN, "release_on_failure": "stop"})
    assert failed.code != 0
    assert "never-made" in failed.text
    assert "ziggie.stack.rollback takes the stack back" in failed.text
    assert ask("cat /opt/ziggie/releases/current") == kept
    back = play("rollback")
    assert back.code == 0, back.text[-3000:]
    assert inspect()[SERVICE]["Config"]["Image"] == image
    assert inspect()[SERVICE]["State"]["Health"]["Status"] == "healthy"


@pytest.mark.usefixtures("restored")
def test_a_release_that_fails_is_taken_back_by_the_run_itself(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    release = "cd /opt/ziggie/stack && md5sum compose.yml release.json budget.json && cat /opt/ziggie/releases/current"
    before, untouched, files = looks(inspect), others(inspect), ask(release)
    for kind in FAILING:
        failed = play(variables=failing(kind))
        assert failed.code != 0, kind
        assert [words for words in SAID[kind] if words not in failed.text] == [], failed.text[-5000:]
        reason, _back, rest = failed.text.partition("The stack is back on release ")
        assert SAID[kind][0] in reason
        assert "and healthy." in rest, failed.text[-5000:]
        assert looks(inspect) == before, kind
        assert inspect()[SERVICE]["State"]["Health"]["Status"] == "healthy"
        assert (others(inspect), ask(release)) == (untouched, files)
        newest = ask("ls -t /opt/ziggie/failed | head -1").strip()
        assert ask(f"ls /opt/ziggie/failed/{newest}").split() == ["failure.json", "logs", "release"]
        assert f"ziggie-{SERVICE}-1.log" in ask(f"ls /opt/ziggie/failed/{newest}/logs")
    # What failed is known again, and does not keep what was there from being as it should be.
    planned = play("plan", variables=failing(kind))
    assert planned.code == 0, planned.text[-3000:]
    assert "ZH027" in planned.text
    assert "this very release failed on" in planned.text
    assert play().recap("changed") == 0


@pytest.mark.usefixtures("restored")
def test_a_way_back_that_is_killed_is_finished_by_the_next_run(play: Callable[..., Any], ask: Any, inspect: Any) -> None:
    before, untouched = environment(inspect), others(inspect)
    assert play(variables={**failing("crashes at once"), "release_on_failure": "stop"}).code != 0
    # As after a kill between two files.
    ask("cp /opt/ziggie/releases/$(cat /opt/ziggie/releases/current)/compose.yml /opt/ziggie/stack/compose.yml")
    back = play("rollback")
    assert back.code == 0, back.text[-3000:]
    assert (environment(inspect), others(inspect)) == (before, untouched)
    assert inspect()[SERVICE]["State"]["Health"]["Status"] == "healthy"


def test_a_release_that_is_not_kept_is_named_and_nothing_is_touched(play: Callable[..., Any], look: Callable[[], Any]) -> None:
    before = look()
    refused = play("rollback", variables={"rollback_release": "no-such"})
    assert refused.code != 0
    assert "0 of the kept releases begin with 'no-such'" in refused.text
    assert look() == before

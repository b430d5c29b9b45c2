# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be changed is told with what it does; what cannot is refused by name, with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.decide import Decision, Live, RefusedError, decide
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.journal import SecretFile
from ansible_collections.ziggie.stack.tests.unit.samples import container, released


def secret(value: str, **rotate: str) -> dict[str, Any]:
    return {"file": "./secrets/x", "x-secret": {"content": f"@{value}@", **({"rotate": rotate} if rotate else {})}}


COMPOSE: dict[str, Any] = {
    "services": {
        "db": {"image": "postgres:17", "secrets": ["db__app", "db__key", "db__unknown"]},
        "api": {"image": "api:1", "secrets": ["api__app"]},
        "off": {"image": "off:1", "secrets": ["off__token"]},
    },
    "secrets": {
        "db__app": secret("app", method="postgresql", user="app"),
        "db__key": secret("key", method="never", reason="the rows"),
        "db__unknown": secret("unknown"),
        "api__app": secret("app"),
        "off__token": secret("token", method="restart"),
    },
}
FILES = [
    SecretFile(path=path, content=f"@{name}@", uid=0, gid=0)
    for path, name in (("db/app", "app"), ("db/key", "key"), ("db/unknown", "unknown"), ("api/app", "app"))
]
SERVICES = {
    "db": replace(released(), secrets=("secrets/db/app", "secrets/db/key", "secrets/db/unknown"), tier="critical"),
    "api": replace(released(), secrets=("secrets/api/app",), tier="workflow"),
    "other": replace(released(), secrets=(), tier="workflow"),
}
RUNNING = [replace(container(), id=name, service=name, name=name) for name in SERVICES]


def made(name: str, compose: dict[str, Any] | None = None, *, chosen: bool = False, **live: Any) -> Decision:
    now = Live(**{"changes": compare(SERVICES, RUNNING), **live})
    return decide(name, compose or COMPOSE, FILES, SERVICES, now, chosen=chosen)


def test_what_is_done_is_told_in_its_order() -> None:
    decision = made("app")
    assert (decision.rotation.service, decision.rotation.method, decision.rotation.user) == ("db", "postgresql", "app")
    assert [one.path for one in decision.rotation.files] == ["db/app", "api/app"]
    assert decision.lines == (
        "Make a new value on the host, and keep the old one beside it.",
        "Give it to the user app in db, log in with it, and see that the old one is refused.",
        "Write it to secrets/db/app, secrets/api/app.",
        "Recreate, tier by tier and each healthy before the next: critical: db; workflow: api.",
        "Remove the old value when all are healthy; whatever fails before that brings it back everywhere.",
    )
    assert made("app", chosen=True).lines[0] == "Take the new value from stack_credentials.app, and keep the old one beside it."


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nope", "There is no secret 'nope'; there are app, key, unknown."),
        ("token", "There is no secret 'token'; there are app, key, unknown."),
        ("key", "key cannot be changed: the rows are encrypted with it, and another value would not open them."),
        ("unknown", "How unknown is changed is not known: no server says so in x-secret.rotate."),
    ],
)
def test_what_cannot_be_changed_is_refused(name: str, says: str) -> None:
    with pytest.raises(RefusedError) as error:
        made(name)
    assert str(error.value).startswith(says)


@pytest.mark.parametrize(
    ("live", "says"),
    [
        ({"changes": None}, "The Docker engine does not run"),
        (
            {"changes": compare(SERVICES, RUNNING[1:])},
            r"What runs is not what the inventory says \(db\), and .* run ziggie.stack.site first",
        ),
    ],
)
def test_only_a_stack_that_is_whole_is_changed(live: dict[str, Any], says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        made("app", **live)


def test_what_was_interrupted_is_taken_back_first() -> None:
    assert (
        made("app", changes=compare(SERVICES, RUNNING[1:]), unfinished="key").lines[0]
        == "The rotation of key that was interrupted is taken back first."
    )


def test_two_servers_that_keep_one_value_are_not_changed_one_by_one() -> None:
    compose = {**COMPOSE, "secrets": {**COMPOSE["secrets"], "api__app": secret("app", method="grafana", user="admin")}}
    with pytest.raises(RefusedError, match=r"kept by more than one server \(api, db\)"):
        made("app", compose)

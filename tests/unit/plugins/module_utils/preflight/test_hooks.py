# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks that could not be run are findings of the plan."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts, PathState
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.hooks import checked, programs

COMPOSE = {"services": {"redis": {"image": "redis:8"}}}
HOOKS = [
    {"when": "before", "of": "service:redis", "command": ["/bin/notify", "--now"]},
    {"when": "after", "of": "deploy", "url": "https://a"},
]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (PathState(), "stack_hooks[0].command[0]: the host has no /bin/notify; put it there, or write another program"),
        (PathState(kind="directory", mode="0755"), "stack_hooks[0].command[0]: /bin/notify is not a program but a directory"),
        (PathState(kind="file", mode="0644"), "stack_hooks[0].command[0]: /bin/notify has mode 0644, so nobody may run it"),
        (PathState(kind="file", mode="0755"), ""),
        (PathState(kind="link", mode="0777"), ""),
    ],
)
def test_a_program_must_be_there(state: PathState, said: str) -> None:
    found = [finding.sentence() for finding in checked(HOOKS, COMPOSE, Facts(files={"/bin/notify": state}))[1]]
    assert [one.startswith(said) for one in found] == ([True] if said else [])
    assert programs(HOOKS) == ["/bin/notify"]


def test_of_an_imagined_host_no_program_is_known_and_a_service_is() -> None:
    assert checked(HOOKS, COMPOSE, None)[1] == []
    [finding] = checked(HOOKS, {"services": {}}, None)[1]
    assert finding.path == "stack_hooks[0].of"

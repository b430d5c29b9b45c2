# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Compose is asked for, and the one line that matters of what it answers."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import compose


def test_a_command_names_everything_and_guesses_nothing() -> None:
    assert compose.command("/run/docker.sock", "ziggie", "/opt/stack", "ps") == [
        *("docker", "--host", "unix:///run/docker.sock", "compose", "--ansi", "never"),
        *("--project-name", "ziggie", "--project-directory", "/opt/stack", "--file", "/opt/stack/compose.yml", "ps"),
    ]


def test_what_is_made_is_not_started_and_nothing_else_is_touched() -> None:
    absent = compose.make(["a", "b"], anew=False)
    assert {"up", "--no-start", "--no-deps", "--no-recreate"} < set(absent)
    assert absent[-3:] == ["--", "a", "b"]
    assert "--force-recreate" in compose.make(["a"], anew=True)


# As Compose 2.26 says it.
TOLD = [
    (
        " a Pulling \n a Error manifest unknown\nError response from daemon: manifest for nope:1 not found: manifest unknown\n",
        "manifest for nope:1 not found: manifest unknown",
    ),
    (
        " Container e-redis  Starting\nError response from daemon: driver failed: Bind for 0.0.0.0:80 failed: port is already allocated\n",
        "driver failed: Bind for 0.0.0.0:80 failed: port is already allocated",
    ),
    ("validating /opt/compose.yml: services.a Additional property foo is not allowed\n", None),
    (
        "Error response from daemon: no space left on device\n Container a  Stopping\n",
        "no space left on device",
    ),
    ("", "no reason given"),
    (" \n", "no reason given"),
]


@pytest.mark.parametrize(("output", "expected"), TOLD)
def test_the_reason_is_what_the_engine_said(output: str, expected: str | None) -> None:
    assert compose.reason(output) == (output.strip() if expected is None else expected)

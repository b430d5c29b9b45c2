# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator reads when a tier does not come up."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.sick import explain

WELL: dict[str, Any] = {
    "service": "redis",
    "name": "ziggie-redis-1",
    "state": "running",
    "health": "healthy",
    "health_output": "",
    "oom_killed": False,
    "exit_code": 0,
    "restarts": 0,
    "limits": {"memory": 256 << 20},
}


@pytest.mark.parametrize("container", [{}, {"health": "none"}, {"service": "another", "state": "exited"}])
def test_nothing_is_said_of_what_is_well_or_not_asked_for(container: dict[str, Any]) -> None:
    assert explain([{**WELL, **container}], ["redis"], {}) == []


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"state": "exited", "oom_killed": True}, ["redis", "256 MiB", "services.redis.x-budget.memory.floor"]),
        ({"state": "restarting", "exit_code": 3, "restarts": 7}, ["restarting", "exit code 3", "7 restarts", "docker logs ziggie-redis-1"]),
        ({"health": "unhealthy", "health_output": "NOAUTH"}, ["unhealthy", "NOAUTH", "docker logs ziggie-redis-1"]),
        ({"health": "starting"}, ["starting", "nothing"]),
    ],
)
def test_what_is_sick_is_named_with_its_reason(container: dict[str, Any], words: list[str]) -> None:
    [sentence] = explain([{**WELL, **container}], ["redis"], {})
    assert [word for word in words if word not in sentence] == []


def test_what_the_engine_refused_is_told_in_its_words() -> None:
    sentences = explain([{**WELL, "state": "created"}], [], {"redis": "port is already allocated."})
    assert sentences == [
        (
            "redis: the engine cannot start it: port is already allocated; where no container publishes it, "
            "the engine has kept it since it was killed: systemctl restart docker, and run again."
        )
    ]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that finds everything as it should be does as little as proves it, and tells no secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

# Stated ceilings (design.md, Deploying): what a run costs is what it sends to the host, and then how many tasks it has.
COMMANDS = 7
# What is skipped counts as well, though it costs next to nothing: the secrets are looked at for the plan, and skipped where there is nothing to write.
TASKS = 35
# One look at the stack, one round of questions.
VALIDATION_COMMANDS = 2


@pytest.fixture(name="told", scope="module")
def _told(play: Callable[..., Any], inspect: Any, secrets: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Run as talkative as an operator in trouble would, with a secret of their own in the inventory."""
    provided = {"stack_credentials": {"redis_password": secrets["redis_password"]}}
    assert play(variables=provided).code == 0
    before = {name: container["Id"] for name, container in inspect().items()}
    played = play("site", "-vvv", variables=provided, log="site-vvv.log")
    yield {"played": played, "before": before, "after": {name: container["Id"] for name, container in inspect().items()}}
    assert play().code == 0


def test_it_changes_nothing(told: dict[str, Any]) -> None:
    assert told["played"].code == 0, told["played"].text[-3000:]
    assert told["played"].recap("changed") == 0
    assert told["after"] == told["before"]


def test_it_sends_few_commands_to_the_host(told: dict[str, Any], hostname: str) -> None:
    sent = len(re.findall(rf"^<{hostname}> EXEC ", told["played"].text, re.MULTILINE))
    assert 0 < sent <= COMMANDS


def test_it_has_few_tasks(told: dict[str, Any]) -> None:
    assert told["played"].recap("ok") + told["played"].recap("skipped") <= TASKS


def test_it_tells_no_secret(told: dict[str, Any], secrets: dict[str, str]) -> None:
    assert "Find the secrets" in told["played"].text
    assert [name for name, value in secrets.items() if value in told["played"].text] == []


def test_it_ends_with_the_table(told: dict[str, Any], hostname: str) -> None:
    assert re.search(rf"^BUDGET \[{hostname}\]", told["played"].text, re.MULTILINE)
    assert re.search(r"^  postgres .* healthy", told["played"].text, re.MULTILINE)


def test_a_validation_sends_few_commands_to_the_host(play: Callable[..., Any], hostname: str) -> None:
    validated = play("validate", "-vvv", log="validate-vvv.log")
    sent = len(re.findall(rf"^<{hostname}> EXEC ", validated.text, re.MULTILINE))
    assert 0 < sent <= VALIDATION_COMMANDS

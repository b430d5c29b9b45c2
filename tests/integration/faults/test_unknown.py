# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where something is missing the answer is unknown, with a sentence: never a pass, never a traceback. What a proof rests on fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults import breaks
from ansible_collections.ziggie.stack.tests.integration.faults.lab import Verdict, inspect

pytestmark = pytest.mark.integration

Verdicts = Callable[..., Verdict]


def test_a_stack_that_is_not_there(verdict: Verdicts) -> None:
    found = verdict(stack_directory="/opt/nothing", stack_project="nobody")
    assert (found.named("fail"), found.named("unknown"), found.named("pass")) == ({"compliance.release[]"}, set(), set())
    assert "no release lies on the host" in found.sentence("compliance.release[]")
    assert "Traceback" not in found.said


def test_a_model_that_is_not_there(verdict: Verdicts) -> None:
    """The lab's Ollama is a stand-in and knows no model: how fast it would be is not known."""
    if inspect("ollama")["Config"]["Labels"].get("org.ziggie.lab.stand-in") != "true":
        pytest.skip("this Ollama is the real one, and may have a model")
    found = verdict(tags="ollama")
    assert found.outcome("ollama.cold[ollama]") == found.outcome("ollama.warm[ollama]") == "unknown"
    assert "no model" in found.sentence("ollama.cold[ollama]")


def test_a_stack_of_somebody_else(verdict: Verdicts) -> None:
    found = verdict(stack_directory="/opt/nothing")
    assert (found.named("fail"), found.named("unknown"), found.named("pass")) == ({"compliance.release[]"}, set(), set())
    assert "somebody else" in found.sentence("compliance.release[]")


def test_an_engine_that_hangs(verdict: Verdicts) -> None:
    with breaks.hanging_engine():
        found = verdict()
    assert (found.named("fail"), found.named("unknown"), found.named("pass")) == ({"compliance.engine[]"}, set(), set())
    assert "does not answer" in found.sentence("compliance.engine[]")
    assert "Traceback" not in found.said

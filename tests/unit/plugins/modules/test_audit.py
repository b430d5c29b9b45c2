# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module looks at an engine, and says in one sentence why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.tests.unit import engine as fake

Run = Callable[..., dict[str, Any]]


def test_it_returns_what_it_saw(run: Run, tmp_path: Path) -> None:
    with fake.running(tmp_path) as engine:
        engine.answers = {
            "/version": {"Version": "29.0.1", "ApiVersion": "1.41"},
            "/info": {},
            "/volumes": {"Volumes": None},
            "/networks": [],
        }
        engine.answers["/images/json"] = []
        engine.add("redis", state="exited")
        done = run("audit", socket=engine.path, sizes="0s")
    assert done["changed"] is False
    assert [container["service"] for container in done["audit"]["containers"]] == ["redis"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"watch": "soon", "interval": "0s"},
            "audit_watch: expected a duration such as 30s or 10m, got 'soon'; audit_interval: expected 1 s or more, got '0s'",
        ),
        ({"socket": "/nowhere/docker.sock"}, "there is no engine socket at /nowhere/docker.sock"),
    ],
)
def test_what_is_wrong_is_one_sentence(run: Run, options: dict[str, str], sentence: str) -> None:
    done = run("audit", **options)
    assert done["failed"] is True
    assert sentence in done["msg"]
    assert "\n" not in done["msg"]


def test_an_engine_that_does_not_answer_is_one_sentence(run: Run, tmp_path: Path) -> None:
    with fake.running(tmp_path) as engine:
        engine.deaf = True
        done = run("audit", socket=engine.path, timeout="1s")
    assert "does not answer" in done["msg"]
    assert done["absent"] is False


def test_no_engine_at_all_is_told_from_one_that_cannot_be_asked(run: Run) -> None:
    assert run("audit", socket="/nowhere/docker.sock")["absent"] is True

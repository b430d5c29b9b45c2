# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services are started in order, waited for by events, and given up as soon as waiting cannot help."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import start as module
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.start import Outcome, bring_up
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit.samples import released

STARTING = ("running", "starting", 0)


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        yield engine


def start(engine: Engine, _service: str, container: str) -> None:
    engine.post(f"/containers/{container}/start")


def brought(engine: fake.Engine, timeout: float = 5, **services: Any) -> Outcome:
    wanted = {name: released(name, **service) for name, service in services.items()}
    return bring_up(engine.path, "ziggie", wanted, timeout=timeout, start=start)


def test_all_are_started_and_healthy(engine: fake.Engine) -> None:
    engine.add("a")
    engine.add("b")
    assert brought(engine, a={}, b={}) == Outcome(started=["a", "b"])
    assert sorted(engine.started) == ["a", "b"]


def test_dependencies_come_first(engine: fake.Engine) -> None:
    after: dict[str, Any] = {"a": {"after": {"b": "service_healthy"}}, "b": {"after": {"c": "service_healthy"}}, "c": {}}
    for name in after:
        engine.add(name)
    assert brought(engine, **after).missing == []
    assert engine.started == ["c", "b", "a"]


def test_what_runs_already_is_only_waited_for(engine: fake.Engine) -> None:
    engine.add("a", "running", "starting")
    threading.Timer(0.1, engine.become, ("a", "running", "healthy")).start()
    assert brought(engine, a={}) == Outcome()
    assert engine.started == []


def test_an_event_that_never_came_is_made_up_for(engine: fake.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_AGAIN", 0.05)
    engine.add("a")
    engine.silent = True
    engine.leads_to["a"] = [STARTING]
    threading.Timer(0.1, engine.become, ("a", "running", "healthy")).start()
    assert brought(engine, a={}).missing == []


FAILURES: dict[str, tuple[str, str, int, int]] = {
    "unhealthy": ("running", "unhealthy", 0, 0),
    "ended": ("exited", "none", 3, 0),
    "ended well, but is no job": ("exited", "none", 0, 0),
    "again and again": ("restarting", "none", 1, 3),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failure_ends_the_waiting_and_nobody_behind_it_is_started(engine: fake.Engine, failure: tuple[str, str, int, int]) -> None:
    engine.add("a")
    engine.add("b")
    engine.leads_to["a"] = [STARTING]
    state, health, code, restarts = failure
    threading.Timer(0.1, engine.become, ("a", state, health, code, restarts)).start()
    outcome = brought(engine, 60, a={}, b={"after": {"a": "service_healthy"}})
    assert (outcome.missing, outcome.underway, outcome.in_time) == (["a", "b"], ["a"], True)
    assert engine.started == ["a"]


def test_a_refusal_is_told_in_the_engines_words(engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = "port is already allocated"
    outcome = brought(engine, 60, a={})
    assert outcome.refused == {"a": "port is already allocated"}
    assert outcome.underway == []


def test_a_service_without_a_container_is_told(engine: fake.Engine) -> None:
    assert brought(engine, a={}).refused == {"a": "it has no container"}


def test_time_runs_out(engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = [STARTING]
    outcome = brought(engine, 0.2, a={}, b={"after": {"a": "service_healthy"}})
    assert (outcome.missing, outcome.underway, outcome.in_time) == (["a", "b"], ["a"], False)


def test_a_job_that_has_ended_well_is_over(engine: fake.Engine) -> None:
    engine.add("job")
    engine.add("a")
    engine.leads_to["job"] = [("running", "none", 0), ("exited", "none", 0)]
    assert brought(engine, job={"ends": True}, a={"after": {"job": "service_completed_successfully"}}).missing == []
    assert engine.started == ["job", "a"]


def test_a_job_that_has_failed_is_a_failure(engine: fake.Engine) -> None:
    engine.add("job")
    engine.leads_to["job"] = [("exited", "none", 1)]
    assert brought(engine, 60, job={"ends": True}).underway == ["job"]


def test_every_container_of_a_service_counts(engine: fake.Engine) -> None:
    engine.add("a")
    engine.add("a2", "running", "starting")
    engine.containers["a2"]["Config"]["Labels"]["com.docker.compose.service"] = "a"
    assert brought(engine, 0.2, a={}).missing == ["a"]


def test_an_engine_that_goes_away_is_told(engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = [STARTING]
    threading.Timer(0.1, engine.hang_up).start()
    with pytest.raises(EngineError, match="the engine went away"):
        brought(engine, 60, a={})


def test_no_engine_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not answer"):
        bring_up(str(tmp_path / "none"), "ziggie", {}, timeout=1, start=start)


def test_a_container_that_goes_meanwhile_is_told(engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = [STARTING]
    threading.Timer(0.1, engine.containers.pop, ("a",)).start()
    threading.Timer(0.2, lambda: engine.listeners[0].put(b'{"Actor": {"ID": "a"}}\n')).start()
    assert brought(engine, 0.5, a={}).missing == ["a"]

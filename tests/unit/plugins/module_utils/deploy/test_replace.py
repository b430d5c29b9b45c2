# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers give way to new ones step by step: one first, the others only once it is healthy, and never all that serve."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.apply import apply
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.look import ApplyError, Done, Target
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import Release, ReleasedService
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.replace import Replacement, Update, next_step
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.plugins.module_utils.limits import Limits
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit.samples import container, released
from hypothesis import given
from hypothesis import strategies as st

FIRST = Update(asked=True)


def some(word: str, count: int, first: int = 1, **changes: Any) -> list[Container]:
    return [container("api", id=f"{word}{number}", number=number, **changes) for number in range(first, first + count)]


@pytest.mark.parametrize(
    ("update", "replicas", "up", "manner", "why"),
    [
        (FIRST, 1, 1, "start-first", ""),
        (FIRST, 3, 3, "start-first", ""),
        (Update(), 2, 2, "rolling", "deploy.update_config.order is not start-first"),
        (Update(), 1, 1, "stop-first", "deploy.update_config.order is not start-first"),
        (
            Update(asked=True, obstacles=("it publishes port 80", "it may write to data")),
            1,
            1,
            "stop-first",
            "port 80; it may write to data",
        ),
        (Update(asked=True, obstacles=("it may write to data",)), 2, 2, "rolling", "it may write to data"),
        (Update(asked=True, together="it is a job"), 2, 2, "stop-first", "it is a job"),
        (FIRST, 2, 0, "stop-first", "none of its containers is up"),
        # A scale down and what a killed run left.
        (Update(), 1, 2, "rolling", "not start-first"),
        (FIRST, 0, 1, "stop-first", ""),
    ],
)
def test_how_containers_are_replaced(update: Update, replicas: int, up: int, manner: str, why: str) -> None:
    live = some("old", up) or some("old", 1, state="exited", health="none")
    found = Replacement.of(update, live, replicas)
    assert found.manner == manner
    assert why in found.why


def test_a_wish_that_is_not_followed_is_told() -> None:
    found = Replacement.of(Update(unheeded=("x is not obeyed",)), some("old", 1), 1)
    assert str(found).endswith("(deploy.update_config.order is not start-first); x is not obeyed")


def test_what_lies_in_a_volume_without_a_name_is_handed_on() -> None:
    assert Replacement.of(FIRST, some("old", 2, unnamed=("/data",)), 2) == Replacement(
        manner="stop-first", why="its volume at /data has no name, and is handed on when its container is replaced"
    )


def walk(old: list[Container], new: list[Container], replicas: int, update: Update) -> list[tuple[int, int]]:
    """Return after each step how many containers serve at the least, and how many there are at the most."""
    seen = []
    for _once in range(50):
        step = next_step(old, new, replicas, update)
        if step is None:
            assert old == []
            assert len(new) == replicas
            return seen
        old, new = ([one for one in group if one.id not in step.remove] for group in (old, new))
        serving = sum(one.is_up for one in (*old, *new))
        new += some("new", step.make, first=len(old) + len(new) + 100 * len(seen) + 10)
        seen.append((serving, len(old) + len(new)))
    raise AssertionError("it does not end")


def test_one_alone_is_there_before_the_old_one_goes() -> None:
    assert walk(some("old", 1), [], 1, FIRST) == [(1, 2), (1, 1)]


def test_of_several_one_goes_first_and_then_as_many_as_are_wished() -> None:
    old = some("old", 5)
    first = next_step(old, [], 5, Update(at_once=3))
    assert first is not None
    assert (len(first.remove), first.make) == (1, 1)
    after = next_step(old[1:], some("new", 1, first=6), 5, Update(at_once=3))
    assert after is not None
    assert (len(after.remove), after.make) == (3, 3)


@given(st.integers(0, 5), st.integers(0, 3), st.integers(0, 3), st.integers(1, 5), st.integers(1, 6), st.booleans())
def test_at_least_one_serves_and_all_end_as_released(up: int, idle: int, new: int, replicas: int, at_once: int, asked: bool) -> None:
    update = Update(asked=asked, at_once=at_once)
    old = some("old", up) + some("idle", idle, first=up + 1, state="exited", health="none")
    serve = up + new
    seen = walk(old, some("new", new, first=20), replicas, update)
    most = replicas + min(at_once, replicas) if asked else replicas
    for serving, there in seen:
        # Of several at least one serves, and one alone does where its new one is first.
        assert serving >= min(serve, 1) or (replicas == 1 == serve and not asked)
        assert there <= max(most, up + idle + new)
        # Never fewer than all but those that are replaced at once.
        assert serving >= min(serve, replicas - at_once)


class Host:
    """A host whose Compose makes containers of the release with numbers that go up, as the real one does."""

    def __init__(self, directory: Path, engine: fake.Engine) -> None:
        self.directory, self.engine = directory, engine
        self.log: list[str] = []
        self.fails: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.makes = True
        start, stop = engine.start, engine.stop
        engine.start = lambda name: self._noted("start", name) or start(name)  # type: ignore[method-assign]
        engine.stop = lambda name: self._noted("stop", name) or stop(name)  # type: ignore[method-assign]

    def _noted(self, what: str, name: str) -> str:
        self.log.append(f"{what} {name}")
        return ""

    def lay(self, **services: ReleasedService) -> None:
        (self.directory / "release.json").write_text(json.dumps(Release(services=services).to_dict()))

    def run(self) -> Done:
        self.log.clear()
        target = Target(directory=self.directory, project="ziggie", socket=self.engine.path, timeout=5, run=self._compose)
        return apply(target, TIERS)

    def running(self) -> dict[str, str]:
        return {name: one["Config"]["Labels"]["ziggie.stack.definition"] for name, one in self.engine.containers.items()}

    def make(self, service: str, one: ReleasedService) -> str:
        # A container that is gone does not come back.
        number = self.numbers[service] = self.numbers.get(service, 0) + 1
        name = f"{service}-{number}"
        self.engine.add(name, tier=one.tier)
        made = self.engine.containers[name]
        made["Config"]["Image"] = one.image
        made["Config"]["Labels"] |= {
            "ziggie.stack.definition": one.definition,
            "com.docker.compose.service": service,
            "com.docker.compose.container-number": str(number),
        }
        made["State"]["StartedAt"] = f"2026-11-25T20:00:{number:02}Z"
        if one.definition in self.fails:
            self.engine.leads_to[name] = [("exited", "none", 3)]
        self.log.append(f"make {name}")
        return name

    def _compose(self, words: list[str], _inherited: tuple[int, ...]) -> tuple[int, str]:
        services = Release.needed(self.directory).services
        scale = (
            dict(entry.split("=") for entry in words[words.index("--scale") + 1 : words.index("--scale") + 2]) if "--scale" in words else {}
        )
        for name in words[words.index("--") + 1 :]:
            mine = [key for key in self.engine.containers if key.startswith(f"{name}-")]
            if "--force-recreate" in words:
                for key in mine:
                    del self.engine.containers[key]
                mine = []
            for _more in range(self.makes * int(scale.get(name, services[name].replicas)) - len(mine)):
                self.make(name, services[name])
        return 0, ""


@pytest.fixture(name="host")
def _host(tmp_path: Path) -> Iterator[Host]:
    with fake.running(tmp_path) as engine:
        engine.images = {"api:1", "db:1", "web:1", "job:1"}
        yield Host(tmp_path, engine)


def api(word: str, replicas: int = 1, *, asked: bool = True, **more: Any) -> ReleasedService:
    update = Update(asked=asked, pause=0.0)
    return released("api", **{"definition": f"api {word}", "limits": Limits(), "replicas": replicas, "update": update, **more})


def plain(name: str, word: str, **more: Any) -> ReleasedService:
    return released(name, **{"definition": f"{name} {word}", "limits": Limits(), **more})


def test_a_new_one_is_healthy_before_the_old_one_is_stopped(host: Host) -> None:
    host.lay(api=api("good"))
    assert host.run().problems == []
    host.lay(api=api("next"))
    done = host.run()
    assert host.log == ["make api-2", "start api-2", "stop api-1"]
    assert (done.problems, done.recreated, done.started, host.running()) == ([], ["api"], ["api"], {"api-2": "api next"})
    # Another run finds nothing to do.
    assert (host.run().changed, host.log) == (False, [])


def test_of_several_each_is_stopped_after_the_one_before_it_is_healthy(host: Host) -> None:
    host.lay(api=api("good", 3, asked=False))
    host.run()
    host.lay(api=api("next", 3, asked=False))
    assert host.run().problems == []
    one_by_one = [[f"stop api-{number}", f"make api-{number + 3}", f"start api-{number + 3}"] for number in (1, 2, 3)]
    assert host.log == [entry for entries in one_by_one for entry in entries]
    assert (host.run().changed, sorted(host.running())) == (False, ["api-4", "api-5", "api-6"])


@pytest.mark.parametrize(("asked", "left"), [(True, ["api-1", "api-2"]), (False, ["api-2"])])
def test_where_the_first_new_one_fails_the_others_are_not_touched(host: Host, asked: bool, left: list[str]) -> None:
    host.lay(api=api("good", 2, asked=asked))
    host.run()
    host.lay(api=api("bad", 2, asked=asked))
    host.fails.add("api bad")
    done = host.run()
    assert done.problems[0] == "The critical tier did not become healthy."
    assert "api: exited with exit code 3" in done.problems[1]
    names = ", ".join(f"ziggie-{name}-1" for name in left)
    assert done.problems[2] == f"The others were not touched, and serve: {names}."
    assert [name for name, word in host.running().items() if word == "api good"] == left
    # The way back makes no more than what is missing.
    host.lay(api=api("good", 2, asked=asked))
    assert host.run().problems == []
    assert list(host.running().values()) == ["api good"] * 2
    assert set(left) <= set(host.running())
    assert host.run().changed is False


def test_what_a_killed_run_left_is_gone_on_with(host: Host) -> None:
    host.lay(api=api("good"))
    host.run()
    host.make("api", api("next"))
    host.lay(api=api("next"))
    assert host.run().problems == []
    assert host.log == ["start api-2", "stop api-1"]
    assert host.run().changed is False
    # It was killed between the stop of the old one and the making of the new one of two.
    host.lay(api=api("next", 2, asked=False))
    host.run()
    host.lay(api=api("last", 2, asked=False))
    host.engine.containers.pop("api-2")
    host.run()
    assert (sorted(host.running().values()), host.run().changed) == (["api last"] * 2, False)


def test_a_compose_that_makes_nothing_is_told(host: Host) -> None:
    host.lay(api=api("good"))
    host.run()
    host.lay(api=api("next"))
    host.makes = False
    with pytest.raises(ApplyError, match="cannot be brought up: Compose made no other container of api"):
        host.run()
    assert host.running() == {"api-1": "api good"}


def test_one_more_replica_leaves_those_that_run_alone(host: Host) -> None:
    host.lay(api=api("good"))
    host.run()
    host.lay(api=api("good", 3))
    host.run()
    assert [entry for entry in host.log if entry.startswith("stop")] == []
    assert sorted(host.running()) == ["api-1", "api-2", "api-3"]
    host.lay(api=api("good"))
    host.run()
    assert host.log == ["stop api-2", "stop api-3"] or sorted(host.log) == ["stop api-2", "stop api-3"]
    assert host.run().changed is False


def test_a_database_comes_before_its_clients_and_a_job_ends_before_what_waits_for_it(host: Host) -> None:
    def stack(word: str) -> dict[str, ReleasedService]:
        return {
            "db": plain("db", word),
            "job": plain("job", word, ends=True, awaited=True, probe=False, after={"db": "service_healthy"}),
            "api": api(word, after={"job": "service_completed_successfully"}),
            "web": plain("web", word, follows=("api",)),
        }

    host.lay(**stack("good"))
    for number in range(1, 4):
        host.engine.leads_to[f"job-{number}"] = [("running", "none", 0), ("exited", "none", 0)]
    assert host.run().problems == []
    host.lay(**stack("next"))
    assert host.run().problems == []
    starts = [entry for entry in host.log if entry.split()[0] in ("start", "stop")]
    assert [entry.rpartition("-")[0] for entry in starts] == ["start db", "start job", "start api", "stop api", "start web"]
    assert (host.run().changed, host.log) == (False, [])


def test_a_job_that_still_runs_is_waited_for(host: Host) -> None:
    job = plain("job", "good", ends=True, awaited=True, probe=False)
    services = {"job": job, "api": api("good", after={"job": "service_completed_successfully"})}
    host.lay(**services)
    host.make("job", job)
    host.engine.become("job-1", "running")
    changes = compare(services, [Container.of(one) for one in host.engine.containers.values()])
    assert (changes.tiers["critical"].wait, changes.tiers["critical"].deploy) == (("job",), ("api",))


def test_the_critical_tier_is_last_where_the_order_is_free() -> None:
    services = {"db": released("db"), "api": released("api", tier="workflow"), "page": released("page", tier="management")}
    live = [container(name, image="other:1") for name in services]
    assert compare(services, live).busy == ["management", "workflow", "critical"]
    tied = {**services, "api": replace(services["api"], after={"db": "service_healthy"})}
    assert compare(tied, live).busy == ["critical", "workflow", "management"]
    # What is not touched ties nobody.
    assert compare(tied, [container("db"), *live[1:]]).busy == ["management", "workflow"]
    # A stack that starts does so tier by tier.
    assert compare(services, live[:2]).busy == ["critical", "workflow", "management"]

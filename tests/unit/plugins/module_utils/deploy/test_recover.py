# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that fails is kept for a look at it, and the whole stack goes back to the last that came up, where that is safe."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import failures as kept_failures
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.failures import Failures
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.hooks import Hooks
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.look import ApplyError, Done, Target
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.recover import OnFailure, Recovery, carry_out
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import DataFormat, Release, ReleasedService
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.replace import Update
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.plugins.module_utils.limits import Limits
from ansible_collections.ziggie.stack.plugins.module_utils.settings.hooks import parse
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit import samples

Told = tuple[Done, "Recovery | None"]


class Host:
    """A host with an engine and a Compose that makes what the release in its project directory says."""

    def __init__(self, directory: Path, engine: fake.Engine) -> None:
        self.home, self.directory, self.engine = directory, directory / "stack", engine
        self.archive = Archive(directory / "releases", self.directory)
        self.failures = Failures(directory / "failed")
        self.directory.mkdir()
        self.made: list[str] = []
        self.starts = 0
        self.compose_says = ""
        # What a start of a definition leads to, where it is not health.
        self.leads_to: dict[str, Any] = {}

    def lay(self, word: str, *, volumes: dict[str, str] | None = None, **changed: ReleasedService | None) -> str:
        """Lay a release into the project directory, of `a`, `b` and what is given, and return its id."""
        services = {"a": service("a"), "b": service("b", tier="workflow")} | changed
        release = Release(services={name: one for name, one in services.items() if one}, volumes=volumes or {})
        (self.directory / "release.json").write_text(json.dumps(release.to_dict()))
        (self.directory / "compose.yml").write_text(f"name: {word}\n")
        (self.directory / "budget.json").write_text(json.dumps({"of": word}))
        return self.archive.identifier()

    def run(self, on_failure: OnFailure | None = "rollback", watch: float = 0, *, check: bool = False, hooks: Hooks | None = None) -> Told:
        target = Target(directory=self.directory, project="ziggie", socket=self.engine.path, timeout=5, run=self._compose)
        return carry_out(target, TIERS, changes=None, on_failure=on_failure, watch=watch, check=check, describe=True, hooks=hooks)

    def good(self, **services: ReleasedService) -> str:
        """Have a release that came up and was kept."""
        name = self.lay("good", **services)
        done, recovery = self.run()
        assert (done.problems, recovery) == ([], None)
        self.archive.keep(10.0, 10)
        self.made.clear()
        return name

    def running(self) -> dict[str, str]:
        return {name: one["Config"]["Labels"]["ziggie.stack.definition"] for name, one in self.engine.containers.items()}

    def _compose(self, words: list[str], _inherited: tuple[int, ...]) -> tuple[int, str]:
        if self.compose_says:
            return 1, self.compose_says
        release = Release.needed(self.directory)
        for name in words[words.index("--") + 1 :]:
            one = release.services[name]
            self.made.append(name)
            self.engine.add(name, tier=one.tier)
            self.engine.containers[name]["Config"]["Image"] = one.image
            self.engine.containers[name]["Config"]["Labels"]["ziggie.stack.definition"] = one.definition
            self.engine.containers[name]["State"]["StartedAt"] = f"2026-11-25T20:00:{self.starts:02}Z"
            self.starts += 1
            self.engine.leads_to[name] = self.leads_to.get(one.definition, [("running", "healthy", 0)])
        return 0, ""


def service(name: str, word: str = "good", **more: Any) -> ReleasedService:
    return samples.released(name, **{"definition": f"{name} {word}", "limits": Limits(), **more})


@pytest.fixture(name="host")
def _host(tmp_path: Path) -> Iterator[Host]:
    with fake.running(tmp_path) as engine:
        engine.images = {"a:1", "a:2", "b:1", "c:1"}
        yield Host(tmp_path, engine)


def bad(host: Host, leads_to: Any = (("exited", "none", 3),), **more: Any) -> str:
    """Lay a release whose `b` fails when it is started."""
    host.leads_to["b bad"] = leads_to if isinstance(leads_to, str) else list(leads_to)
    return host.lay("bad", b=service("b", "bad", tier="workflow", **more))


def text(done: Done) -> str:
    return "\n".join(done.problems)


def test_the_stack_goes_back_and_the_reason_comes_first(host: Host) -> None:
    good = host.good()
    failed = bad(host)
    host.engine.logs["b"] = b"first\nlast\n"
    done, recovery = host.run()
    assert recovery == Recovery(failed=failed, kept_in=str(host.home / "failed" / failed), release=good, whole=True, budget={"of": "good"})
    assert host.running() == {"a": "a good", "b": "b good"}
    assert host.archive.identifier() == good
    assert host.archive.is_kept()
    # Nothing but what failed is touched: it is made twice.
    assert host.made == ["b", "b"]
    assert done.problems[0] == "The workflow tier did not become healthy."
    assert done.problems[1].startswith("b: exited with exit code 3, never restarted; the last lines of its log:\n    first\n    last")
    assert done.problems[2].startswith(f"The stack is back on release {good}, deployed 1970-01-01 00:00:10 UTC, and healthy.")
    assert done.problems[3].startswith(f"What failed is kept in {recovery.kept_in}")
    assert all(container.is_up for container in done.containers or [])


def test_nothing_is_taken_back_where_all_that_failed_is_to_be_left(host: Host) -> None:
    host.good()
    bad(host, update=Update(on_failure="pause"))
    done, recovery = host.run()
    assert (recovery and recovery.release, host.running()["b"]) == ("", "b bad")
    assert "Nothing was taken back, since update_config.failure_action is pause of b: ziggie.stack.rollback takes" in text(done)
    # Another service that fails takes the stack back.
    host.leads_to["c bad"] = [("exited", "none", 3)]
    host.lay("worse", b=service("b", tier="workflow", update=Update(on_failure="pause")), c=service("c", "bad", tier="workflow"))
    _done, recovery = host.run()
    assert recovery
    assert recovery.whole


def test_what_failed_is_kept_whole(host: Host) -> None:
    host.good()
    failed = bad(host)
    labels = {"com.docker.compose.service": "b", "exitCode": "3"}
    host.engine.past = [{"Action": "die", "timeNano": 5_000_000_000, "Actor": {"Attributes": labels}}, {"Action": "exec_die"}]
    host.engine.logs["b"] = b"\1\0\0\0\0\0\0\5said\n\2\0\0\0\0\0\0\5more\n"
    host.run()
    [failure] = host.failures.kept()
    place = host.failures.path(failure)
    assert (failure.release, failure.back_on) == (failed, host.archive.identifier())
    assert [(one.service, one.state, one.exit_code) for one in failure.containers] == [("b", "exited", 3)]
    assert [one.output for one in failure.containers[0].probes] == ["so it said"]
    assert (place / "release/compose.yml").read_text() == "name: bad\n"
    assert (place / "logs/ziggie-b-1.log").read_text() == "said\nmore\n"
    assert [(one.at, one.service, one.what, one.exit_code) for one in failure.events] == [(5.0, "b", "die", "3")]
    assert {path.stat().st_mode & 0o077 for path in place.rglob("*") if path.is_file()} == {0}


def test_only_the_newest_failures_are_kept(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_failures, "MOST", 2)
    few = Failures(host.home / "failed", 2)
    names = []
    for now, word in enumerate(("one", "two", "three")):
        host.lay(word)
        names.append(few.keep({"compose.yml": word.encode()}, ["Why."], kept_failures.Evidence(), now).release)
    assert [one.release for one in few.kept()] == [names[2], names[1]]
    assert sorted(path.name for path in few.directory.iterdir()) == sorted(names[1:])


@pytest.mark.parametrize("what", ["", "{", "[]", "null", "{}"])
def test_a_failure_that_cannot_be_read_is_none(host: Host, what: str) -> None:
    (host.home / "failed/abc").mkdir(parents=True)
    (host.home / "failed/abc/failure.json").write_text(what)
    assert host.failures.kept() == []


def test_whoever_falls_sick_while_it_is_watched_goes_back(host: Host) -> None:
    good = host.good()
    bad(host, [("running", "healthy", 0)])
    threading.Timer(0.5, lambda: host.engine.become("b", "exited", "none", 7)).start()
    done, recovery = host.run(watch=30)
    assert done.problems[0] == "All was healthy, and then fell sick within the 30 s for which a change is watched."
    assert "b: exited with exit code 7" in done.problems[1]
    assert recovery is not None
    assert (recovery.release, recovery.whole) == (good, True)


def test_what_stays_well_while_it_is_watched_is_a_success(host: Host) -> None:
    host.good()
    bad(host, [("running", "healthy", 0)])
    done, recovery = host.run(watch=0.2)
    assert (done.problems, recovery, host.running()["b"], host.failures.kept()) == ([], None, "b bad", [])


def test_what_an_earlier_call_started_is_watched_in_the_last_one(host: Host) -> None:
    host.good()
    host.lay("bad", a=service("a", "bad"), b=service("b", "bad", tier="workflow"))
    target = Target(directory=host.directory, project="ziggie", socket=host.engine.path, timeout=5, run=host._compose)
    release = Release.needed(host.directory)
    changes = compare(release.services, [Container.of(one) for one in host.engine.containers.values()])

    def call(tier: str) -> Told:
        return carry_out(target, [tier], changes=changes, on_failure="rollback", watch=30, check=False, describe=True)

    # The first call is not the last with anything to do: it listens while it starts, and does not watch.
    listeners = len(host.engine.listeners)
    assert call(changes.busy[0])[0].problems == []
    assert len(host.engine.listeners) == listeners + 1
    threading.Timer(0.3, lambda: host.engine.become("b", "exited", "none", 7)).start()
    done, recovery = call(changes.busy[1])
    assert "b: exited with exit code 7" in done.problems[1]
    assert recovery is not None
    assert (recovery.whole, host.running()) == (True, {"a": "a good", "b": "b good"})


def test_where_nothing_is_started_nothing_is_watched(host: Host) -> None:
    host.good()
    done, _recovery = host.run(watch=3600)
    assert done.started == []


def test_with_stop_all_stays_as_it_is(host: Host) -> None:
    good = host.good()
    failed = bad(host)
    done, recovery = host.run("stop")
    assert host.running()["b"] == "b bad"
    assert f"ziggie.stack.rollback takes the stack back to release {good}" in text(done)
    assert recovery is not None
    assert (recovery.failed, recovery.release) == (failed, "")
    assert host.failures.kept()[0].back_on == ""


def test_without_a_wish_a_failure_is_only_told(host: Host) -> None:
    host.good()
    bad(host)
    done, recovery = host.run(None)
    assert (len(done.problems), recovery, host.failures.kept()) == (2, None, [])


def test_in_check_mode_nothing_is_taken_back(host: Host) -> None:
    host.good()
    failed = bad(host)
    done, recovery = host.run(check=True)
    assert (done.problems, recovery, host.archive.identifier()) == ([], None, failed)


def test_a_first_deploy_has_nothing_to_go_back_to(host: Host) -> None:
    bad(host)
    done, recovery = host.run()
    assert "No release has come up on this host before" in text(done)
    assert recovery is not None
    assert recovery.release == ""
    assert len(host.failures.kept()) == 1


def test_the_last_good_release_does_not_go_back_to_itself(host: Host) -> None:
    host.leads_to["b good"] = [("exited", "none", 3)]
    host.lay("good")
    host.archive.keep(10.0, 10)
    done, _recovery = host.run()
    assert "going back to it would change nothing" in text(done)


def test_containers_that_cannot_be_made_bring_the_files_back(host: Host) -> None:
    good = host.good()
    bad(host, image="never-made:1")
    host.compose_says = "Error response from daemon: manifest unknown"
    done, recovery = host.run()
    assert done.problems[0].startswith("The workflow tier cannot be brought up: cannot pull the images never-made:1 of b: manifest unknown")
    assert recovery is not None
    assert (recovery.whole, host.archive.identifier(), host.running()["b"]) == (True, good, "b good")


def test_what_is_new_in_the_failed_release_is_removed_and_what_it_left_out_comes_back(host: Host) -> None:
    host.good()
    host.leads_to["c bad"] = [("exited", "none", 1)]
    host.lay("bad", b=None, c=service("c", "bad"))
    host.engine.containers.pop("b")
    _done, recovery = host.run()
    assert recovery is not None
    assert recovery.whole
    assert host.running() == {"a": "a good", "b": "b good"}


def old(**more: Any) -> ReleasedService:
    return service("a", data=DataFormat(program="postgres", version="17", places=("pg_data",)), **more)


def new(**more: Any) -> ReleasedService:
    return service("a", "bad", image="a:2", data=DataFormat(program="postgres", version="18", places=("pg_data",)), **more)


def test_data_that_may_have_moved_is_not_taken_back_blindly(host: Host) -> None:
    good = host.good(a=old())
    host.leads_to["a bad"] = [("running", "unhealthy", 0)]
    host.lay("bad", a=new())
    done, recovery = host.run()
    assert host.running()["a"] == "a bad"
    assert recovery is not None
    assert recovery.release == ""
    assert f"The stack was not taken back to release {good}" in text(done)
    assert "a: postgres 18 has run on the data of postgres 17 in pg_data" in text(done)
    assert f"ziggie.stack.rollback -e rollback_release={good}" in text(done)


@pytest.mark.parametrize("before", [old(), service("a")], ids=["known", "not known"])
def test_a_database_that_never_ran_is_taken_back(host: Host, before: ReleasedService) -> None:
    host.good(a=before)
    host.leads_to["a bad"] = "no such device"
    host.lay("bad", a=new())
    compose = host._compose

    def never(words: list[str], inherited: tuple[int, ...]) -> tuple[int, str]:
        answer = compose(words, inherited)
        if host.running()["a"] == "a bad":
            host.engine.containers["a"]["State"]["StartedAt"] = "0001-01-01T00:00:00Z"
        return answer

    host._compose = never  # type: ignore[method-assign,assignment]
    _done, recovery = host.run()
    assert recovery is not None
    assert recovery.whole


def test_a_database_of_the_same_format_is_taken_back(host: Host) -> None:
    host.good(a=old())
    host.leads_to["a bad"] = [("running", "unhealthy", 0)]
    host.lay("bad", a=service("a", "bad", image="a:2", data=old().data))
    _done, recovery = host.run()
    assert recovery is not None
    assert recovery.whole


def test_volumes_that_lie_elsewhere_keep_it_from_going_back(host: Host) -> None:
    host.lay("good", volumes={"data": "/old"})
    host.run()
    host.archive.keep(10.0, 10)
    host.leads_to["b bad"] = [("exited", "none", 3)]
    failed = host.lay("bad", volumes={"data": "/new"}, b=service("b", "bad", tier="workflow"))
    done, _recovery = host.run()
    assert "its data would be left behind" in text(done)
    assert host.archive.identifier() == failed


def test_a_secret_that_is_gone_keeps_it_from_going_back(host: Host) -> None:
    host.good(a=service("a", secrets=("secrets/a/password",)))
    bad(host)
    done, _recovery = host.run()
    assert "a: its secret secrets/a/password is no part of the release that failed" in text(done)


def test_a_way_back_that_fails_ends_in_a_sentence_for_each_service(host: Host) -> None:
    good = host.good()
    bad(host)
    host.leads_to["b good"] = [("exited", "none", 9)]
    done, recovery = host.run()
    assert recovery is not None
    assert (recovery.release, recovery.whole) == (good, False)
    assert f"Going back to release {good}, deployed 1970-01-01 00:00:10 UTC failed, too:" in done.problems
    assert f"a: as in release {good}, and up." in done.problems
    assert f"b: not as in release {good}: state is exited instead of running." in done.problems
    assert "ziggie.stack.deploy brings up what is missing" in text(done)
    assert host.failures.kept()[0].back_on == ""


def test_a_compose_that_fails_on_the_way_back_is_told(host: Host) -> None:
    good = host.good()
    bad(host)
    compose = host._compose

    def fail(words: list[str], inherited: tuple[int, ...]) -> tuple[int, str]:
        if host.archive.identifier() == good:
            return 1, "Error response from daemon: no space left on device"
        return compose(words, inherited)

    host._compose = fail  # type: ignore[method-assign,assignment]
    done, _recovery = host.run()
    assert "no space left on device." in text(done)
    assert f"b: not as in release {good}" in text(done)


def test_no_room_for_what_failed_is_no_reason_to_stay_broken(host: Host) -> None:
    host.good()
    bad(host)
    (host.home / "failed").write_text("in the way")
    done, recovery = host.run()
    assert recovery is not None
    assert (recovery.whole, recovery.kept_in) == (True, "")
    assert "What failed could not be kept in" in done.problems[-1]


def test_an_engine_that_is_gone_is_told_and_nothing_is_taken_back(host: Host) -> None:
    host.good()
    failed = bad(host, [("running", "starting", 0)])
    threading.Timer(0.3, host.engine.hang_up).start()
    with pytest.raises(ApplyError, match="the engine went away"):
        host.run()
    assert host.archive.identifier() == failed


def test_a_killed_way_back_is_finished_by_the_next_run(host: Host) -> None:
    good = host.good()
    bad(host)
    wanted = host.archive.read(host.archive.kept()[0])
    # Killed after the first file.
    (host.directory / "compose.yml").write_bytes(wanted["compose.yml"])
    _done, recovery = host.run()
    assert recovery is not None
    assert (recovery.release, recovery.whole, host.archive.identifier()) == (good, True, good)


def test_a_hook_that_fails_after_counts_like_a_service_that_is_not_healthy(host: Host, tmp_path: Path) -> None:
    good = host.good()
    host.lay("new", b=service("b", "new", tier="workflow"))
    shell = ["/bin/sh", "-c"]
    hooks, _none = parse(
        [
            {"when": "after", "of": "service:b", "command": [*shell, "echo no data; exit 1"]},
            {"when": "after", "of": "deploy", "command": [*shell, f"echo $ZIGGIE_OUTCOME >>{tmp_path}/told"]},
        ]
    )
    done, recovery = host.run(hooks=Hooks(hooks))
    assert (
        done.problems[0] == "The hook stack_hooks[0] (after service b, /bin/sh) failed: it ended with exit code 1; it said last: no data."
    )
    assert recovery is not None
    assert (recovery.release, recovery.whole, host.running()["b"]) == (good, True, "b good")
    # It learns what became of the release, and no hook runs on the way back.
    assert (tmp_path / "told").read_text() == "rolled back\n"
    assert done.hooks == ["after service b: /bin/sh", "after deploy: /bin/sh"]


def test_how_long_a_service_was_away_is_measured(host: Host) -> None:
    host.good()
    host.lay("new", b=service("b", "new", tier="workflow"))
    # What the engine has forgotten is not measured.
    assert host.run()[0].down == {}
    host.lay("newer", b=service("b", "newer", tier="workflow"), a=service("a", "newer"))
    ended = {"Action": "die", "timeNano": int((time.time() - 20) * 1e9), "Actor": {"Attributes": {"com.docker.compose.service": "b"}}}
    host.engine.past.append(ended)
    done, _none = host.run()
    assert done.problems == []
    assert list(done.down) == ["b"]
    assert 20 <= done.down["b"] < 80

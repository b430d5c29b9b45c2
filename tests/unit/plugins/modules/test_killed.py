# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wherever a module is killed, one more run leaves the host as one that was not killed, and a further one finds nothing to do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import Release, ReleasedService
from ansible_collections.ziggie.stack.plugins.module_utils.limits import Limits
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit import samples
from ansible_collections.ziggie.stack.tests.unit.killed import Ended, Killer, killer


def service(name: str, word: str, **more: Any) -> ReleasedService:
    return samples.released(name, **{"definition": f"{name} {word}", "limits": Limits(), **more})


class Host:
    """A host with an engine, a project directory and an archive of releases."""

    def __init__(self, home: Path, engine: fake.Engine, run: Killer) -> None:
        self.home, self.engine, self._run = home, engine, run
        self.project = home / "stack"
        self.archive = Archive(home / "releases", self.project)
        self.project.mkdir()
        self.lock = {"lock": str(home / "ziggie.lock"), "log": str(home / "runs.jsonl")}

    def lay(self, word: str, *services: ReleasedService) -> str:
        """Lay a release into the project directory, as site does, and return its id."""
        (self.project / "config").mkdir(exist_ok=True)
        release = Release(services={one.definition.split()[0]: one for one in services}, volumes={})
        files = {"release.json": json.dumps(release.to_dict()), "compose.yml": f"name: {word}\n", "budget.json": f'{{"of": "{word}"}}'}
        for name, content in {**files, "config/web.conf": f"{word}\n"}.items():
            (self.project / name).write_text(content, encoding="utf-8")
        return self.archive.identifier()

    def up(self, kill_at: int = 0, **options: Any) -> Ended:
        given = {"project_src": str(self.project), "socket": self.engine.path, "timeout": 5, "describe": False, **self.lock, **options}
        return self._run.run("up", kill_at=kill_at, **given)

    def releases(self, state: str, kill_at: int = 0) -> Ended:
        return self._run.run("releases", kill_at=kill_at, directory=str(self.home), state=state, **self.lock)

    def running(self) -> dict[str, str]:
        """Return the definition of each service that is up."""
        found = self.engine.containers.values()
        return {
            one["Config"]["Labels"]["com.docker.compose.service"]: one["Config"]["Labels"]["ziggie.stack.definition"]
            for one in found
            if one["State"]["Status"] == "running" and one["State"]["Health"]["Status"] == "healthy"
        }


@pytest.fixture(name="host")
def _host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    fake.docker(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "home").mkdir()
    with fake.running(tmp_path) as engine, killer() as run:
        engine.images = {f"{name}:1" for name in "abcd"}
        yield Host(tmp_path / "home", engine, run)


def every(run: Callable[[int], Ended], begin: Callable[[], Any], check: Callable[[str], None], since: str = "") -> list[str]:
    """Begin, have a run killed before its first effect, check; and so on with the second, until one run is over. Return all its effects.

    What comes before the first effect that has `since` in it is what every run begins with, and left out.
    """
    begin()
    number = next(number for number, effect in enumerate(run(0).effects) if since in effect)
    while True:
        number += 1
        begin()
        ended = run(number)
        assert len(ended.effects) >= number or not ended.was_killed
        check(f"killed before effect {number}, {ended.effects[-1]}" if ended.was_killed else "not killed")
        if not ended.was_killed:
            return ended.effects


def test_a_deploy_that_is_killed(host: Host) -> None:
    wanted = [
        service("a", "new"),
        service("b", "same", limits=Limits(memory=64 << 20)),
        service("c", "same", tier="workflow"),
        service("d", "same", tier="workflow"),
    ]

    def begin() -> None:
        host.engine.containers.clear()
        host.lay("one", *wanted)
        host.engine.make("a", "critical", "a:1", "a old")
        host.engine.make("b", "critical", "b:1", "b same")
        host.engine.make("c", "workflow", "c:1", "c same")
        for name in "ab":
            host.engine.become(name, "running", "healthy")

    def check(when: str) -> None:
        again = host.up().answer
        assert again.get("problems") == [], f"{when}: {again}"
        assert host.running() == {"a": "a new", "b": "b same", "c": "c same", "d": "d same"}, when
        assert host.up().answer["changed"] is False, when

    effects = every(host.up, begin, check)
    assert {"POST /containers/b/update", "POST /containers/a/start", "POST /containers/c/start"} <= set(effects)
    assert any(effect.startswith("subprocess.Popen") for effect in effects)


def test_a_release_that_fails_and_is_killed_on_its_way_back(host: Host) -> None:
    """One more run of site lays the same release again, which fails again, and goes back to the end; a deploy ends what was begun."""
    host.engine.fates["b bad"] = [("exited", "none", 3)]
    identifier = host.lay("good", service("a", "good"), service("b", "good", tier="workflow"))
    host.up()
    host.releases("kept")

    def site(kill_at: int = 0) -> Ended:
        bad.add(host.lay("bad", service("a", "good"), service("b", "bad", tier="workflow")))
        return host.up(kill_at, on_failure="rollback")

    def check(when: str) -> None:
        if host.archive.identifier() in bad:
            again = site().answer
            assert again["recovery"]["whole"] is True, f"{when}: {again}"
        else:
            again = host.up().answer
            assert again["problems"] == [], f"{when}: {again}"
        assert host.archive.identifier() == identifier, when
        assert host.running() == {"a": "a good", "b": "b good"}, when

    bad: set[str] = set()
    effects = every(site, lambda: None, check, since="home/failed")
    assert host.up().answer["changed"] is False
    assert any("stack/.release.json" in effect for effect in effects)


def test_a_rollback_that_is_killed_goes_on_to_the_same_release(host: Host) -> None:
    first = host.lay("one", service("a", "one"))
    host.up()
    host.releases("kept")

    def begin() -> None:
        host.lay("two", service("a", "two"))
        host.releases("kept")
        host.up()

    def check(when: str) -> None:
        again = host.releases("restored").answer
        assert again.get("release") == first, f"{when}: {again}"
        assert host.up().answer["problems"] == []
        assert host.releases("kept").answer["release"] == first
        assert host.running() == {"a": "a one"}, when

    every(lambda number: host.releases("restored", number), begin, check, since="home/releases")
    begin()
    host.releases("restored")
    assert host.up(kill_at=6).was_killed
    check("killed while it was brought up")


def test_a_rollback_that_failed_is_no_rollback_that_was_killed(host: Host) -> None:
    first = host.lay("one", service("a", "one"))
    host.up()
    host.releases("kept")
    second = host.lay("two", service("a", "two"))
    host.up()
    host.releases("kept")
    assert host.releases("restored").answer["release"] == first
    host.engine.fates["a one"] = [("exited", "none", 3)]
    assert f"ziggie.stack.rollback takes the stack back to release {second}" in " ".join(host.up(on_failure="stop").answer["problems"])
    assert host.releases("restored").answer["release"] == second
    # What was laid since is not half of what was restored before.
    third = host.lay("three", service("a", "three"))
    assert host.up().answer["problems"] == []
    assert host.archive.identifier() == third


def test_a_release_that_is_killed_while_it_is_kept(host: Host) -> None:
    host.lay("one", service("a", "one"))
    host.releases("kept")
    identifier = host.lay("two", service("a", "two"))

    def begin() -> None:
        for path in sorted((host.home / "releases" / identifier).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

    def check(when: str) -> None:
        assert host.releases("kept").answer["release"] == identifier, when
        assert host.archive.last_good() == host.archive.kept()[0], when
        assert host.archive.kept()[0].identifier == identifier, when
        assert host.archive.read(host.archive.kept()[0]), when
        assert not [path.name for path in (host.home / "releases").glob(".*.*") if path.is_dir()], when

    every(lambda number: host.releases("kept", number), begin, check, since="home/releases")

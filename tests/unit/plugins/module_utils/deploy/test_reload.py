# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that a program can read again is checked, read and proved, in the same container; what is refused changes nothing and goes back."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.reload import Reload
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes, Difference, TierChange, compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.inspect import Question, inspect
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.look import Done, Target
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.recover import Recovery, carry_out
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import Release, ReleasedService, fingerprint
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import READS, Read, Reads, changed, unread
from ansible_collections.ziggie.stack.plugins.module_utils.limits import Limits
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump, load
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit import samples

HOW = Reload(files=("*.conf",), check=("a", "-t"), command=("a", "-s", "reload"), verify=("a", "took"), timeout=1)
PATH = "config/a/a.conf"
# The fake engine started its containers then.
STARTED = 1_764_100_800.0


class Host:
    """A service `a` that runs and reads `a.conf` again when it is told to, and a service `b` that is only there."""

    def __init__(self, root: Path, engine: fake.Engine) -> None:
        self.directory, self.engine, self.how = root / "stack", engine, HOW
        self.archive = Archive(root / "releases", self.directory)
        (self.directory / "config/a").mkdir(parents=True)
        for name in ("a", "b"):
            engine.add(name, "running", "healthy", tier="critical" if name == "a" else "workflow")
            engine.containers[name]["State"]["StartedAt"] = "2025-11-25T20:00:00Z"
            engine.containers[name]["Config"]["Healthcheck"] = {"Test": ["CMD", name, "ping"], "Timeout": 1_000_000_000}

    def lay(self, content: str, at: float | None = None) -> None:
        """Lay a release with this configuration into the project directory."""
        (self.directory / PATH).write_text(content, encoding="utf-8")
        services = {"a": self.service(content), "b": service("b", tier="workflow")}
        (self.directory / "release.json").write_text(json.dumps(Release(services=services).to_dict()))
        (self.directory / "compose.yml").write_text("name: it\n")
        (self.directory / "budget.json").write_text("{}")
        if at is not None:
            for path in (self.directory / PATH, self.directory / "config/a"):
                os.utime(path, (at, at))

    def service(self, content: str) -> ReleasedService:
        return service("a", reload=self.how, reloadable={PATH: fingerprint(content)})

    def good(self, content: str = "old") -> None:
        """Have a release that came up before, which the container has read, and whose release was kept."""
        self.lay(content, STARTED - 60)
        assert self.run()[0].changed is False
        self.archive.keep(10.0, 10)

    def run(self, *, check: bool = False) -> tuple[Done, Recovery | None]:
        target = Target(directory=self.directory, project="ziggie", socket=self.engine.path, timeout=5, run=lambda *_: (1, "no Compose"))
        return carry_out(target, TIERS, changes=None, on_failure="rollback", watch=0, check=check, describe=False)

    @property
    def untouched(self) -> bool:
        return not self.engine.started and not self.engine.stopped and {*self.engine.containers} == {"a", "b"}


def service(name: str, **more: Any) -> ReleasedService:
    return samples.released(name, **{"definition": name, "limits": Limits(), **more})


@pytest.fixture(name="host")
def _host(tmp_path: Path) -> Iterator[Host]:
    with fake.running(tmp_path) as engine:
        yield Host(tmp_path, engine)


def test_what_can_be_read_again_is_checked_ordered_and_verified_in_the_same_container(host: Host) -> None:
    host.good()
    host.lay("new")
    done, recovery = host.run()
    assert (done.problems, recovery, done.reloaded, done.recreated, done.started) == ([], None, ["a"], [], [])
    assert host.engine.ran == [("a", "a -t"), ("a", "a -s reload"), ("a", "a took"), ("a", "a ping")]
    assert host.untouched
    # A second run finds nothing to do.
    again, _none = host.run()
    assert (again.changed, len(host.engine.ran)) == (False, 4)


def test_check_mode_says_so_and_asks_nobody(host: Host) -> None:
    host.good()
    host.lay("new")
    done, _none = host.run(check=True)
    assert (done.changed, done.reloaded, host.engine.ran) == (True, ["a"], [])
    assert f"a.{PATH}: written since it was read" in done.before


def test_a_signal_is_sent_by_the_engine(host: Host) -> None:
    host.how = Reload(signal="HUP")
    host.good()
    host.lay("new")
    assert host.run()[0].problems == []
    assert host.engine.signals == [("a", "SIGHUP")]


def test_what_the_program_refuses_is_not_reloaded_and_goes_back(host: Host) -> None:
    host.good()
    host.lay("broken")
    host.engine.ends["a -t"] = (1, "emerg: what is this\ntest failed\n")
    kept = Archive.restore

    def restore(self: Archive, wanted: Any) -> None:
        kept(self, wanted)
        host.engine.ends.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Archive, "restore", restore)
        done, recovery = host.run()
    assert done.problems[0] == (
        "a refuses its new configuration; nothing was reloaded, and it goes on with the old one:\n    emerg: what is this\n    test failed"
    )
    assert "healthy" in done.problems[1]
    assert recovery is not None
    assert recovery.whole
    assert (host.directory / PATH).read_text() == "old"
    # What was refused is told, the old one is read once more, since nothing proves that no process read the other.
    assert [command for _id, command in host.engine.ran] == ["a -t", "a -t", "a -s reload", "a took", "a ping"]
    assert host.untouched


def test_what_the_program_does_not_take_is_told_with_its_words(host: Host) -> None:
    host.good()
    host.lay("new")
    host.engine.ends["a took"] = (1, "still the old one\n")
    host.engine.logs["a"] = b"zone conflicts\n"
    done, recovery = host.run()
    assert done.problems[0] == "The critical tier did not take its new configuration."
    assert done.problems[1].splitlines() == [
        "a did not take its new configuration:",
        "    still the old one",
        "    the last lines of its log:",
        "    zone conflicts",
    ]
    # The way back fails alike here, and says so.
    assert recovery is not None
    assert not recovery.whole
    assert host.untouched


def test_a_probe_that_fails_after_it_counts(host: Host) -> None:
    host.good()
    host.lay("new")
    host.engine.ends["a ping"] = (7, "connection refused\n")
    assert "    connection refused" in host.run()[0].problems[1]


def test_what_a_later_tier_refuses_ends_the_run_before_anything_is_touched(host: Host) -> None:
    host.lay("new")
    changes = Changes(
        services={},
        tiers={
            "critical": TierChange(deploy=("b",), recreate=(), limits=(), wait=()),
            "workflow": TierChange(deploy=(), recreate=(), limits=(), wait=(), reload=("a",)),
            "management": TierChange(deploy=(), recreate=(), limits=(), wait=()),
        },
        create=(),
        orphans=(),
    )
    host.engine.ends["a -t"] = (1, "no\n")
    target = Target(directory=host.directory, project="ziggie", socket=host.engine.path, timeout=5, run=lambda *_: (0, ""))
    done, _none = carry_out(target, ["critical"], changes=changes, on_failure=None, watch=0, check=False, describe=False)
    assert done.problems[0].startswith("a refuses")
    assert host.untouched


def differences(host: Host, content: str, **live: Any) -> tuple[Difference, ...]:
    container = samples.container("a", started=STARTED, **live)
    return unread({"a": host.service(content)}, [container], host.directory, to_write=True).get("a", ())


def test_what_lies_there_is_read_unless_it_was_written_since(host: Host) -> None:
    host.lay("old", STARTED - 60)
    assert differences(host, "old") == ()
    # As a plan sees it, before anything is written.
    assert differences(host, "new") == (Difference(key=PATH, desired=fingerprint("new"), live=fingerprint("old")),)
    assert differences(host, "new", state="exited") == ()
    os.utime(host.directory / PATH, (STARTED + 60, STARTED + 60))
    assert differences(host, "old") == (Difference(key=PATH, desired=fingerprint("old"), live="written since it was read"),)
    (host.directory / PATH).unlink()
    assert differences(host, "old")[0].live is None


def test_a_plan_sees_what_a_run_would_write_and_a_look_does_not(host: Host) -> None:
    host.lay("old", STARTED - 60)

    def seen(desired: dict[str, Any] | None) -> str:
        question = Question(
            directory=host.directory, project="ziggie", socket=host.engine.path, desired=desired, log=host.directory / "log"
        )
        return str(inspect(question, warn=print)["changes"]["services"]["a"]["action"])

    assert seen({"a": host.service("new").to_dict()}) == "reload"
    assert seen({"a": host.service("old").to_dict()}) == seen(None) == "none"


def test_what_was_changed_by_hand_is_not_read(host: Host) -> None:
    host.good()
    (host.directory / PATH).write_text("by hand")
    assert host.run()[0].changed is False
    host.lay("old")
    assert host.run()[0].reloaded == ["a"]


def test_a_file_that_went_is_a_difference_before_and_after(host: Host) -> None:
    host.lay("old", STARTED - 60)
    stray = host.directory / "config/a/more/b.conf"
    stray.parent.mkdir()
    stray.write_text("b")
    assert [one.key for one in differences(host, "old")] == ["config/a/more/b.conf"]
    stray.unlink()
    assert differences(host, "old") == (Difference(key="config/a", desired="as released", live="written since it was read"),)
    # What the program cannot read again is none of it.
    (host.directory / "config/a/start.sh").write_text("exec a")
    for path in (host.directory / "config/a", stray.parent):
        os.utime(path, (STARTED - 60, STARTED - 60))
    assert differences(host, "old") == ()


def test_what_was_read_again_holds_for_that_process_alone(tmp_path: Path) -> None:
    directory = tmp_path / "stack"
    live = samples.container("a", started=STARTED)
    gone = Reads(containers={"gone": Read(started=1.0, at=2.0)})
    gone.note(directory, live, STARTED + 5, [live.id])
    noted = Reads.read(directory)
    assert dump(noted) == {"containers": {live.id: {"started": STARTED, "at": STARTED + 5}}}
    assert load(Reads, dump(noted)) == noted
    assert noted.since(live) == STARTED + 5
    assert noted.since(replace(live, started=STARTED + 9)) == STARTED + 9
    for rubbish in ("", "[]", '{"containers": 1}', "\0"):
        (tmp_path / READS).write_text(rubbish)
        assert Reads.read(directory) == Reads()


def test_a_clock_that_was_set_back_has_nothing_read_twice(host: Host) -> None:
    host.good()
    host.lay("new", time.time() + 3600)
    assert host.run()[0].reloaded == ["a"]
    assert host.run()[0].changed is False


def test_the_least_that_mends_it() -> None:
    wanted, live = samples.released("a"), samples.container("a")
    different = {"a": (Difference(key=PATH, desired="x", live="y"),)}

    def change(**changed: Any) -> Changes:
        return compare({"a": wanted}, [replace(live, **changed)], unread=different)

    assert change().services["a"].action == "reload"
    assert change().tiers["critical"] == TierChange(deploy=(), recreate=(), limits=(), wait=(), reload=("a",))
    assert change(health="starting").services["a"].action == "reload"
    assert change(image="a:2").services["a"].action == "recreate"
    assert change(health="unhealthy").services["a"].action == "recreate"
    # Other limits come with it, in place.
    limits = change(limits=replace(samples.LIMITS, pids=5))
    assert limits.services["a"].action == "reload"
    assert limits.tiers["critical"].limits == ("a",)
    assert limits.touched == {"critical": ("a",)}
    assert Changes.from_dict(limits.to_dict()) == limits


def test_a_file_that_can_be_read_again_is_still_the_releases(host: Host) -> None:
    host.lay("old")
    assert changed(host.service("old"), host.directory) == ()
    assert changed(host.service("new"), host.directory) == (PATH,)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time: whoever comes second is told who works, and what to do where nothing tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import Holder, Lock, LockError
from ansible_collections.ziggie.stack.plugins.module_utils.host.process import Process
from ansible_collections.ziggie.stack.plugins.module_utils.host.run_log import RunLog

ANNA = Holder(user="anna", machine="laptop", run="boot:1:7:100", verb="site", since=1_000_000.0)
BERT = Holder(user="bert", machine="desktop", run="boot:1:8:100", verb="rollback", since=1_000_100.0)


class Clock:
    """Seconds since a boot that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="lock")
def _lock(tmp_path: Path, clock: Clock) -> Lock:
    return Lock(tmp_path / "ziggie.lock", boot="this boot", now=clock)


def refused(take: Callable[[], Any]) -> str:
    with pytest.raises(LockError) as caught:
        take()
    return str(caught.value)


def test_a_second_run_is_told_who_works_at_what_since_when(lock: Lock) -> None:
    lock.take(ANNA)
    assert refused(lambda: lock.take(BERT)) == (
        "Another run works on this host: site by anna@laptop since 1970-01-12 13:46:40 UTC. "
        f"Wait for it with -e lock_wait=60; if it is gone for good, remove {lock.path}."
    )
    assert lock.release(BERT) is False
    assert lock.release(ANNA) is True
    lock.take(BERT)


def test_a_run_takes_its_own_lock_again(lock: Lock) -> None:
    lock.take(ANNA)
    lock.take(replace(ANNA, since=1_000_500.0))


@pytest.mark.parametrize("run", ["boot:2:7:100", "elsewhere:1:7:100", "boot:1:7:101"])
def test_a_process_of_the_same_number_is_another_run(lock: Lock, run: str) -> None:
    """Two controllers in containers have the same user, process number and often host name."""
    lock.take(ANNA)
    assert "anna@laptop" in refused(lambda: lock.take(replace(ANNA, run=run)))


def test_a_run_that_is_known_to_be_gone_is_followed(lock: Lock) -> None:
    lock.take(ANNA)
    assert "anna@laptop" in refused(lambda: lock.take(BERT, gone="boot:1:9:100"))
    lock.take(BERT, gone=ANNA.run)


def test_a_run_counts_as_gone_some_time_after_its_last_module(lock: Lock, clock: Clock) -> None:
    lock.take(ANNA)
    clock.now += 1500
    with lock.held(ANNA):
        clock.now += 1500
    clock.now += 1500
    assert "anna@laptop" in refused(lambda: lock.take(BERT))
    clock.now += 500
    lock.take(BERT)
    # What the first run still wanted to do it can do no more.
    assert "bert@desktop" in refused(lambda: lock.held(ANNA).__enter__())


def test_a_boot_of_the_host_frees_it(lock: Lock, clock: Clock) -> None:
    lock.take(ANNA)
    Lock(lock.path, boot="the next boot", now=clock).take(BERT)


def test_a_wait_ends_with_the_other_run(lock: Lock, clock: Clock) -> None:
    lock.take(ANNA)
    patient = Lock(lock.path, wait=60, boot="this boot", now=clock)
    with ThreadPoolExecutor() as pool:
        taken = pool.submit(patient.take, BERT)
        assert lock.release(ANNA)
        taken.result(timeout=30)
    assert "bert@desktop" in refused(lambda: lock.take(ANNA))


def test_a_wait_is_no_longer_than_wished(lock: Lock, clock: Clock) -> None:
    lock.take(ANNA)
    assert "anna@laptop" in refused(lambda: Lock(lock.path, wait=0.2, boot="this boot", now=clock).take(BERT))


def test_a_module_holds_it_while_it_works(lock: Lock) -> None:
    with lock.held(ANNA):
        assert "anna@laptop" in refused(lambda: lock.take(BERT))
        assert "anna@laptop" in refused(lambda: lock.held(BERT).__enter__())
    assert not lock.path.exists()
    lock.take(BERT)


def test_a_module_of_the_run_that_holds_it_works_within_it(lock: Lock) -> None:
    lock.take(ANNA)
    with lock.held(replace(ANNA, since=1_000_500.0)):
        assert "anna@laptop" in refused(lambda: lock.take(BERT))
    # The run's own lock outlives its modules.
    assert "anna@laptop" in refused(lambda: lock.take(BERT))


def test_a_module_is_refused_while_a_run_holds_it(lock: Lock) -> None:
    lock.take(ANNA)
    assert "site by anna@laptop" in refused(lambda: lock.held(BERT).__enter__())


def test_a_module_that_fails_releases_it(lock: Lock) -> None:
    with pytest.raises(KeyError), lock.held(ANNA):
        raise KeyError
    lock.take(BERT)


def test_the_log_says_why_a_module_failed(lock: Lock, tmp_path: Path, clock: Clock) -> None:
    logged = Lock(lock.path, log=RunLog(tmp_path / "log/runs.jsonl"), boot="this boot", now=clock)
    with pytest.raises(KeyError), logged.held(ANNA):
        raise KeyError("the disk is full")
    logged.take(ANNA)
    logged.note("held", plan="0123")
    with logged.held(ANNA) as work:
        work.why = "redis died."
    logged.release(ANNA, outcome="failed")
    first, second = RunLog(tmp_path / "log/runs.jsonl").runs(2)
    assert {first.why, second.why} == {"'the disk is full'", "redis died."}
    assert {first.plan, second.plan} == {"", "0123"}


_WORK = """
import signal, sys
from pathlib import Path
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import Holder, Lock

with Lock(Path(sys.argv[1])).held(Holder(user="anna", machine="laptop", run="boot:1:7:100", verb="site", since=1_000_000.0)):
    print("works", flush=True)
    signal.pause()
"""


def test_the_lock_of_a_module_that_was_killed_is_free_at_once(lock: Lock) -> None:
    with subprocess.Popen([sys.executable, "-c", _WORK, str(lock.path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        # A process that ends instead says nothing, and so does not keep the test waiting.
        assert process.stdout.readline() == "works\n"
        assert "anna@laptop" in refused(lambda: lock.take(BERT))
        process.kill()
    assert lock.path.exists()
    lock.take(BERT)
    assert json.loads(lock.path.read_text())["user"] == "bert"


WHOLE = ANNA.to_dict()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("null", "expected a mapping, got None"),
        ("[]", "expected a mapping, got []"),
        ("[" * 100_000, "recursion"),
        ("\0\1\2", "Expecting value"),
        (json.dumps({}), "this key is missing"),
        (json.dumps({**WHOLE, "run": 7}), "run: expected a text, got 7"),
        (json.dumps({**WHOLE, "renewed": True}), "renewed: expected a number, got True"),
        (json.dumps({**WHOLE, "renewed": float("inf")}), "renewed: expected seconds since the boot, got inf"),
        (json.dumps({**WHOLE, "user": None}), "user: expected a text, got None"),
        (json.dumps({**WHOLE, "since": "now"}), "since: expected a number, got 'now'"),
        (json.dumps({**WHOLE, "since": 1e300}), "since: expected seconds since 1970, got 1e+300"),
        (json.dumps({**WHOLE, "since": float("nan")}), "since: expected seconds since 1970, got nan"),
        (json.dumps({**WHOLE, "since": -5}), "since: expected seconds since 1970, got -5.0"),
        (json.dumps({**WHOLE, "more": 1}), "more: nothing reads this key"),
    ],
)
def test_a_file_that_does_not_say_who_works_is_a_sentence_with_a_way_out(lock: Lock, text: str, said: str) -> None:
    lock.path.write_text(text)
    for attempt in (lambda: lock.take(BERT), lambda: lock.held(BERT).__enter__(), lambda: lock.release(BERT)):
        sentence = refused(attempt)
        assert sentence.startswith(f"The lock {lock.path} cannot be read (")
        assert said in sentence
        assert sentence.endswith("If no other run works on this host, remove it.")


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a directory": (Path.mkdir, "directory"),
    "a FIFO": (os.mkfifo, "FIFO"),
    "a symlink to itself": (lambda path: path.symlink_to(path), "symbolic links"),
    "a symlink to nothing": (lambda path: path.symlink_to("nothing"), "symbolic links"),
}


@pytest.mark.parametrize(("make", "said"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", ["ziggie.lock", "ziggie.lock.guard"])
def test_what_is_no_file_is_a_sentence_at_once(lock: Lock, name: str, make: Callable[[Path], object], said: str) -> None:
    make(lock.path.with_name(name))
    for attempt in (lambda: lock.take(BERT), lambda: lock.held(BERT).__enter__(), lambda: lock.release(BERT)):
        sentence = refused(attempt)
        assert said in sentence or "not a regular file" in sentence
        assert str(lock.path) in sentence


def _linked_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [lambda path: path.write_text("{"), os.mkfifo, _linked_to_itself])
def test_what_names_no_run_does_not_block_for_good(lock: Lock, clock: Clock, make: Callable[[Path], object]) -> None:
    make(lock.path)
    # The kernel says when it was changed, so only a lock's age can be set.
    Lock(lock.path, max_age=-1, boot="this boot", now=clock).take(BERT)
    assert json.loads(lock.path.read_text())["user"] == "bert"


def test_a_run_of_the_future_does_not_block_for_good(lock: Lock, clock: Clock) -> None:
    lock.take(ANNA)
    clock.now -= 400
    assert "anna@laptop" in refused(lambda: lock.take(BERT))
    clock.now += 5000
    lock.take(BERT)
    written = json.loads(lock.path.read_text())
    lock.path.write_text(json.dumps({**written, "renewed": 1e12, "since": 4e9}))
    lock.take(ANNA)


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    assert "cannot be taken (No such file or directory)" in refused(lambda: Lock(tmp_path / "none/ziggie.lock").take(ANNA))


def test_a_holder_without_a_task_is_this_process() -> None:
    own = Holder.of({"holder": None, "verb": None})
    assert (Process.parse(own.run).pid, own.verb) == (os.getpid(), "a module")
    given = {"user": "anna", "machine": "laptop", "run": ANNA.run}
    assert Holder.of({"holder": given, "verb": "site"}).is_same_run(ANNA)

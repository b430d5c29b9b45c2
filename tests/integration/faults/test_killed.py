# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A validation that is killed midway leaves nothing running and nothing broken."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults.lab import ROOT, Verdict, ask, order, until

pytestmark = pytest.mark.integration

# What the parts that load run on the host or in a container.
LOADS = {"latency": "ab -q -l", "databases": "pgbench -n -f"}


@contextmanager
def validating(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*order(), "--tags", *arguments],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def running(command: str) -> list[str]:
    """Return the ids of the processes whose command line begins with these words, in whatever directory the program lies."""
    lines = ask("ps -eo pid=,args=").splitlines()
    return [
        words[0]
        for words in (line.split(None, 1) for line in lines)
        if words[1].split(" ", 1)[0].endswith(command.split(maxsplit=1)[0]) and command in words[1]
    ]


@pytest.mark.parametrize("tag", LOADS)
def test_what_is_killed_midway_leaves_nothing(tag: str, verdict: Callable[..., Verdict], before: set[str]) -> None:
    with validating(tag):
        until(lambda: bool(running(LOADS[tag])), f"{LOADS[tag]} runs")
        if tag == "latency":
            # The module itself, on the host: the generator's parent.
            ask(f"kill -s KILL $(ps -o ppid= -p {running(LOADS[tag])[0]})")
    until(lambda: not running(LOADS[tag]), f"{LOADS[tag]} is gone", seconds=20)
    # Prometheus tells what it scraped last, and that may be of a server that another test has just restarted.
    until(lambda: verdict().named("fail") <= before, "nothing fails that did not fail before", seconds=90)


def test_a_restart_that_is_killed_leaves_the_service_up(verdict: Callable[..., Verdict], before: set[str]) -> None:
    def state(key: str) -> str:
        return ask(f"docker inspect --format '{{{{ .State.{key} }}}}' ziggie-pgbouncer-1")

    began = state("StartedAt")
    with validating("restart", "--extra-vars", '{"validation_restarted": ["pgbouncer"]}'):
        until(lambda: state("Running") == "false" or state("StartedAt") != began, "the service is being restarted", seconds=60)
        # The module is the one Python that has no arguments: its program comes by stdin.
        ask("for pid in $(pgrep -x python3); do [ \"$(tr -d '\\0' </proc/$pid/cmdline)\" != /usr/bin/python3 ] || kill -s KILL $pid; done")
    until(lambda: state("Health.Status") == "healthy", "the service is healthy again", seconds=60)
    assert state("StartedAt") != began
    until(lambda: verdict().named("fail") <= before, "nothing fails that did not fail before", seconds=90)

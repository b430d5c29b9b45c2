# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks beside each other, each a program of its own that is shown when it has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from testkit.outcome import Outcome, single
from testkit.process import run

# As many as the smallest machine that runs them has cores.
WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A check that ended."""

    name: str
    outcome: Outcome
    seconds: float
    said: str


def together(names: Sequence[str]) -> Iterator[Ended]:
    """Run checks two at a time and yield each as it ends."""
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for future in as_completed([pool.submit(_check, name) for name in names]):
            yield future.result()


def _check(name: str) -> Ended:
    done = run(["tools/test", name])
    last = done.text.rstrip().rpartition("\n")[2]
    counted = re.fullmatch(r"(\d+) passed, (\d+) failed", last)
    broken = tuple(re.findall(r"^  broken: (.*)$", done.text, re.MULTILINE))
    outcome = Outcome(passed=int(counted[1]), failed=int(counted[2]), broken=broken) if counted else single("no count", False)
    if done.code and not outcome.failed:
        outcome += single(f"ended with code {done.code}", False)
    # Between the two lines that name it are its own.
    own = re.search(rf"^\[1/1\] {name} …\n(.*)^\[1/1\] {name}: ", done.text, re.MULTILINE | re.DOTALL)
    return Ended(name=name, outcome=outcome, seconds=done.seconds, said=own[1] if own else done.text)

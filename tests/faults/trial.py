# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault, once: the run, at most one more, and what is there afterwards."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from random import Random

from ansible_collections.ziggie.stack.tests.faults.matrix import EACH_EFFECT, Fault, disturb, kill_at, killed_before
from ansible_collections.ziggie.stack.tests.faults.stack import Ended, Ledger, Run, engine_is_back, play, services
from ansible_collections.ziggie.stack.tests.integration.faults.lab import ask

SURVIVED, HEALED, MISSED, FAILED = "survived", "healed by one more run", "missed: the run had ended before", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a fault did: the outcome, why it counts as failed, the seconds from the end of the fault to a whole stack, writes that were lost."""

    fault: str
    seed: int
    outcome: str
    why: str
    seconds: float
    lost: int


def attempt(fault: Fault, seed: int, expected: set[str], ledger: Ledger) -> Result:
    """Strike once."""
    rng = Random(f"{fault.name}/{seed}")
    fault = fault.chosen(rng)
    if fault.disturbs:
        disturb(rng)
    if fault.before:
        ask(fault.before(rng))
    run = Run(fault.verb, fault.variables)
    try:
        why = fault.strike(rng, run)
        ended = run.end()
    finally:
        fault.undo()
    result = _judged(fault, seed, ended, expected, ledger)
    if why and result.outcome != FAILED:
        return replace(result, outcome=FAILED, why=why)
    return replace(result, outcome=MISSED) if run.missed and result.outcome != FAILED else result


def attempt_killed_at(effect: int, expected: set[str], ledger: Ledger) -> tuple[Result, str]:
    """Have the module killed just before an effect; return what came of it, and the effect (nothing where there were fewer)."""
    disturb(Random("effects"))
    ended = play("deploy", kill_at(effect))
    before = killed_before()
    return _judged(replace(EACH_EFFECT, heals=None if before else True), effect, ended, expected, ledger), before


def _judged(fault: Fault, seed: int, ended: Ended, expected: set[str], ledger: Ledger) -> Result:
    began = time.monotonic()
    why, outcome = "", SURVIVED
    if "Traceback" in ended.said:
        why = "it said a traceback"
    elif fault.heals is False:
        if ended.code == 0:
            why = "the run succeeded, and had to fail"
    elif ended.code != 0:
        outcome = HEALED
        if fault.heals:
            why = f"the run itself failed: {_reason(ended)}"
        else:
            again = _again(fault)
            if again.code != 0:
                why = f"one more run failed: {_reason(again)}"
    whole = why or _whole(expected)
    seconds = time.monotonic() - began
    why = why or whole or _settled(fault)
    lost = ledger.lost() if services() >= {"postgres", "redis"} else 0
    if lost and not why:
        why = f"{lost} acknowledged writes are not there"
    return Result(fault=fault.name, seed=seed, outcome=FAILED if why else outcome, why=why, seconds=seconds, lost=lost)


def _again(fault: Fault) -> Ended:
    """Run once more as an operator would: with patience for the module of a run that was killed here and goes on there."""
    engine_is_back()
    return play(fault.verb, {**fault.variables, "lock_wait": 120})


def _whole(expected: set[str]) -> str:
    """Return what is missing once what was started has had its time to become healthy."""
    deadline = time.monotonic() + 60
    while missing := expected - services():
        if time.monotonic() > deadline:
            return f"not up: {', '.join(sorted(missing))}"
        time.sleep(1)
    return ""


def _settled(fault: Fault) -> str:
    """Return what a further run still finds to do."""
    verb = "site" if fault.heals is False else "deploy"
    ended = play(verb, {"lock_wait": 60})
    if ended.code != 0:
        return f"a further {verb} failed: {_reason(ended)}"
    return "" if verb == "site" or " changed=0 " in ended.said else "a further run changed something"


def _reason(ended: Ended) -> str:
    said = ended.said
    start_of = max(said.find("[ERROR]"), said.find("fatal:"), 0)
    return said[start_of : start_of + 400]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: the sentence that the page opens with."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .figures import amount, counted, listed, mib
from .view import View


class Verdict(NamedTuple):
    """A verdict's colour, its word, and its sentence."""

    outcome: Literal["good", "fair", "bad"]
    word: str
    sentence: str


def judge(view: View) -> Verdict:
    """Return whether the validation passed, on a page of one, else whether the stack fits."""
    return fit(view) if view.checks is None else _validation(view)


def _validation(view: View) -> Verdict:
    checks, failed, unknown = len(view.checks or ()), len(view.outcome("fail")), len(view.outcome("unknown"))
    if failed:
        return Verdict("bad", "Validation failed", f"{failed:,} of {counted(checks, 'check')} failed.")
    if unknown:
        answered = f"{counted(checks - unknown, 'check')} passed and none failed"
        return Verdict("fair", "Passed, with unknowns", f"{answered}; {counted(unknown, 'check')} could not be answered.")
    return Verdict("good", "Validation passed", "The check passed." if checks == 1 else f"All {checks:,} checks passed.")


def fit(view: View) -> Verdict:
    """Return whether the stack fits, and the sentence that says so."""
    errors, warnings = view.findings["error"], view.findings["warning"]
    if errors:
        first = f"{errors[0]['path']}: {errors[0]['message']}"
        return Verdict("bad", "Cannot run", f"{counted(len(errors), 'error blocks', 'errors block')} the deployment. {first}.")
    if view.budget is None or not view.services:
        return Verdict("bad", "Nothing to run", "There is no budget: the stack has no services.")
    limits, pool = view.total.memory.limit, view.budget.pool.memory
    number = "The one service fits" if len(view.services) == 1 else f"All {len(view.services):,} services fit"
    if limits > pool:
        excess = f"the limits come to {amount(limits)}, {amount(limits - pool)} more than the pool has"
        return Verdict("fair", "Overcommitted", f"{number} only because the policy allows overcommitted memory: {excess}.")
    sentence = f"{number}: together they can never take more than {mib(limits)} of the {amount(pool)} in the pool"
    if view.sick:
        states = listed([f"{name} ({state})" for name, state in view.sick.items()])
        return Verdict("fair", "Fits, not all up", f"{sentence}, but {counted(len(view.sick), 'is', 'are')} not up: {states}.")
    return Verdict("fair", "Fits, with warnings", f"{sentence}.") if warnings else Verdict("good", "Fits", f"{sentence}.")

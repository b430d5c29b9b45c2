# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strike the stack on the lab host with every fault, several times each, and write what became of it into docs/faults.md.

.venv/bin/python -m ansible_collections.ziggie.stack.tests.faults --help
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ansible_collections.ziggie.stack.tests.faults.matrix import EACH_EFFECT, MATRIX, OTHER_RELEASE, REFUSED
from ansible_collections.ziggie.stack.tests.faults.record import Record
from ansible_collections.ziggie.stack.tests.faults.stack import Ledger, engine_is_back, play, services
from ansible_collections.ziggie.stack.tests.faults.trial import FAILED, HEALED, MISSED, SURVIVED, Result, attempt, attempt_killed_at
from ansible_collections.ziggie.stack.tests.integration.faults.lab import ROOT, ask

PAGE = ROOT / "docs" / "faults.md"
TOLD = {fault.name: fault.told for fault in (*MATRIX, EACH_EFFECT)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="faults", description="Strikes the stack on the lab host with every fault.")
    parser.add_argument("--seeds", type=int, default=20, help="how often each fault strikes, each time at another moment")
    parser.add_argument("--fault", action="append", choices=TOLD, help="only this one; may be given several times")
    parser.add_argument("--minutes", type=float, default=10_000, help="begin no further attempt after so many minutes")
    parser.add_argument("--first", type=int, default=0, help="the first seed, or of the kills at each effect the first effect")
    parser.add_argument(
        "--keep", type=Path, help="a file with what earlier runs found, to which this one adds; the page is then about all of them"
    )
    parser.add_argument("--write", action="store_true", help="write docs/faults.md")
    given = parser.parse_args()
    began = time.monotonic()
    # A rollback has to have something to go back to.
    for first in (play("site", {"lock_wait": 120, **variables}) for variables in (OTHER_RELEASE, {})):
        if first.code != 0:
            print(f"the stack does not come up without a fault: {first.said[-800:]}")
            return 1
    expected, ledger, results = services(), Ledger(), []
    ledger.begin()
    try:
        for result in _results(given.fault or list(TOLD), given.first, given.seeds, began + given.minutes * 60, expected, ledger):
            results.append(result)
            print(
                f"{result.fault} {result.seed}: {result.outcome}, {result.seconds:.0f} s{f': {result.why}' if result.why else ''}",
                flush=True,
            )
            if result.outcome == FAILED:
                # What an engine that was killed has kept, such as a port, would fail every attempt after this one.
                ask("systemctl restart docker")
                engine_is_back()
                play("site", {"lock_wait": 300})
    finally:
        ledger.stop()
        writes = sum(len(numbers) for numbers in ledger.acknowledged().values())
        ledger.remove()
    # What the last fault left of another release.
    play("site", {"lock_wait": 120})
    record = (Record.read(given.keep) if given.keep else Record()).plus(results, writes, REFUSED)
    if given.keep:
        record.write(given.keep)
    if given.write:
        PAGE.write_text(page(record), encoding="utf-8")
    failed = sum(result.outcome == FAILED for result in results)
    missed = sum(result.outcome == MISSED for result in results)
    print(f"{writes} acknowledged writes; {missed} missed; {(time.monotonic() - began) / 60:.0f} min")
    print(f"{len(results) - failed - missed} passed, {failed} failed")
    return int(failed > 0)


def _results(names: Sequence[str], first: int, seeds: int, deadline: float, expected: set[str], ledger: Ledger) -> Iterable[Result]:
    """Yield each result as it comes: every fault once, then every fault again, so that a short run has seen them all."""
    for turn in range(max(seeds, *(fault.seeds for fault in MATRIX)) if seeds > 1 else seeds):
        for fault in MATRIX:
            if fault.name in names and turn < max(seeds, fault.seeds) and time.monotonic() < deadline:
                yield attempt(fault, first + turn, expected, ledger)
    effect = max(first - 1, 0)
    while EACH_EFFECT.name in names and time.monotonic() < deadline:
        effect += 1
        result, before = attempt_killed_at(effect, expected, ledger)
        yield result
        if not before:
            break


def page(record: Record) -> str:
    results, refused = record.results, record.refused
    text = Path(__file__).with_name("page.md").read_text(encoding="utf-8")
    rows = [_row(name, [result for result in results if result.fault == name]) for name in TOLD]
    lost = sum(result.lost for result in results)
    return text.format(
        table="\n".join(row for row in rows if row),
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        attempts=len(results),
        writes=record.writes,
        lost=lost,
        refused=f"{len(refused)}, in {statistics.median(refused):.1f} s, the slowest in {max(refused):.1f} s" if refused else "none",
        not_run="; ".join(f"`{name}`" for name in TOLD if not any(result.fault == name for result in results)) or "none",
        failures="\n".join(f"- `{one.fault}`, seed {one.seed}: {one.why}" for one in results if one.why) or "None.",
    )


def _row(name: str, results: Sequence[Result]) -> str:
    if not results:
        return ""
    counts = [sum(result.outcome == outcome for result in results) for outcome in (SURVIVED, HEALED, MISSED, FAILED)]
    seconds = [result.seconds for result in results if result.outcome not in (MISSED, FAILED)]
    shown = f"{statistics.median(seconds):.0f} ({max(seconds):.0f})" if seconds else "-"
    return f"| {TOLD[name]} | {len(results)} | {' | '.join(map(str, counts))} | {shown} | {sum(result.lost for result in results)} |"


if __name__ == "__main__":
    sys.exit(main())

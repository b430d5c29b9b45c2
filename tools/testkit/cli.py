# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/test <name>: one check, or all."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence

from testkit.bench import bench
from testkit.build import build
from testkit.faults import faults
from testkit.integration import backup, bench_backup, browser, certificates, first, integration
from testkit.isolation import isolation
from testkit.lint import lint
from testkit.molecule import molecule
from testkit.outcome import Outcome
from testkit.sanity import sanity
from testkit.together import together
from testkit.unit import unit
from testkit.vps import vps

# What can be beside each other: the lab, which has to wait at times, and what needs no host, the slow ones first, so that two at a time end together.
TOGETHER: dict[str, Callable[[], Outcome]] = {
    "lab": first,
    "sanity": sanity,
    "unit": unit,
    "lint": lint,
    "browser": browser,
    "build": build,
}

# The integration tests come last, since some of them break the stack that molecule left.
CHECKS: dict[str, Callable[[], Outcome]] = {**TOGETHER, "molecule": molecule, "integration": integration}

# What measures, and passes or fails nothing.
BENCHES: dict[str, Callable[[], int]] = {"bench": bench, "bench-backup": bench_backup, "bench-isolation": isolation}

# Too slow to be a part of all.
APART: dict[str, Callable[[], Outcome]] = {"vps": vps, "faults": faults, "backup": backup, "certificates": certificates}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; the last line counts."""
    parser = argparse.ArgumentParser(prog="tools/test", description="Runs checks, one by name or all of them.")
    parser.add_argument("name", choices=[*CHECKS, *APART, *BENCHES, "all"])
    name = parser.parse_args(arguments).name
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if name in BENCHES:
        return BENCHES[name]()
    began = time.monotonic()
    names = list(CHECKS) if name == "all" else [name]
    outcomes, seconds = {}, {}
    if name == "all":
        print(f"[1-{len(TOGETHER)}/{len(names)}] {', '.join(TOGETHER)}: two at a time …")
        for position, ended in enumerate(together(list(TOGETHER)), start=1):
            outcomes[ended.name], seconds[ended.name] = ended.outcome, ended.seconds
            print(f"{ended.said}[{position}/{len(names)}] {ended.name}: {ended.outcome} in {ended.seconds:.0f} s")
    for position, each in enumerate([each for each in names if each not in outcomes], start=len(outcomes) + 1):
        started = time.monotonic()
        print(f"[{position}/{len(names)}] {each} …")
        outcomes[each] = {**CHECKS, **APART}[each]()
        seconds[each] = time.monotonic() - started
        print(f"[{position}/{len(names)}] {each}: {outcomes[each]} in {seconds[each]:.0f} s")
    if len(names) > 1:
        print()
        for each in names:
            print(f"  {each:<11} {seconds[each]:6.0f} s  {outcomes[each]}")
    # Last, since of a long output the end is what is kept.
    for each in names:
        for line in outcomes[each].broken:
            print(f"  broken: {f'{each}: ' if len(names) > 1 else ''}{line}")
    before = float(os.environ.get("ZIGGIE_SECONDS_BEFORE", "0"))
    print(f"  {'total':<11} {before + time.monotonic() - began:6.0f} s")
    total = sum(outcomes.values(), Outcome())
    print(total)
    return int(total.failed > 0)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of the core by number of services: budget, plain data, compile, all checks of a definition, what has to go; with exponent and peak memory.

.venv/bin/python -m ansible_collections.ziggie.stack.tests.bench.core
"""

from __future__ import annotations

import gc
import math
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence

from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacities import fit
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack, degradations
from ansible_collections.ziggie.stack.tests.bench.core.stack import capacity, stack

COUNTS = (10, 100, 1000, 10_000)
MIB = 1024**2
# Where the growth shows and not what a run costs anyhow.
LARGE = 100
# What solve and compile together are held to at the largest count.
HELD = ("solve", "compile")
MOST_SECONDS, MOST_MIB, MOST_EXPONENT = 2.0, 200.0, 1.15


def steps(count: int) -> dict[str, Callable[[], object]]:
    """Return what is timed, each ready to run."""
    compose, host = stack(count), capacity(count)
    budget = solve(compose, host)
    return {
        # solve parses, checks, allocates, tunes and explains.
        "solve": lambda: solve(compose, host),
        "plain data": budget.to_dict,
        "compile": lambda: compile_stack(compose, budget),
        "degradations": lambda: degradations(compose, budget),
        "half must go": lambda: fit(compose, {**host, "memory": f"{200 * count + 4096}m"}),
    }


def seconds(step: Callable[[], object], runs: int) -> float:
    """Return the shortest of some runs, in seconds of the processor."""
    best = math.inf
    for _run in range(runs):
        gc.collect()
        began = time.process_time()
        step()
        best = min(best, time.process_time() - began)
    return best


def peak(step: Callable[[], object]) -> float:
    """Return the most memory that a step holds beyond what was there before, in MiB."""
    gc.collect()
    tracemalloc.start()
    step()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / MIB


def exponent(counts: Sequence[int], times: Sequence[float]) -> float:
    """Return the slope of the line through the logarithms."""
    xs, ys = [math.log(count) for count in counts], [math.log(spent) for spent in times]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / sum((x - middle_x) ** 2 for x in xs)


def main() -> int:
    """Print the table and whether solve and compile keep what they are held to."""
    taken: dict[str, list[float]] = {}
    memory: dict[str, float] = {}
    for count in COUNTS:
        for name, step in steps(count).items():
            taken.setdefault(name, []).append(seconds(step, runs=5 if count < 1000 else 2))
            if count == COUNTS[-1]:
                memory[name] = peak(step)
    width = max(map(len, taken))
    print(
        f"{'seconds of the processor, services:':<{width + 14}}{''.join(f'{count:>10}' for count in COUNTS)}{'exponent':>10}{'peak MiB':>10}"
    )
    growth = {}
    for name, times in taken.items():
        large = [index for index, count in enumerate(COUNTS) if count >= LARGE]
        growth[name] = exponent([COUNTS[index] for index in large], [times[index] for index in large])
        print(f"{name:<{width + 14}}{''.join(f'{spent:>10.4f}' for spent in times)}{growth[name]:>10.2f}{memory[name]:>10.1f}")
    for what, found, most in (
        (f"seconds at {COUNTS[-1]} services", sum(taken[name][-1] for name in HELD), MOST_SECONDS),
        ("MiB at most", max(memory[name] for name in HELD), MOST_MIB),
        ("exponent of growth", max(growth[name] for name in HELD), MOST_EXPONENT),
    ):
        print(f"{' and '.join(HELD)}: {found:.2f} {what}, held to {most:g}: {'kept' if found <= most else 'NOT KEPT'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

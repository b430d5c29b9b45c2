# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of an experiment, for the terminal and for docs/isolation.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.tests.bench.isolation.arms import HOGS, MEMORY, PIDS, REPORTS
from ansible_collections.ziggie.stack.tests.bench.isolation.figures import Figures, verdicts

_NAMES = {
    "quiet": "quiet: the budget, no hogs",
    "busy": "the same, the cores kept busy by work that gives way at once",
    "plain": "the plain Compose file, no limits",
    "report": "the report's literal quotas",
    "ours": "the budget, policy `cpuset: split`",
}
_HEAD = (
    "arm",
    "P50 ms",
    "P95 ms",
    "P99 ms",
    "x quiet P95",
    "x quiet P99",
    "failed of requests",
    "services need",
    "hogs get",
    "the engine gets",
    "throttled periods",
    "killed for memory",
)


def rows(found: Mapping[str, Figures]) -> list[tuple[str, ...]]:
    """Return the table's lines, head first."""
    quiet = found["quiet"]
    return [_HEAD, *(_row(figures, quiet) for figures in found.values())]


def _row(figures: Figures, quiet: Figures) -> tuple[str, ...]:
    return (
        _NAMES[figures.arm],
        *(f"{figures.latency[share]:.1f} ({figures.spread[share][0]:.1f} to {figures.spread[share][1]:.1f})" for share in (50, 95, 99)),
        *(f"{figures.latency[share] / quiet.latency[share]:.2f}" for share in (95, 99)),
        f"{sum(figures.failed.values())} of {figures.requests}{_listed(figures.failed)}",
        f"{figures.service_cpu:.2f} cores",
        f"{figures.hog_cpu:.2f} cores",
        f"{figures.engine_cpu:.2f} cores",
        f"{figures.throttled} of the services, {figures.throttled_hogs} of the hogs",
        f"{_who(figures.innocent) or 'nobody'} innocent; hogs: {sum(figures.killed.values())}{_listed(figures.killed)}",
    )


def _who(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count} x" for name, count in counts.items())


def _listed(counts: Mapping[str, int]) -> str:
    return f" ({_who(counts)})" if counts else ""


def text(found: Mapping[str, Figures], memory: Mapping[str, Figures]) -> str:
    """Return what the terminal shows."""
    lines = []
    head, *body = rows(found)
    for row in body:
        lines += [row[0], *(f"    {name:<20} {cell}" for name, cell in zip(head[1:], row[1:], strict=True))]
    lines += [*_memory(memory), ""]
    lines += [f"{'kept    ' if kept else 'NOT KEPT'}  {promise}: {figure}" for promise, figure, kept in verdicts(found, memory)]
    return "\n".join(lines)


def _memory(memory: Mapping[str, Figures]) -> list[str]:
    return [
        f"memory alone, {_NAMES[arm]}: innocent {_who(figures.innocent) or 'nobody'} in {figures.rounds} runs; "
        f"the leaking service lost {sum(figures.killed.values())} processes; {sum(figures.failed.values())} of {figures.requests} requests failed; "
        f"P99 {figures.latency[99]:.0f} ms"
        for arm, figures in memory.items()
    ]


def markdown(found: Mapping[str, Figures], memory: Mapping[str, Figures], about: Mapping[str, Any]) -> str:
    """Return docs/isolation.md."""
    head, *body = rows(found)
    # Turned: what was measured down, arms across, as a page is taller than wide.
    columns = [head, *body]
    table = [
        "| " + " | ".join(column[0] for column in columns) + " |",
        "|---|" + "---:|" * len(body),
        *("| " + " | ".join(column[index] for column in columns) + " |" for index in range(1, len(head))),
    ]
    return (
        Path(__file__)
        .with_name("page.md")
        .read_text(encoding="utf-8")
        .format(
            **about,
            table="\n".join(table),
            memory="\n".join(f"- {line}." for line in _memory(memory)) or "Not run.",
            notice=_notice(found),
            verdicts="\n".join(
                f"| {promise} | {figure} | {'kept' if kept else '**not kept**'} |" for promise, figure, kept in verdicts(found, memory)
            ),
            hogs=_hogs(),
            parent=MEMORY >> 20,
            pids=PIDS,
            quota=REPORTS["cpus"],
            limit=REPORTS["mem_limit"],
            reports_pids=REPORTS["pids_limit"],
        )
    )


def _notice(found: Mapping[str, Figures]) -> str:
    """Say it where a run proves nothing."""
    _promise, figure, valid = verdicts(found, {})[0]
    if valid:
        return ""
    return (
        f"\n**This run shows nothing**: without limits P99 is only {figure} the quiet one. The quiet arm itself was disturbed; "
        "run it on a machine that does nothing else.\n"
    )


def _hogs() -> str:
    kinds: dict[str, int] = {}
    for kind in HOGS.values():
        kinds[kind] = kinds.get(kind, 0) + 1
    words = {
        "memory": "a process that grows without end (200 MiB a second)",
        "cpu": "services that spin on four threads each",
        "forks": "a fork bomb (up to 300 children at a time, each spinning)",
        "disk": "a writer that waits for the disk (128 MiB, over and over)",
        "log": "a service that logs as fast as the engine takes it",
    }
    return ", ".join(f"{count} {words[kind]}" if count > 1 else words[kind] for kind, count in kinds.items())


def pooled(runs: Sequence[Mapping[str, Any]], arm: str) -> list[float]:
    """Return the latencies of all rounds of an arm."""
    return [latency for run in runs if run["arm"] == arm and run["series"] == "all" for latency in run["load"]["latencies"]]

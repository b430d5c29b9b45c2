# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says: a verdict, every finding, what is off and what would change."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.render.plan import document, explain, lines
from ansible_collections.ziggie.stack.plugins.module_utils.render.terminal import Terminal

COMPOSE = {
    "services": {
        "web": {"image": "web:1", "x-budget": {"memory": {"floor": "64m", "request": "256m"}}},
        "runner": {"image": "runner:1", "x-budget": {"requires": ["token"]}},
    }
}
BUDGET = solve(COMPOSE, {"memory": "8g", "cpus": 2}, {"credentials": []}).to_dict()
WARNING = {"code": "ZB9", "severity": "warning", "path": "a.b", "message": "it is so", "fix": "write c"}
ERROR = {"code": "ZB8", "severity": "error", "path": "d.e", "message": "it is bad", "fix": "write f"}
PREPARED: dict[str, Any] = {"budget": BUDGET, "findings": [WARNING], "problems": []}
SAME: dict[str, Any] = {"services": {"web": {"action": "none", "differences": []}}, "orphans": []}


def differing(action: str, *differences: dict[str, Any], orphans: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"services": {"web": {"action": action, "differences": list(differences)}}, "orphans": list(orphans)}


@pytest.mark.parametrize(
    ("prepared", "changes", "verdict"),
    [
        (PREPARED, SAME, "feasible"),
        (PREPARED, None, "feasible"),
        (PREPARED, differing("update"), "feasible with changes"),
        (PREPARED, differing("none", orphans=("old",)), "feasible with changes"),
        ({**PREPARED, "problems": ["d.e: it is bad"]}, differing("update"), "infeasible"),
        ({"budget": {}, "findings": [ERROR], "problems": ["d.e: it is bad"]}, None, "infeasible"),
    ],
)
def test_the_verdict(prepared: dict[str, Any], changes: dict[str, Any] | None, verdict: str) -> None:
    plan = document(prepared, changes)
    assert plan["verdict"] == verdict
    assert lines(plan)[0] == f"This plan is {verdict}. Nothing was changed."


def test_errors_come_first_with_path_and_fix() -> None:
    text = lines(document({**PREPARED, "findings": [WARNING, ERROR], "problems": ["x"]}, None))
    assert text.index("ERROR (1)") < text.index("WARNING (1)")
    assert "  ZB8 d.e: it is bad; write f" in text


def test_what_is_off_is_told_with_what_it_needs() -> None:
    plan = document(PREPARED, SAME)
    assert plan["off"] == {"runner": ["token"]}
    assert any("off: set token" in line for line in lines(plan))


def test_a_change_says_what_it_means_for_who_uses_the_service() -> None:
    limit = {"key": "limits.memory", "desired": 256 << 20, "live": 128 << 20}
    kernel = {"key": "kernel.memory", "desired": 256 << 20, "live": 128 << 20}
    text = lines(document(PREPARED, differing("update", limit, kernel, orphans=("old",))))
    start = text.index("A run would change 2 services:")
    assert text[start + 1 :] == [
        "  web: in place, no request fails",
        "    limits.memory: 128 MiB -> 256 MiB",
        "  old: removed, its data stays",
    ]


def test_long_values_are_cut() -> None:
    text = lines(document(PREPARED, differing("recreate", {"key": "command", "desired": "x" * 200, "live": None})))
    assert text[-1] == f"    command: nothing -> {'x' * 57}..."


def test_nothing_to_change_and_nobody_asked() -> None:
    assert lines(document(PREPARED, SAME))[-1] == "What runs is what this plan wants."
    assert lines(document(PREPARED, None))[-1] == "No host was asked, so there is nothing to compare with."


def test_every_number_of_a_service_is_explained() -> None:
    text = explain(BUDGET, "web")
    assert text[0] == "web, tier workflow, priority medium"
    assert len(text) == len(BUDGET["services"]["web"]["explain"]) + 1
    assert explain(BUDGET, "wbe") == ["wbe is no service of this stack; write web."]
    assert explain({}, "web") == ["web is no service of this stack; it has no budget."]


def test_in_a_terminal_sentences_are_folded_and_coloured() -> None:
    long = {**WARNING, "message": " ".join(["it is so"] * 20)}
    told = lines(document({**PREPARED, "findings": [long]}, differing("update")), (), Terminal(colour=True, width=60))
    assert told[0] == "\x1b[33mThis plan is feasible with changes. Nothing was changed.\x1b[0m"
    start = next(index for index, line in enumerate(told) if "ZB9" in line)
    assert told[start].startswith("  \x1b[33mZB9\x1b[0m a.b: it is so")
    folded = told[start : told.index("", start)]
    assert len(folded) > 2
    assert all(line.startswith("    ") and len(line) <= 60 for line in folded[1:])
    explained = explain(BUDGET, "web", Terminal(colour=True, width=60))
    assert any(line.startswith("  \x1b[36mmemory.limit\x1b[0m = ") for line in explained)


def test_the_plan_of_files_has_no_verdict() -> None:
    told = lines({"budget": BUDGET, "findings": [{**WARNING, "sentence": "compose.yml:3: it is so"}]})
    assert told[0].startswith("pool ")
    assert "  ZB9 compose.yml:3: it is so" in told


def test_what_does_not_fit_is_told_with_the_host_that_it_needs() -> None:
    fitting = {"smallest": {"memory": 3 << 30, "cpus": 2000, "disk": 50 << 30, "pids": 1500}, "leave_out": ["web", "runner"]}
    told = lines(document({"budget": {}, "findings": [ERROR], "problems": ["x"], "fitting": fitting}, None))
    assert "The smallest host for the whole stack: 3072 MiB of memory, 2 cores, 51200 MiB of disk, 1500 pids." in told
    assert "To fit this one, leave out, in this order: web, runner." in told

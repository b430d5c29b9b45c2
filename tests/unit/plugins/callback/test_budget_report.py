# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown and written at the end of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.callback import budget_report
from ansible_collections.ziggie.stack.plugins.callback.budget_report import CallbackModule
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample

_DRAWING = """
import sys
from ansible_collections.ziggie.stack.plugins.callback import budget_report
print(*[name for name in sys.modules if ".module_utils.render." in name])
"""


def test_a_run_that_draws_nothing_loads_nothing_to_draw_with() -> None:
    done = subprocess.run([sys.executable, "-c", _DRAWING], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


class Screen:
    """Keeps what is shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.errors: list[str] = []
        self.verbosity = 0
        self.columns = 79

    def display(self, text: str, *, stderr: bool = False, **_options: Any) -> None:
        (self.errors if stderr else self.shown).append(text)

    banner = warning = display


@pytest.fixture
def screen() -> Screen:
    return Screen()


class Stats:
    """How a run went for its one host."""

    def __init__(self, failures: int = 0) -> None:
        self.processed = {"vps": 1}
        self.failures = failures

    def summarize(self, _host: str) -> dict[str, int]:
        return {"failures": self.failures, "unreachable": 0}


def report(screen: Screen, directory: Path | None, *outcomes: dict[str, Any], detailed: bool = False, failures: int = 0) -> None:
    callback = CallbackModule(display=screen)
    callback.get_option = {"page_directory": str(directory) if directory else None, "detailed_exitcode": detailed}.get
    host = SimpleNamespace(get_name=lambda: "vps")
    for outcome in outcomes:
        callback.v2_runner_on_ok(SimpleNamespace(result=outcome, host=host))
    callback.v2_playbook_on_stats(Stats(failures))


def outcomes() -> list[dict[str, Any]]:
    solved = sample.budget(4)
    return [
        {"ansible_facts": {"preflight_result": {"budget": solved, "findings": [sample.finding("warning")]}}},
        {"lines": 1, "plan": sample.plan(solved)},
        {"containers": sample.containers(solved), "changes": sample.compared({})},
    ]


def test_the_table_and_the_findings_are_shown(screen: Screen, tmp_path: Path) -> None:
    report(screen, None, *outcomes())
    assert screen.shown[:2] == ["WARNING (1)", "  ZB999 services.warning: an warning it is; mend it"]
    assert "BUDGET [vps]" in screen.shown
    assert any("service-0003" in line for line in screen.shown)
    assert list(tmp_path.iterdir()) == []


def test_errors_are_left_to_the_task_that_they_stopped(screen: Screen) -> None:
    report(
        screen, None, {"ansible_facts": {"preflight_result": {"budget": {}, "findings": [sample.finding("error"), sample.finding("info")]}}}
    )
    assert screen.shown == ["INFO (1): plan shows them with -e plan_findings=all", ""]


def test_the_page_shows_the_last_look_and_what_the_run_set_out_to_change(screen: Screen, tmp_path: Path) -> None:
    report(screen, tmp_path, *outcomes())
    page = tmp_path / "ziggie-vps.html"
    assert screen.shown[-1] == f"The page of vps: {page.resolve()}"
    text = page.read_text(encoding="utf-8")
    assert "left-over" in text
    assert "vm.swappiness" in text
    assert "unhealthy" in text


def test_what_to_open_is_said_last(screen: Screen, tmp_path: Path) -> None:
    report(screen, tmp_path, {"entrances": ["  Grafana"]}, *outcomes())
    assert screen.shown[-2:] == ["OPEN [vps]", "  Grafana"]
    assert "BUDGET [vps]" in screen.shown


def test_where_there_is_nothing_to_open_nothing_is_said(screen: Screen) -> None:
    report(screen, None, {"entrances": []}, *outcomes())
    assert "OPEN [vps]" not in screen.shown


def test_a_plan_prints_itself_and_has_a_page(screen: Screen, tmp_path: Path) -> None:
    report(screen, tmp_path, *outcomes(), planned("feasible"))
    assert len(screen.shown) == 1
    assert (tmp_path / "ziggie-vps.html").exists()


def test_beside_plans_in_json_nothing_is_on_standard_output(screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_report.constants, "DEFAULT_STDOUT_CALLBACK", "ziggie.stack.plan_json")
    report(screen, tmp_path, *outcomes(), planned("feasible"))
    assert screen.shown == []
    assert [line.partition(":")[0] for line in screen.errors] == ["The page of vps"]


def test_a_page_that_cannot_be_written_fails_no_run(screen: Screen, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    report(screen, tmp_path / "file", *outcomes())
    assert screen.shown[-1].startswith("No page was written for vps: ")


def planned(verdict: str) -> dict[str, Any]:
    return {"lines": 1, "verdict": verdict}


def test_the_status_tells_changes_where_that_is_asked_for(screen: Screen) -> None:
    with pytest.raises(SystemExit) as ended:
        report(screen, None, planned("feasible with changes"), detailed=True)
    assert ended.value.code == 10
    report(screen, None, planned("feasible with changes"))
    report(screen, None, planned("feasible"), detailed=True)
    report(screen, None, planned("feasible with changes"), detailed=True, failures=1)


def test_a_tier_that_was_brought_up_shows_what_it_left(screen: Screen) -> None:
    first, before, after = outcomes()
    report(screen, None, first, before, {"containers": after["containers"], "problems": ["It did not become healthy."]})
    assert any("unhealthy" in line for line in screen.shown)

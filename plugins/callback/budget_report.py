# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budget's table at the end of a run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: budget_report
type: aggregate
short_description: The budget's table at the end of a run
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - After a run that solved a budget, prints for each host the pool, every service with its share and live state, and the findings.
  - Errors are told by the task that they stopped, findings of severity info are only counted.
  - Takes both from the results of the run's own tasks. It asks the host nothing.
  - What M(ziggie.stack.show) has shown already, a plan, is not shown once more.
  - Shows last what M(ziggie.stack.entrances) found to open.
  - Ends a run of P(ziggie.stack.plan#filter) with its own exit status where O(detailed_exitcode) says so.
  - Writes for each host a page to look at, C(ziggie-<host>.html), where a directory for them is named. It is what P(ziggie.stack.page#filter) draws.
requirements:
  - enable in configuration
options:
  page_directory:
    description: Where the pages are written, on the controller. Without it, none is.
    type: path
    env:
      - name: ZIGGIE_PAGE_DIRECTORY
    ini:
      - section: callback_budget_report
        key: page_directory
  detailed_exitcode:
    description:
      - Whether a plan that would change something ends the process with status 10. One that changes nothing ends with 0; one that is infeasible fails, so that
        Ansible ends with 2.
      - Name this callback last in C(callbacks_enabled); those behind it do not see the end of such a run.
    type: bool
    default: false
    env:
      - name: ZIGGIE_DETAILED_EXITCODE
    ini:
      - section: callback_budget_report
        key: detailed_exitcode
"""

import importlib
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase

_PLUGINS = "ansible_collections.ziggie.stack.plugins"

# Ansible itself ends with 0, 1, 2, 4, 5, 99 and 250.
_CHANGES = 10


def _loaded(name: str) -> Any:
    """Return a module of the collection: a run that draws nothing would pay for them with a twentieth of a second."""
    return importlib.import_module(f"{_PLUGINS}.{name}")


class CallbackModule(CallbackBase):
    """Remembers the last budget and the last look at the stack, per host."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ziggie.stack.budget_report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start with nothing seen."""
        super().__init__(*args, **kwargs)
        self.budgets: dict[str, Any] = {}
        self.prepared: dict[str, Any] = {}
        self.containers: dict[str, Any] = {}
        self.plans: dict[str, Any] = {}
        self.verdicts: dict[str, Any] = {}
        self.entrances: dict[str, Any] = {}

    def v2_runner_on_ok(self, result: Any) -> None:
        """Keep what a task found out."""
        outcome, host = result.result, result.host.get_name()
        facts = outcome.get("ansible_facts") or {}
        found = facts.get("preflight_result")
        if found:
            self.budgets[host] = self.prepared[host] = found
        if "plan" in outcome:
            self.plans[host] = outcome["plan"]
        if "verdict" in outcome:
            # A plan is shown already.
            self.budgets.pop(host, None)
            self.verdicts[host] = outcome["verdict"]
        if "patch" in outcome:
            # A recommendation shows what it makes of the budget.
            self.budgets.pop(host, None)
        if "entrances" in outcome:
            self.entrances[host] = outcome["entrances"]
        if "containers" in outcome:
            self.containers[host] = outcome["containers"]

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Print the table of every host that has a budget, write the pages, and end with the status that was asked for."""
        if self.budgets:
            self._print_tables()
        self._write_pages()
        for host, said in self.entrances.items():
            if said:
                self._display.banner(f"OPEN [{host}]")
                self._display.display("\n".join(said))
        if self.get_option("detailed_exitcode") and self._would_change() and not self._failed(stats):
            raise SystemExit(_CHANGES)

    def _print_tables(self) -> None:
        text, table, stated = (
            _loaded("module_utils.plan.text"),
            _loaded("module_utils.render.table"),
            _loaded("module_utils.plan.plan").stated,
        )
        read_budget, read = _loaded("module_utils.budget.model").Budget.from_dict, _loaded("module_utils.engine.container").containers
        screen = _loaded("plugin_utils.terminal").terminal(self._display.columns)
        for host, found in self.budgets.items():
            # The task that an error stopped has told all errors.
            others = [finding for finding in stated(found["findings"]) if finding.severity != "error"]
            for line in text.findings(others, screen, everything=False):
                self._display.display(line)
            if found["budget"]:
                self._display.banner(f"BUDGET [{host}]")
                for line in table.lines(read_budget(found["budget"]), read(self.containers.get(host, [])), screen):
                    self._display.display(line)

    def _write_pages(self) -> None:
        directory = self.get_option("page_directory")
        for host, found in self.prepared.items() if directory else ():
            try:
                path = _loaded("plugin_utils.pages").write(directory, host, found, self.containers.get(host), self.plans.get(host))
            except (OSError, ValueError) as error:
                self._display.warning(f"No page was written for {host}: {error}.")
            else:
                # Standard output is that of a program which reads plans.
                self._display.display(f"The page of {host}: {path}", stderr=constants.DEFAULT_STDOUT_CALLBACK == "ziggie.stack.plan_json")

    def _would_change(self) -> bool:
        return _loaded("module_utils.plan.plan").CHANGES in self.verdicts.values()

    def _failed(self, stats: Any) -> bool:
        summaries = map(stats.summarize, stats.processed)
        return any(summary["failures"] or summary["unreachable"] for summary in summaries)

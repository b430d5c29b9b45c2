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
  - Takes both from the results of the run's own tasks. It asks the host nothing.
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
"""

from ansible.plugins.callback import CallbackBase
from ansible_collections.ziggie.stack.plugins.module_utils.findings.accept import told
from ansible_collections.ziggie.stack.plugins.module_utils.render import table
from ansible_collections.ziggie.stack.plugins.plugin_utils import pages

_COLORS = {"error": "red", "warning": "yellow", "info": "cyan", "accepted": "green"}


class CallbackModule(CallbackBase):
    """Remembers the last budget and the last look at the stack, per host."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ziggie.stack.budget_report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        """Start with nothing seen."""
        super().__init__(*args, **kwargs)
        self.budgets: dict = {}
        self.prepared: dict = {}
        self.containers: dict = {}
        self.changes: dict = {}

    def v2_runner_on_ok(self, result):
        """Keep what a task found out."""
        outcome, host = result.result, result.host.get_name()
        facts = outcome.get("ansible_facts") or {}
        found = facts.get("preflight_result")
        if found:
            self.budgets[host] = self.prepared[host] = found
        if "plan_result" in facts:
            # A plan prints itself.
            self.budgets.pop(host, None)
        if "containers" in outcome and "changes" in outcome:
            self.containers[host] = outcome["containers"]
            # What the run set out to change is the first comparison; the later ones show what it left.
            self.changes.setdefault(host, outcome["changes"])

    def v2_playbook_on_stats(self, _stats):
        """Print the table of every host that has a budget."""
        for host, found in self.budgets.items():
            for finding in found["findings"]:
                self._display.display(f"{finding['severity']}: {told(finding)}", color=_COLORS[finding["severity"]])
            if found["budget"]:
                self._display.banner(f"BUDGET [{host}]")
                for line in table.lines(found["budget"], self.containers.get(host, [])):
                    self._display.display(line)
        directory = self.get_option("page_directory")
        for host, found in self.prepared.items() if directory else ():
            try:
                path = pages.write(directory, host, found, self.containers.get(host, []), self.changes.get(host))
            except OSError as error:
                self._display.warning(f"No page was written for {host}: {error}.")
            else:
                self._display.display(f"The page of {host}: {path}")

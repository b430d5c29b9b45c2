# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans as JSON and nothing else on standard output."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_json
type: stdout
short_description: Plans as JSON and nothing else on standard output
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - For a program that reads the playbook C(ziggie.stack.plan). Standard output has one line for each host, its Plan as P(ziggie.stack.plan#filter) returns
    it, in JSON. Errors go to standard error, the exit status is Ansible's own.
  - Use it without C(-v), with which Ansible itself writes to standard output.
  - Example. C(ANSIBLE_STDOUT_CALLBACK=ziggie.stack.plan_json ansible-playbook ziggie.stack.plan -i myinventory | jq .verdict)
requirements:
  - set as stdout in configuration
seealso:
  - module: ziggie.stack.show
"""

from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Leaves standard output to M(ziggie.stack.show)."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "ziggie.stack.plan_json"

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Tell what is wrong."""
        if not ignore_errors:
            self._complain(result, "failed")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Tell that a host does not answer."""
        self._complain(result, "is unreachable")

    def v2_playbook_on_no_hosts_matched(self) -> None:
        """Tell that there is nothing to plan."""
        self._display.display("No host of the inventory matches.", stderr=True)

    def _complain(self, result: Any, what: str) -> None:
        message = str(result.result.get("msg", "")).strip()
        self._display.display(f"{result.host.get_name()} {what}: {message}", stderr=True)

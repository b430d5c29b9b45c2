# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, judged."""

from __future__ import annotations

DOCUMENTATION = r"""
name: validation
short_description: What was measured, judged
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Judges what runs by the release, the Budget and the targets. Each check passes, fails, or is unknown where something is missing; it never passes then.
options:
  _input:
    description: What M(ziggie.stack.stack_info) returned with O(ziggie.stack.stack_info#module:use) and O(ziggie.stack.stack_info#module:settings),
      also when it failed.
    type: dict
    required: true
  measured:
    description: The results of M(ziggie.stack.measure), also failed and skipped ones.
    type: list
    elements: dict
    default: []
  targets:
    description: Targets that replace the report's, by name.
    type: dict
    default: {}
  host:
    description: The host's name.
    type: str
    required: true
  clock:
    description: The controller's time before and after M(ziggie.stack.stack_info), in seconds since 1970.
    type: list
    elements: float
    required: true
"""

EXAMPLES = r"""
- name: Judge
  ansible.builtin.set_fact:
    verdict: "{{ live | ziggie.stack.validation(measured=[measured], host=inventory_hostname, clock=[before, after]) }}"
"""

RETURN = r"""
_value:
  description: C(text), the table; C(counts) by outcome; C(failed), the sentences of what failed; C(json), C(xml) (JUnit) and,
      where there is a Budget, C(html), as texts.
  type: dict
"""

import json
import time

from ansible_collections.ziggie.stack.plugins.module_utils.render.page.document import page
from ansible_collections.ziggie.stack.plugins.module_utils.validate import report
from ansible_collections.ziggie.stack.plugins.module_utils.validate.check import FAIL
from ansible_collections.ziggie.stack.plugins.module_utils.validate.evaluate import evaluate
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def validation(live: dict, host: str, clock: list, measured: list | None = None, targets: dict | None = None) -> dict:
    """Pass on to the core."""
    parts, missing = {}, []
    for result in plain(measured or []):
        parts.update(result.get("measured", {}))
        if "measured" not in result and "msg" in result:
            missing.append(result["msg"])
    live = plain(live)
    checks = evaluate(live, parts, plain(targets or {}), clock=(float(clock[0]), float(clock[1])), missing=missing)
    stand_ins = sorted({container["service"] for container in live.get("containers", []) if container["stand_in"]})
    return {
        "text": "\n".join(report.lines(checks, stand_ins=stand_ins)),
        "counts": report.counts(checks),
        "failed": [f"{check.path}: {check.sentence}" for check in checks if check.outcome == FAIL],
        "json": json.dumps(report.document(checks, host=host, stand_ins=stand_ins), indent=1) + "\n",
        "xml": report.junit(checks, host=host),
        **_page(live, host),
    }


def _page(live: dict, host: str) -> dict:
    if not live.get("budget"):
        return {}
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return {"html": page(live["budget"], containers=live["containers"], changes=live["changes"], title=f"Validation of {host}", when=when)}


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"validation": validation}

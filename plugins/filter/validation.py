# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluate measurements against targets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: validation
short_description: Evaluate measurements against targets
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Compares what runs with the release, the Budget and the targets. Each check passes, fails, or is unknown where something is missing.
options:
  _input:
    description: What M(ziggie.stack.stack_info) returned with O(ziggie.stack.stack_info#module:use) and O(ziggie.stack.stack_info#module:compliance),
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
  unknown:
    description:
      - Which checks that are unknown fail. With V(explained), those that the proof rests on (that the engine answers, that release and Budget can be
        read, that what was to be measured was measured), and all of them where no check passed. With V(fail) all, with V(allow) none.
    type: str
    choices: [explained, fail, allow]
    default: explained
  clock:
    description: The controller's time before and after M(ziggie.stack.stack_info), in seconds since 1970.
    type: list
    elements: float
    required: true
"""

EXAMPLES = r"""
- name: Evaluate
  ansible.builtin.set_fact:
    verdict: "{{ live | ziggie.stack.validation(measured=[measured], host=inventory_hostname, clock=[before, after]) }}"
"""

RETURN = r"""
_value:
  description: C(text), the table; C(counts) by outcome; C(failed), the sentences of what failed; C(json), C(xml) (JUnit) and C(html), the
      page, as texts. The page opens with the verdict and shows what failed, what is unknown, every check, and the Budget where there is one.
  type: dict
"""

import json
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.validate import report
from ansible_collections.ziggie.stack.plugins.module_utils.validate.check import FAIL
from ansible_collections.ziggie.stack.plugins.module_utils.validate.evaluate import Unknown, evaluate, settled
from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import now, page
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def validation(
    live: dict[str, Any],
    host: str,
    clock: list[Any],
    measured: list[Any] | None = None,
    targets: dict[str, Any] | None = None,
    unknown: Unknown = "explained",
) -> dict[str, Any]:
    """Pass on to the core."""
    parts, missing = {}, []
    for result in plain(measured or []):
        parts.update(result.get("measured", {}))
        if "measured" not in result and "msg" in result:
            missing.append(result["msg"])
    live = plain(live)
    seen = evaluate(live, parts, plain(targets or {}), clock=(float(clock[0]), float(clock[1])), missing=missing)
    checks = settled(seen, unknown)
    stand_ins = sorted({container["service"] for container in live.get("containers", []) if container["stand_in"]})
    return {
        "text": "\n".join(report.lines(checks, stand_ins=stand_ins)),
        "counts": report.counts(checks),
        "failed": [f"{check.path}: {check.sentence}" for check in checks if check.outcome == FAIL],
        "json": json.dumps(report.document(checks, host=host, stand_ins=stand_ins), indent=1) + "\n",
        "xml": report.junit(checks, host=host),
        "html": page(
            live.get("budget") or {},
            containers=live.get("containers"),
            changes=live.get("changes"),
            checks=checks,
            runs=live.get("runs", []),
            title=f"Validation of {host}",
            when=now(),
        ),
    }


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"validation": validation}

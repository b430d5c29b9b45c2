# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that host preparation did to a host, to be undone."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unprepare
short_description: Everything that host preparation did to a host, to be undone
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Returns the files that host preparation keeps, to be removed, with the commands that end their effect and give the settings of the
    kernel their former values back.
  - Data, devices and the release are left alone.
options:
  _input:
    description: The facts that M(ziggie.stack.host_info) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Undo
  ziggie.stack.files:
    files: "{{ (facts | ziggie.stack.unprepare).files }}"
    pending: /opt/ziggie/host_prep.pending
"""

RETURN = r"""
_value:
  description: C(files) as M(ziggie.stack.files) takes them, C(mounted) (storage classes whose device is to be unmounted), and C(problems) as sentences.
  type: dict
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.assemble import undo
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import facts_of


def unprepare(host: dict[str, Any]) -> dict[str, Any]:
    """Pass on to the core."""
    return undo(facts_of(host))


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"unprepare": unprepare}

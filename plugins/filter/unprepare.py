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
  - Returns the files that host preparation keeps, to be removed, with the commands that put what they brought about out of force and give the
    kernel's settings the values that they had before.
  - Data, devices and the release are none of them.
options:
  _input:
    description: What the host has, as M(ziggie.stack.host_info) returns it.
    type: dict
    required: true
  project:
    description: The Compose project, after which the host's slices are named.
    type: str
    default: ziggie
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

from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.assemble import undo
from ansible_collections.ziggie.stack.plugins.plugin_utils.plain import plain


def unprepare(host: dict, project: str = "ziggie") -> dict:
    """Pass on to the core."""
    return undo(plain(host), str(project))


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"unprepare": unprepare}

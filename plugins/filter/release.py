# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a run writes to a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: release
short_description: Everything a run writes to a host
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Turns a compiled Compose definition, its Budget and the rendered configuration into the files of a release.
options:
  _input:
    description: The compiled definition, as P(ziggie.stack.compile#filter) returns it.
    type: dict
    required: true
  budget:
    description: The Budget.
    type: dict
    required: true
  config:
    description: Rendered configuration by relative path, as P(ziggie.stack.config#lookup) returns it.
    type: dict
    required: true
  directory:
    description: The project directory on the host.
    type: str
    required: true
  live_state:
    description:
      - Whether the host can write its services' live state, as P(ziggie.stack.capabilities#filter) tells.
      - Where node-exporter is part of the stack, the program that writes it and its systemd units are then among the files.
    type: bool
    default: false
  backup:
    description:
      - Where backups go, as C(stack_backup) of the role P(ziggie.stack.stack#role) says it.
      - The program that makes them, what it has to know and its systemd units are then among the files.
    type: dict
  slices:
    description: Whether the host has slices, as P(ziggie.stack.capabilities#filter) tells. Without them a backup has no weights.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Make the release
  ansible.builtin.set_fact:
    released: "{{ compiled | ziggie.stack.release(budget=budget, config=config, directory='/opt/ziggie/stack') }}"
"""

RETURN = r"""
_value:
  description:
    - C(files) and C(exclusive), as M(ziggie.stack.files) takes them, C(digests), as M(ziggie.stack.stack_info) takes its files,
      C(secrets), as M(ziggie.stack.secrets) takes its files,
      C(services), what M(ziggie.stack.stack_info) compares with, C(vanished), a query of Prometheus whose series name
      the metrics that it lacks, and C(watched), by metric the services whose start may hold it back until the next
      scrape.
  type: dict
"""

from typing import Any

from ansible_collections.ziggie.stack.plugins.plugin_utils.release import documents


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"release": documents}

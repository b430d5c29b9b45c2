# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's monitoring, in the catalogue."""

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring
short_description: The operator's monitoring, in the catalogue
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Checks the receivers of alerts, the heartbeat and the backups, and mounts the secrets into Alertmanager.
  - Keeps the settings in the definition as C(x-monitoring), where P(ziggie.stack.config#lookup) finds them.
options:
  _input:
    description: The catalogue, as P(ziggie.stack.catalogue#lookup) returns it.
    type: dict
    required: true
  receivers:
    description: Who is told of alerts, as the role P(ziggie.stack.monitoring#role) takes them.
    type: list
    elements: dict
    default: []
  heartbeat:
    description: Who is called as long as the monitoring works, as the role P(ziggie.stack.monitoring#role) takes it.
    type: dict
    default: {}
  backups:
    description: Where backups go, by service.
    type: dict
    default: {}
  credentials:
    description: Names of the credentials that the operator has set.
    type: list
    elements: str
    default: []
  runbook:
    description: The address of the runbook. Empty means the collection's own.
    type: str
    default: ""
  host:
    description: What alerts call the host. Empty means the project's name.
    type: str
    default: ""
  project:
    description: The Compose project whose containers are watched. Empty means the definition's name.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Let a webhook know of critical alerts
  ansible.builtin.set_fact:
    watched: "{{ catalogue | ziggie.stack.monitoring(receivers=receivers, credentials=['pager_url']) }}"
  vars:
    receivers:
      - {name: pager, type: webhook, secret: pager_url, severity: critical}
"""

RETURN = r"""
_value:
  description: The catalogue in the same shape, C(compose) with the receivers' secrets and C(findings) with what is wrong.
  type: dict
"""

from ansible_collections.ziggie.stack.plugins.module_utils.render.alerting.mount import mount


def monitoring(
    catalogue: dict,
    receivers: list | None = None,
    heartbeat: dict | None = None,
    backups: dict | None = None,
    credentials: list | None = None,
    runbook: str = "",
    host: str = "",
    project: str = "",
) -> dict:
    """Pass on to the core."""
    settings = {
        "receivers": receivers or [],
        "heartbeat": heartbeat or {},
        "backups": backups or {},
        "runbook": runbook,
        "host": host,
        "project": project,
    }
    compose, findings = mount(catalogue["compose"], settings, credentials or [])
    return {"compose": compose, "findings": [*catalogue["findings"], *(finding.to_dict() for finding in findings)]}


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict:
        """Return the filter by name."""
        return {"monitoring": monitoring}

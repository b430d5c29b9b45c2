# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the monitoring settings and mount their secrets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: monitoring
short_description: Check the monitoring settings and mount their secrets
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Checks the receivers of alerts, the heartbeat and the backups, and mounts the secrets into Alertmanager.
  - A credential that is set and that neither the catalog nor these settings read is an error, since its name may be misspelled.
  - Keeps the settings in the definition as C(x-monitoring), where P(ziggie.stack.config#lookup) finds them.
options:
  _input:
    description: The catalog, as P(ziggie.stack.catalog#lookup) returns it.
    type: dict
    required: true
  receivers:
    description: The receivers of alerts, as the role P(ziggie.stack.monitoring#role) takes them.
    type: list
    elements: dict
    default: []
  heartbeat:
    description: The dead man's switch, as the role P(ziggie.stack.monitoring#role) takes it.
    type: dict
    default: {}
  backups:
    description: Where backups go, by service.
    type: dict
    default: {}
  credentials:
    description: Names of the credentials that are set.
    type: list
    elements: str
    default: []
  runbook:
    description: The address of the runbook. Empty means the collection's own.
    type: str
    default: ""
  host:
    description: The name of the host in alerts. Empty means the project's name.
    type: str
    default: ""
  project:
    description: The Compose project whose containers are monitored. Empty means the definition's name.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Send critical alerts to a webhook
  ansible.builtin.set_fact:
    monitored: "{{ catalog | ziggie.stack.monitoring(receivers=receivers, credentials=['pager_url']) }}"
  vars:
    receivers:
      - {name: pager, type: webhook, secret: pager_url, severity: critical}
"""

RETURN = r"""
_value:
  description: The catalog in the same shape, C(compose) with the receivers' secrets and C(findings) with what is wrong.
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.catalog.credentials import unread
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import mount


def monitoring(
    catalog: dict[str, Any],
    receivers: list[Any] | None = None,
    heartbeat: dict[str, Any] | None = None,
    backups: dict[str, Any] | None = None,
    credentials: list[Any] | None = None,
    runbook: str = "",
    host: str = "",
    project: str = "",
) -> dict[str, Any]:
    """Convert and check."""
    settings = {
        "receivers": receivers or [],
        "heartbeat": heartbeat or {},
        "backups": backups or {},
        "runbook": runbook,
        "host": host,
        "project": project,
    }
    compose, findings = mount(catalog["compose"], settings, credentials or [])
    stated = [entry.get("secret") for entry in [*settings["receivers"], settings["heartbeat"]] if isinstance(entry, Mapping)]
    findings = [*findings, *unread(credentials or [], {*catalog["credentials"], *(str(name) for name in stated if name)})]
    return {**catalog, "compose": compose, "findings": [*catalog["findings"], *(finding.to_dict() for finding in findings)]}


class FilterModule:
    """Names the filter."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"monitoring": monitoring}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's settings, checked, and Alertmanager's secrets, mounted as files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...budget.problems import Finding, Problems
from .. import backups
from . import codes, heartbeat
from .receivers import parse

SERVICE = "alertmanager"
# Alertmanager's image runs as this user and group.
USER = 65534


def mount(
    compose: Mapping[str, Any],
    settings: Mapping[str, Any],
    credentials: Collection[str],
) -> tuple[dict[str, Any], list[Finding]]:
    """Return a definition in which Alertmanager reads its receivers' secrets from files, and what is wrong with them.

    The settings stay in the definition as `x-monitoring`, so that whoever renders it later sees the same ones.
    """
    problems = Problems()
    receivers = parse(settings.get("receivers") or [], credentials, problems)
    services = dict(compose.get("services") or {})
    if not settings.get("receivers") and SERVICE in services:
        problems.info(
            codes.NO_RECEIVER,
            "monitoring_receivers",
            "is empty, so alerts can be seen in Alertmanager and nobody is told of them",
            "add a receiver of type email, webhook, slack or telegram",
        )
    if receivers and SERVICE not in services:
        problems.warning(
            codes.NO_ALERTMANAGER,
            "monitoring_receivers",
            "has receivers, and Alertmanager is not part of the stack",
            "include alertmanager",
        )
    beat = heartbeat.parse(settings.get("heartbeat"), credentials, problems)
    if not settings.get("heartbeat") and SERVICE in services:
        problems.info(
            codes.NO_HEARTBEAT,
            heartbeat.PATH,
            "is empty, so nobody notices when the host or its monitoring is silent",
            "name a credential that holds the address of a dead man's switch",
        )
    backups.check(settings.get("backups"), list(services), problems)
    mounted = {**compose, "x-monitoring": dict(settings)}
    held = {receiver.name: receiver.secret for receiver in receivers if receiver.secret is not None}
    if beat is not None:
        held[heartbeat.NAME] = beat.secret
    if held and SERVICE in services:
        service = dict(services[SERVICE])
        service["secrets"] = [
            *(service.get("secrets") or []),
            *({"source": f"{SERVICE}__{name}", "target": name} for name in held),
        ]
        secrets = {
            f"{SERVICE}__{name}": {
                "file": f"./secrets/{SERVICE}/{name}",
                "x-secret": {"uid": USER, "gid": USER, "content": f"@{credential}@"},
            }
            for name, credential in held.items()
        }
        mounted["services"] = {**services, SERVICE: service}
        mounted["secrets"] = {**(compose.get("secrets") or {}), **secrets}
    return mounted, problems.findings

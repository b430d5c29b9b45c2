# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alertmanager's secrets, mounted as files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...budget.problems import Finding, Problems
from . import codes
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
    mounted = {**compose, "x-monitoring": dict(settings)}
    secret_ones = [receiver for receiver in receivers if receiver.secret is not None]
    if secret_ones and SERVICE in services:
        service = dict(services[SERVICE])
        service["secrets"] = [
            *(service.get("secrets") or []),
            *({"source": f"{SERVICE}__{receiver.name}", "target": receiver.name} for receiver in secret_ones),
        ]
        secrets = {
            f"{SERVICE}__{receiver.name}": {
                "file": f"./secrets/{SERVICE}/{receiver.name}",
                "x-secret": {"uid": USER, "gid": USER, "content": f"@{receiver.secret}@"},
            }
            for receiver in secret_ones
        }
        mounted["services"] = {**services, SERVICE: service}
        mounted["secrets"] = {**(compose.get("secrets") or {}), **secrets}
    return mounted, problems.findings

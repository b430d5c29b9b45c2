# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitoring settings of an inventory: checked, and their secrets mounted into Alertmanager as files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ...problems import Finding, Problems, suggestion
from ...units import shown
from . import codes, heartbeat
from .heartbeat import Heartbeat
from .receivers import Receiver, parse

SERVICE = "alertmanager"
# Alertmanager's image runs as this user and group.
USER = 65534

RUNBOOK = "https://github.com/ziggie/stack/blob/main/docs/runbook.md"

_BACKUPS = "monitoring_backups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of an inventory that `mount` found right.

    `project` is the Compose project, `host` the name of the host in alerts, `runbook` the address that alerts link to, `backups` the directory or file
    that the backup of each service is written to.
    """

    project: str
    host: str
    runbook: str
    backups: Mapping[str, str]
    receivers: tuple[Receiver, ...]
    heartbeat: Heartbeat | None

    @classmethod
    def of(cls, written: Mapping[str, Any], *, name: str = "") -> Settings:
        """Return what an inventory wrote; `name` is the definition's own, for where it names no project."""
        receivers = written.get("receivers") or []
        beat = written.get("heartbeat") or {}
        known = [entry.get("secret") for entry in (*receivers, beat) if isinstance(entry, Mapping)]
        credentials = {str(secret) for secret in known}
        project = str(written.get("project") or name or "ziggie")
        return cls(
            project=project,
            host=str(written.get("host") or project),
            runbook=str(written.get("runbook") or RUNBOOK),
            backups={str(service): str(place) for service, place in (written.get("backups") or {}).items()},
            receivers=tuple(parse(receivers, credentials, Problems())),
            heartbeat=heartbeat.parse(beat, credentials, Problems()),
        )


def mount(
    compose: Mapping[str, Any],
    settings: Mapping[str, Any],
    credentials: Collection[str],
) -> tuple[dict[str, Any], list[Finding]]:
    """Return the definition with the secrets of receivers and heartbeat mounted into Alertmanager, and what is wrong with the settings.

    The settings stay in the definition as `x-monitoring`, so that a later step renders from the same ones.
    """
    problems = Problems()
    receivers = parse(settings.get("receivers") or [], credentials, problems)
    services = dict(compose.get("services") or {})
    if not settings.get("receivers") and SERVICE in services:
        problems.info(
            codes.NO_RECEIVER,
            "monitoring_receivers",
            "is empty: alerts are shown in Alertmanager and not sent",
            "add a receiver of type email, webhook, slack or telegram",
        )
    if receivers and SERVICE not in services:
        problems.warning(
            codes.NO_ALERTMANAGER,
            "monitoring_receivers",
            "has receivers, but Alertmanager is not part of the stack",
            "include alertmanager",
        )
    beat = heartbeat.parse(settings.get("heartbeat"), credentials, problems)
    if not settings.get("heartbeat") and SERVICE in services:
        problems.info(
            codes.NO_HEARTBEAT,
            heartbeat.PATH,
            "is empty: nothing alerts you when the host or its monitoring goes silent",
            "name a credential that holds the address of a dead man's switch",
        )
    _check_backups(settings.get("backups"), list(services), problems)
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


def _check_backups(written: Any, services: Collection[str], problems: Problems) -> None:
    """Report what is wrong with `{service: directory}`, and that it is empty."""
    if not written:
        fix = "name the directory or file that the backup of each database is written to"
        problems.info(codes.NO_BACKUP, _BACKUPS, "is empty: nothing alerts you when a backup is missing or old", fix)
        return
    if not isinstance(written, Mapping):
        problems.error(codes.BAD_BACKUP, _BACKUPS, f"expected a mapping, got {shown(written)}", "write {postgres: /var/backups/postgres}")
        return
    for service, place in written.items():
        if service not in services:
            problems.error(codes.BAD_BACKUP, f"{_BACKUPS}.{service}", "unknown service", suggestion(service, services))
        if not isinstance(place, str) or not place.startswith("/"):
            problems.error(
                codes.BAD_BACKUP, f"{_BACKUPS}.{service}", f"expected an absolute path, got {shown(place)}", "write /var/backups/postgres"
            )

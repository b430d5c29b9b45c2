# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receivers of alerts, parsed from the inventory."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...problems import Problems, suggestion
from ...tiers import TIERS
from ...units import shown
from . import codes
from .heartbeat import NAME as HEARTBEAT

SEVERITIES = ("info", "warning", "critical")
NOT_SENT = "not-sent"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_COMMON = frozenset({"name", "type", "severity", "tiers", "secret"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a type of receiver is told, and whether it works without a secret."""

    needs: Mapping[str, type]
    may: Mapping[str, type]
    secret: str


KINDS = {
    "email": Kind(needs={"to": str, "from": str, "smarthost": str}, may={"username": str, "require_tls": bool}, secret="with username"),
    "slack": Kind(needs={"channel": str}, may={}, secret="always"),
    "telegram": Kind(needs={"chat_id": int}, may={}, secret="always"),
    "webhook": Kind(needs={}, may={"max_alerts": int}, secret="always"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """One receiver. `secret` is a credential's name: a password, a token, or an address that has to stay secret."""

    name: str
    type: str
    severity: str
    tiers: tuple[str, ...]
    secret: str | None
    options: Mapping[str, Any]

    @property
    def severities(self) -> tuple[str, ...]:
        """Return the severities that are sent to it."""
        return SEVERITIES[SEVERITIES.index(self.severity) :]

    @property
    def secret_file(self) -> str:
        """Return where Alertmanager finds the secret."""
        return f"/run/secrets/{self.name}"


def parse(written: Any, credentials: Collection[str], problems: Problems) -> list[Receiver]:
    """Return the valid receivers, and report what is wrong with the others."""
    if not isinstance(written, Sequence) or isinstance(written, str):
        problems.error(codes.BAD_RECEIVER, "monitoring_receivers", f"expected a list, got {shown(written)}", "write a list of receivers")
        return []
    found: list[Receiver] = []
    for index, entry in enumerate(written):
        path = f"monitoring_receivers[{index}]"
        before = len(problems.findings)
        receiver = _receiver(entry, path, credentials, problems)
        if receiver is not None and receiver.name in {NOT_SENT, HEARTBEAT, *(other.name for other in found)}:
            problems.error(
                codes.RECEIVER_NAME_TAKEN, f"{path}.name", f"'{receiver.name}' is already in use", "give each receiver a unique name"
            )
        if receiver is not None and len(problems.findings) == before:
            found.append(receiver)
    return found


def _receiver(entry: Any, path: str, credentials: Collection[str], problems: Problems) -> Receiver | None:
    if not isinstance(entry, Mapping):
        problems.error(codes.BAD_RECEIVER, path, f"expected a mapping, got {shown(entry)}", "write a mapping with name and type")
        return None
    kind = KINDS.get(str(entry.get("type")))
    if kind is None:
        problems.error(codes.BAD_RECEIVER, f"{path}.type", f"unknown type {shown(entry.get('type'))}", suggestion(entry.get("type"), KINDS))
        return None
    known = {*_COMMON, *kind.needs, *kind.may}
    for key in sorted(str(key) for key in entry if key not in known):
        problems.error(
            codes.UNKNOWN_RECEIVER_KEY, f"{path}.{key}", f"unknown key for a receiver of type {entry['type']}", suggestion(key, known)
        )
    for key in sorted(kind.needs):
        if key not in entry:
            problems.error(
                codes.MISSING_RECEIVER_KEY, f"{path}.{key}", f"a receiver of type {entry['type']} requires this key", f"write {key}"
            )
    options = _options(entry, {**kind.needs, **kind.may}, path, problems)
    _check_secret(entry, kind, path, credentials, problems)
    name = str(entry.get("name", ""))
    if not _NAME.fullmatch(name):
        problems.error(codes.BAD_RECEIVER, f"{path}.name", f"invalid name {shown(name)}", "use a-z, 0-9 and dashes, at most 40")
    return Receiver(
        name=name,
        type=str(entry["type"]),
        severity=_severity(entry, path, problems),
        tiers=_tiers(entry, path, problems),
        secret=None if entry.get("secret") is None else str(entry["secret"]),
        options=options,
    )


def _options(entry: Mapping[str, Any], types: Mapping[str, type], path: str, problems: Problems) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for key, wanted in sorted(types.items()):
        if key not in entry:
            continue
        value = entry[key]
        right = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
        if not right or value == "":
            words = {str: "a text", int: "a whole number", bool: "true or false"}
            problems.error(codes.BAD_RECEIVER, f"{path}.{key}", f"expected {words[wanted]}, got {shown(value)}", f"write {words[wanted]}")
        else:
            options[key] = value
    return options


def _check_secret(entry: Mapping[str, Any], kind: Kind, path: str, credentials: Collection[str], problems: Problems) -> None:
    secret = entry.get("secret")
    if secret is None:
        if kind.secret == "always" or "username" in entry:
            problems.error(
                codes.MISSING_RECEIVER_SECRET,
                f"{path}.secret",
                f"a receiver of type {entry['type']} requires a secret",
                "name a credential here and set its value in stack_credentials",
            )
    elif str(secret) not in credentials:
        problems.error(
            codes.MISSING_RECEIVER_SECRET,
            f"{path}.secret",
            f"the credential {shown(secret)} has no value",
            f"set stack_credentials.{secret}",
        )


def _severity(entry: Mapping[str, Any], path: str, problems: Problems) -> str:
    severity = str(entry.get("severity", "warning"))
    if severity in SEVERITIES:
        return severity
    problems.error(codes.BAD_RECEIVER, f"{path}.severity", f"unknown severity {shown(severity)}", suggestion(severity, SEVERITIES))
    return "warning"


def _tiers(entry: Mapping[str, Any], path: str, problems: Problems) -> tuple[str, ...]:
    tiers = entry.get("tiers", list(TIERS))
    if isinstance(tiers, Sequence) and not isinstance(tiers, str) and tiers and all(tier in TIERS for tier in tiers):
        return tuple(tier for tier in TIERS if tier in tiers)
    problems.error(codes.BAD_RECEIVER, f"{path}.tiers", f"expected a list of tiers, got {shown(tiers)}", f"use some of {', '.join(TIERS)}")
    return tuple(TIERS)

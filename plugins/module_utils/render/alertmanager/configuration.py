# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of Alertmanager: routes, receivers and inhibitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .heartbeat import ALERT, NAME, Heartbeat
from .receivers import NOT_SENT, Receiver

TITLE = "{{ .Status | toUpper }} {{ .CommonLabels.alertname }}{{ with .CommonLabels.service }}: {{ . }}{{ end }}"
TEXT = "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.runbook_url }}\n{{ end }}"

# Where the first of a pair fires, the second is its consequence and is not sent.
# A pair is about one service unless it is about the host.
INHIBITIONS = (
    ("HostDown", ".+", "host"),
    ("HighCPUUsage", "HostCpuSaturated", "host"),
    ("ServiceOomKilled", "HostOomKill", "host"),
    ("APILatencyAboveOneSecond", "APILatencyHigh", "service"),
    ("ConnectionPoolExhausted", "PostgresConnectionsHigh", "host"),
    ("ServiceDown", "TargetDown|DatabaseDown|ServiceUnhealthy|BudgetDrift", "service"),
    ("RestartLoop", "ServiceDown|ServiceUnhealthy|TargetDown", "service"),
    ("DiskSpaceLow", "DiskFullSoon", "host"),
)


def document(receivers: Sequence[Receiver], heartbeat: Heartbeat | None = None) -> dict[str, Any]:
    """Return the configuration. Without receivers, alerts are shown and not sent."""
    beating = [heartbeat] if heartbeat else []
    return {
        "route": {
            "receiver": NOT_SENT,
            "group_by": ["alertname", "service"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": [*map(_beat, beating), *map(_route, receivers)],
        },
        "receivers": [
            {"name": NOT_SENT},
            *({"name": NAME, "webhook_configs": [_called(beat)]} for beat in beating),
            *({"name": receiver.name, **_KINDS[receiver.type](receiver)} for receiver in receivers),
        ],
        "inhibit_rules": [_inhibition(*pair) for pair in INHIBITIONS],
    }


def _route(receiver: Receiver) -> dict[str, Any]:
    urgent = {"matchers": ['severity="critical"'], "group_wait": "10s", "repeat_interval": "1h"}
    return {
        "receiver": receiver.name,
        "matchers": [f'severity=~"{"|".join(receiver.severities)}"', f'tier=~"{"|".join(receiver.tiers)}"'],
        "continue": True,
        "routes": [urgent],
    }


def _beat(heartbeat: Heartbeat) -> dict[str, Any]:
    """Return the route of the alert that always fires; it ends here, so no other receiver gets it."""
    return {
        "receiver": NAME,
        "matchers": [f'alertname="{ALERT}"'],
        "group_wait": "0s",
        "group_interval": f"{heartbeat.interval}s",
        # What is not due yet when the group is looked at waits for a whole interval more.
        "repeat_interval": f"{heartbeat.interval * 9 // 10}s",
    }


def _called(heartbeat: Heartbeat) -> dict[str, Any]:
    return {"url_file": heartbeat.secret_file, "send_resolved": False}


def _inhibition(source: str, target: str, equal: str) -> dict[str, Any]:
    return {
        "source_matchers": [f'alertname="{source}"'],
        "target_matchers": [f'alertname=~"{target}"', f'alertname!~"{source}|{ALERT}"'],
        "equal": ["host"] if equal == "host" else ["host", "service"],
    }


def _email(receiver: Receiver) -> dict[str, Any]:
    options = receiver.options
    email: dict[str, Any] = {
        "to": options["to"],
        "from": options["from"],
        "smarthost": options["smarthost"],
        "require_tls": options.get("require_tls", True),
        "send_resolved": True,
        "headers": {"Subject": TITLE},
        "text": TEXT,
    }
    if "username" in options:
        email |= {"auth_username": options["username"], "auth_password_file": receiver.secret_file}
    return {"email_configs": [email]}


def _slack(receiver: Receiver) -> dict[str, Any]:
    slack = {
        "api_url_file": receiver.secret_file,
        "channel": receiver.options["channel"],
        "send_resolved": True,
        "title": TITLE,
        "text": TEXT,
    }
    return {"slack_configs": [slack]}


def _telegram(receiver: Receiver) -> dict[str, Any]:
    telegram = {
        "bot_token_file": receiver.secret_file,
        "chat_id": receiver.options["chat_id"],
        "send_resolved": True,
        "parse_mode": "",
        "message": f"{TITLE}\n{TEXT}",
    }
    return {"telegram_configs": [telegram]}


def _webhook(receiver: Receiver) -> dict[str, Any]:
    webhook = {"url_file": receiver.secret_file, "send_resolved": True, "max_alerts": receiver.options.get("max_alerts", 0)}
    return {"webhook_configs": [webhook]}


_KINDS = {"email": _email, "slack": _slack, "telegram": _telegram, "webhook": _webhook}

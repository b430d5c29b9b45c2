# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dead man's switch: an address outside of the host that is called as long as the monitoring works."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ...problems import Problems, suggestion
from ...units import shown
from . import codes

NAME = "heartbeat"
ALERT = "Watchdog"
PATH = "monitoring_heartbeat"
DEFAULT = "1m"

_KEYS = ("secret", "interval")
_INTERVAL = re.compile(r"([1-9][0-9]{0,5})([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}
# Alertmanager checks a group only so often; it cannot keep a shorter interval.
_SHORTEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The dead man's switch. `secret` is the name of the credential that holds its address; `interval` is in seconds."""

    secret: str
    interval: int

    @property
    def secret_file(self) -> str:
        """Return where Alertmanager finds the address."""
        return f"/run/secrets/{NAME}"


def parse(written: Any, credentials: Collection[str], problems: Problems) -> Heartbeat | None:
    """Return the heartbeat, `None` where there is none or it is invalid, which is reported."""
    if not written:
        return None
    if not isinstance(written, Mapping):
        problems.error(codes.BAD_HEARTBEAT, PATH, f"expected a mapping, got {shown(written)}", "write a mapping with secret and interval")
        return None
    before = len(problems.findings)
    for key in sorted(str(key) for key in written if key not in _KEYS):
        problems.error(codes.BAD_HEARTBEAT, f"{PATH}.{key}", "unknown key", suggestion(key, _KEYS))
    secret = written.get("secret")
    if secret is None:
        fix = "name a credential here and set its value in stack_credentials"
        problems.error(codes.HEARTBEAT_WITHOUT_ADDRESS, f"{PATH}.secret", "a heartbeat requires a secret: the address that it calls", fix)
    elif str(secret) not in credentials:
        message = f"the credential {shown(secret)} has no value"
        problems.error(codes.HEARTBEAT_WITHOUT_ADDRESS, f"{PATH}.secret", message, f"set stack_credentials.{secret}")
    interval = _seconds(written.get("interval", DEFAULT))
    if interval is None:
        message = f"expected an interval of {_SHORTEST} s or more, got {shown(written['interval'])}"
        problems.error(codes.BAD_HEARTBEAT, f"{PATH}.interval", message, "write 30s, 1m or 2h")
    if len(problems.findings) > before or interval is None:
        return None
    return Heartbeat(secret=str(secret), interval=interval)


def _seconds(written: Any) -> int | None:
    match = _INTERVAL.fullmatch(written) if isinstance(written, str) else None
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    return seconds if seconds >= _SHORTEST else None

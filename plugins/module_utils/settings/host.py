# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator wants done to a host (`stack_host`); a setting that is not given has the default of its profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..host.codes import SETTING_UNREADABLE
from ..problems import Finding, suggestion
from ..units import SIZE_FIX, parse_size, shown

PATH = "stack_host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is done to a host; the defaults are those of the profile `full`.

    `profile` gives all other settings their defaults. `slices`: containers lie in slices of systemd. `services`: the host's own services are
    protected. `io`: the I/O scheduler. `kernel`: the parameters of `stack_sysctl` are set. `engine`: the options of
    `stack_engine_options` are written to daemon.json. `firewall`: published ports are closed but the public ones, and from the interfaces
    in `trusted` all are open. `huge_pages` and `swap` are policies, `swap_size` is in bytes.
    """

    profile: str = "full"
    slices: bool = True
    services: bool = True
    io: str = "auto"
    kernel: bool = True
    engine: bool = True
    firewall: bool = True
    trusted: tuple[str, ...] = ()
    huge_pages: str = "auto"
    swap: str = "keep"
    swap_size: int = 2 << 30

    def why_not(self, key: str) -> str:
        """Return why a setting that is false is so."""
        return f"{PATH}.{key} is false" if self.profile == "full" else f"{PATH}.profile is {self.profile}, and {PATH}.{key} is not true"


_PROTECT: Mapping[str, Any] = {"kernel": False, "engine": False, "firewall": False, "huge_pages": "keep"}
# What each profile says otherwise than `full`: `limits` changes nothing but containers, `protect` nothing that other programs read.
PROFILES: Mapping[str, Mapping[str, Any]] = {
    "limits": {**_PROTECT, "slices": False, "services": False, "io": "keep"},
    "protect": _PROTECT,
    "full": {},
}
CHOICES: Mapping[str, tuple[Any, ...]] = {
    "profile": tuple(PROFILES),
    "slices": (True, False),
    "services": (True, False),
    "io": ("auto", "bfq", "cost", "keep"),
    "kernel": (True, False),
    "engine": (True, False),
    "firewall": (True, False),
    "huge_pages": ("auto", "always", "madvise", "never", "keep"),
    "swap": ("keep", "none", "file", "zram"),
}


def parse(data: Mapping[str, Any]) -> tuple[Settings, list[Finding]]:
    """Return the settings, complete, and what is wrong with them; one that is wrong or not given has its profile's default."""
    known = {field.name for field in fields(Settings)}
    findings: list[Finding] = []
    given: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            findings.append(_error(key, "there is no setting of this name", suggestion(key, known)))
        elif key == "swap_size":
            try:
                given[key] = parse_size(value)
            except ValueError as error:
                findings.append(_error(key, str(error), SIZE_FIX))
        elif key == "trusted":
            if isinstance(value, (list, tuple)):
                given[key] = tuple(str(name) for name in value)
            else:
                findings.append(_error(key, f"{shown(value)} is not a list", "write a list of interfaces"))
        elif not any(value is choice or (isinstance(choice, str) and value == choice) for choice in CHOICES[key]):
            choices = ", ".join(str(choice).lower() for choice in CHOICES[key])
            findings.append(
                _error(key, f"{shown(value)} is not one of {choices}", suggestion(value, (str(choice).lower() for choice in CHOICES[key])))
            )
        else:
            given[key] = value
    return Settings(**{**PROFILES[given.get("profile", "full")], **given}), findings


def _error(key: str, message: str, fix: str) -> Finding:
    return Finding(code=SETTING_UNREADABLE, severity="error", path=f"{PATH}.{key}", message=message, fix=fix)

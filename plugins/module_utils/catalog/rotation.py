# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service takes another value of a secret, as the secret's `x-secret.rotate` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..problems import suggestion
from ..units import shown

# The key of `x-secret` that names the way.
KEY = "rotate"
# What each way needs to be told.
WAYS: Mapping[str, tuple[str, ...]] = {"grafana": ("user",), "never": ("reason",), "postgresql": ("user",), "restart": ()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a value is changed.

    `method` is `restart` where services only read it when they start, `postgresql` or `grafana` where that server keeps the password of `user` in its
    data, `never` where data are encrypted with it, for which `reason` says what is.
    """

    method: str
    user: str = ""
    reason: str = ""

    @property
    def in_data(self) -> bool:
        """Tell whether the service's data hold the value or depend on it."""
        return self.method != "restart"

    @classmethod
    def read(cls, written: Any) -> Way | None:
        """Return the way that is written, `None` where none is or it has a fault."""
        if written is None or any(faults(written)):
            return None
        return cls(**{str(key): str(value) for key, value in written.items()})


def faults(written: Any) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a way as it is written: the key, empty for the whole, a sentence, and its fix."""
    if not isinstance(written, Mapping):
        yield "", f"expected a mapping, got {shown(written)}", "write rotate: {method: restart}"
        return
    method = written.get("method")
    if not isinstance(method, str) or method not in WAYS:
        yield "method", f"{shown(method)} is not a way to change a secret", suggestion(method, WAYS)
        return
    for key in written:
        if key not in ("method", *WAYS[method]):
            yield str(key), f"nothing reads {shown(key)} where the method is {method}", "remove it"
    for key in WAYS[method]:
        if not isinstance(written.get(key), str) or not written[key]:
            yield key, f"expected a text, got {shown(written.get(key))}", f"write {key}, which the method {method} needs"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis: what `CONFIG GET` says."""

from __future__ import annotations

from . import sizes
from .probe import Probe
from .subject import Subject, UnknownError

# redis-cli ends well also when it was refused, so what it says is looked at.
LOGIN = '[ -r /run/secrets/redis_password ] && export REDISCLI_AUTH="$(cat /run/secrets/redis_password)"; '
SCRIPT = LOGIN + "exec redis-cli -h 127.0.0.1 --raw CONFIG GET '*'"


def ask(subject: Subject) -> dict[str, str]:
    """Return every setting."""
    lines = subject.run(SCRIPT).splitlines()
    if len(lines) < 2 or lines[0].split(" ", 1)[0] in ("NOAUTH", "WRONGPASS", "LOADING", "(error)"):
        raise UnknownError(f"redis-cli says {lines[0] if lines else 'nothing'}")
    return dict(zip(lines[::2], lines[1::2], strict=False))


def normal(name: str, value: str) -> object:
    """Return bytes or a word."""
    return sizes.size(value.lower(), sizes.REDIS) if name == "maxmemory" else value


PROBE = Probe(engine="redis", ask=ask, normal=normal)

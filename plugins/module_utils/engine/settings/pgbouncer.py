# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer: its configuration file, which must be older than the container.

Its console answers administrators only, and there are none: a password more would be a risk more.
"""

from __future__ import annotations

import re

from .probe import Probe
from .subject import Subject, UnknownError

_SETTING = re.compile(r"^\s*(\w+)\s*=\s*(\S+)\s*$", re.MULTILINE)


def ask(subject: Subject) -> dict[str, str]:
    """Return the settings of the file that the program was given."""
    path = next((word for word in subject.program().command[1:] if word.endswith(".ini")), None)
    if path is None:
        raise UnknownError("it was started without a configuration file")
    return dict(_SETTING.findall(subject.read(path)))


PROBE = Probe(engine="pgbouncer", ask=ask)

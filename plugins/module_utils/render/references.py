# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator's own rules and dashboards say of services, against the services that there are."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..budget.problems import suggestion
from .watched import HOST

# A service's label in PromQL or LogQL, also as JSON quotes it: a name, or alternatives of names.
_MATCHER = re.compile(r"""\bservice\s*=~?\s*\\?["'`]([a-zA-Z0-9_.|-]+)\\?["'`]""")

_READERS = ("config/prometheus/", "config/grafana/dashboards/", "config/loki/")


def unknown(path: str, content: str, services: Collection[str]) -> list[str]:
    """Return a sentence for each service that a file of ours or of the operator's asks for and that there is none of.

    `path` is relative to the project directory. A pattern that is more than names is passed over: nobody can tell what it is to match.
    """
    if not path.startswith(_READERS):
        return []
    known = {*services, HOST}
    asked = {name for match in _MATCHER.finditer(content) for name in match[1].split("|") if name}
    return [f"it asks for service '{name}', and there is none of that name; {suggestion(name, known)}" for name in sorted(asked - known)]

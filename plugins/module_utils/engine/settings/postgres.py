# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL: what `SHOW` says, for every setting at once.

The superuser asks over the container's own socket; where that one wants a password, it is the file that the image was given.
"""

from __future__ import annotations

from . import sizes
from .probe import Probe
from .subject import Subject

LOGIN = (
    'for secret in "$POSTGRES_PASSWORD_FILE" /run/secrets/superuser_password; do '
    '[ -r "$secret" ] && export PGPASSWORD="$(cat "$secret")" && break; done; '
    'export PGCONNECT_TIMEOUT=3 PGOPTIONS="-c statement_timeout=3000"; '
)


def psql(query: str) -> str:
    """Return the shell script that asks a query as superuser; it must hold no double quote, backtick, dollar or backslash."""
    return f'{LOGIN}exec psql -X -A -t -w -U "${{POSTGRES_USER:-postgres}}" -d postgres -c "{query}"'


SCRIPT = psql("SELECT name || '=' || current_setting(name) FROM pg_settings")
_WORDS = {"on": "on", "true": "on", "yes": "on", "off": "off", "false": "off", "no": "off"}


def ask(subject: Subject) -> dict[str, str]:
    """Return every setting."""
    return dict(line.split("=", 1) for line in subject.run(SCRIPT).splitlines() if "=" in line)


def normal(_name: str, value: str) -> object:
    """Return bytes, a number or a word."""
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return float(sizes.size(value, sizes.POSTGRES))
    except ValueError:
        return _WORDS.get(value.lower(), value)


PROBE = Probe(engine="postgres", ask=ask, normal=normal)

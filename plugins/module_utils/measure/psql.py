# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""psql as the superuser of a PostgreSQL container."""

from __future__ import annotations

_LOGIN = (
    'for secret in "$POSTGRES_PASSWORD_FILE" /run/secrets/superuser_password; do '
    '[ -r "$secret" ] && export PGPASSWORD="$(cat "$secret")" && break; done; '
    'export PGCONNECT_TIMEOUT=3 PGOPTIONS="-c statement_timeout=3000"; '
)


def psql(query: str) -> str:
    """Return the shell script that asks a query; it must hold no double quote, backtick, dollar or backslash."""
    return f'{_LOGIN}exec psql -X -A -t -w -U "${{POSTGRES_USER:-postgres}}" -d postgres -c "{query}"'


def pgbench(script: str, *, seconds: int, clients: int) -> str:
    """Return the shell script that runs a transaction of pgbench over and over; nothing is written to disk for it."""
    return (
        f'{_LOGIN}command -v pgbench >/dev/null || exit 127; printf "%s\\n" "{script}" | '
        f'pgbench -n -f /dev/stdin -T {seconds} -c {clients} -j 1 -U "${{POSTGRES_USER:-postgres}}" postgres'
    )

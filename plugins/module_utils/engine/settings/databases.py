# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases that are asked for their settings by their own clients, as their administrators."""

from __future__ import annotations

import json

from ...evidence.grammar import MYSQL, REDIS
from ...evidence.grammar import postgres as postgres_units
from .subject import Probe, Subject, UnknownError

# PostgreSQL: what `SHOW` says, for every setting at once.
#
# The superuser asks over the container's own socket; where that one wants a password, it is the file that the image was given.

POSTGRES_LOGIN = (
    'for secret in "$POSTGRES_PASSWORD_FILE" /run/secrets/superuser_password; do '
    '[ -r "$secret" ] && export PGPASSWORD="$(cat "$secret")" && break; done; '
    'export PGCONNECT_TIMEOUT=3 PGOPTIONS="-c statement_timeout=3000"; '
)


def psql(query: str) -> str:
    """Return the shell script that asks a query as superuser; it must hold no double quote, backtick, dollar or backslash."""
    return f'{POSTGRES_LOGIN}exec psql -X -A -t -w -U "${{POSTGRES_USER:-postgres}}" -d postgres -c "{query}"'


_POSTGRES_SETTINGS = psql("SELECT name || '=' || current_setting(name) FROM pg_settings")
_POSTGRES_WORDS = {"on": "on", "true": "on", "yes": "on", "off": "off", "false": "off", "no": "off"}


def _postgres(subject: Subject) -> dict[str, str]:
    """Return every setting."""
    return dict(line.split("=", 1) for line in subject.run(_POSTGRES_SETTINGS).splitlines() if "=" in line)


def _postgres_normal(_name: str, value: str) -> object:
    """Return bytes, a number or a word."""
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return float(postgres_units(1).bytes(value))
    except ValueError:
        return _POSTGRES_WORDS.get(value.lower(), value)


_POSTGRES = Probe(tuner="postgres", ask=_postgres, normal=_postgres_normal)


# Redis: what `CONFIG GET` says.

# redis-cli ends well also when it was refused, so what it says is looked at.
REDIS_LOGIN = '[ -r /run/secrets/redis_password ] && export REDISCLI_AUTH="$(cat /run/secrets/redis_password)"; '
_REDIS_SETTINGS = REDIS_LOGIN + "exec redis-cli -h 127.0.0.1 --raw CONFIG GET '*'"


def _redis(subject: Subject) -> dict[str, str]:
    """Return every setting."""
    lines = subject.run(_REDIS_SETTINGS).splitlines()
    if len(lines) < 2 or lines[0].split(" ", 1)[0] in ("NOAUTH", "WRONGPASS", "LOADING", "(error)"):
        raise UnknownError(f"redis-cli says {lines[0] if lines else 'nothing'}")
    return dict(zip(lines[::2], lines[1::2], strict=False))


def _redis_normal(name: str, value: str) -> object:
    """Return bytes or a word."""
    return REDIS.bytes(value) if name == "maxmemory" else value


_REDIS = Probe(tuner="redis", ask=_redis, normal=_redis_normal)


# MongoDB: the cache that it has configured, and the connections that it takes, by `serverStatus`.
#
# What it was started with (`getCmdLineOpts`) is not what it has: it lowers the connections to what its open files allow.

MONGODB_CONNECT = (
    "const fs = require('fs'), file = '/run/secrets/root_password'; "
    "if (fs.existsSync(file)) db.getSiblingDB('admin').auth('root', fs.readFileSync(file, 'utf8').trim()); "
)
# The loopback address is not taken while a temporary server initialises the data there.
_MONGOSH = 'exec mongosh --quiet --norc --host "$(hostname)" --eval "$(cat <<\'END\'\n{script}\nEND\n)"'
_MONGODB_SETTINGS = (
    MONGODB_CONNECT + "const s = db.adminCommand({serverStatus: 1}); print(JSON.stringify({"
    "cache: Number(s.wiredTiger.cache['maximum bytes configured']), connections: Number(s.connections.current) + Number(s.connections.available)}))"
)


def mongosh(script: str) -> str:
    """Return the shell script that runs JavaScript as the server's root user."""
    return _MONGOSH.format(script=script)


def _mongodb(subject: Subject) -> dict[str, str]:
    """Return the cache's size and the most connections."""
    said = subject.run(mongosh(_MONGODB_SETTINGS)).strip().splitlines()
    try:
        status = json.loads(said[-1])
        return {"wiredTigerCacheSizeGB": str(int(status["cache"]) / 2**30), "maxConns": str(int(status["connections"]))}
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise UnknownError(f"mongosh says {said[-1] if said else 'nothing'}") from error


def _mongodb_normal(name: str, value: str) -> object:
    """Return a count, or a cache in whole MiB, to which mongod rounds."""
    return round(float(value) * 1024) if name == "wiredTigerCacheSizeGB" else int(value)


_MONGODB = Probe(tuner="mongodb", ask=_mongodb, normal=_mongodb_normal)


# MySQL and MariaDB: what `SHOW GLOBAL VARIABLES` says, or the options of the running server where root's password is not known.
#
# The password is that of the variable or file that the image was given; it is handed to the client in its environment.

_MYSQL_SETTINGS = (
    'for secret in "$MARIADB_ROOT_PASSWORD_FILE" "$MYSQL_ROOT_PASSWORD_FILE" /run/secrets/root_password; do '
    '[ -r "$secret" ] && MYSQL_PWD="$(cat "$secret")" && break; done; '
    'export MYSQL_PWD="${MYSQL_PWD:-${MARIADB_ROOT_PASSWORD:-$MYSQL_ROOT_PASSWORD}}"; '
    "client=$(command -v mariadb || command -v mysql) || exit 127; "
    "exec \"$client\" --no-defaults --connect-timeout=3 -u root -N -B -e 'SHOW GLOBAL VARIABLES'"
)


def _mysql(subject: Subject) -> dict[str, str]:
    """Return every variable, or every option of the command line."""
    try:
        said = subject.run(_MYSQL_SETTINGS)
    except UnknownError:
        options = (word.removeprefix("--").removeprefix("loose-").partition("=") for word in subject.program().command if word[:2] == "--")
        return {name.replace("-", "_"): value for name, _equals, value in options}
    return dict(line.split("\t", 1) for line in said.splitlines() if "\t" in line)


def _mysql_normal(_name: str, value: str) -> object:
    """Return bytes or a number."""
    return MYSQL.bytes(value)


_MYSQL = (Probe(tuner="mysql", ask=_mysql, normal=_mysql_normal), Probe(tuner="mariadb", ask=_mysql, normal=_mysql_normal))


PROBES = (_POSTGRES, _REDIS, _MONGODB, *_MYSQL)

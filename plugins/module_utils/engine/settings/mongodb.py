# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MongoDB: the cache that it has configured, and the connections that it takes, by `serverStatus`.

What it was started with (`getCmdLineOpts`) is not what it has: it lowers the connections to what its open files allow.
"""

from __future__ import annotations

import json

from .probe import Probe
from .subject import Subject, UnknownError

CONNECT = (
    "const fs = require('fs'), file = '/run/secrets/root_password'; "
    "if (fs.existsSync(file)) db.getSiblingDB('admin').auth('root', fs.readFileSync(file, 'utf8').trim()); "
)
# The loopback address is not taken while a temporary server initialises the data there.
_COMMAND = 'exec mongosh --quiet --norc --host "$(hostname)" --eval "$(cat <<\'END\'\n{script}\nEND\n)"'
_SETTINGS = (
    CONNECT + "const s = db.adminCommand({serverStatus: 1}); print(JSON.stringify({"
    "cache: Number(s.wiredTiger.cache['maximum bytes configured']), connections: Number(s.connections.current) + Number(s.connections.available)}))"
)


def command(script: str) -> str:
    """Return the shell script that runs JavaScript as the server's root user."""
    return _COMMAND.format(script=script)


def ask(subject: Subject) -> dict[str, str]:
    """Return the cache's size and the most connections."""
    said = subject.run(command(_SETTINGS)).strip().splitlines()
    try:
        status = json.loads(said[-1])
        return {"wiredTigerCacheSizeGB": str(int(status["cache"]) / 2**30), "maxConns": str(int(status["connections"]))}
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise UnknownError(f"mongosh says {said[-1] if said else 'nothing'}") from error


def normal(name: str, value: str) -> object:
    """Return a count, or a cache in whole MiB, to which mongod rounds."""
    return round(float(value) * 1024) if name == "wiredTigerCacheSizeGB" else int(value)


PROBE = Probe(engine="mongodb", ask=ask, normal=normal)

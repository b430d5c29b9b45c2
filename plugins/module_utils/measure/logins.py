# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh login with each password that a database's container was given.

Connections that stand hide a password that was changed on one side; the next login fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from ..engine.settings.databases import REDIS_LOGIN, mongosh
from ..engine.settings.subject import Subject, UnknownError
from .scene import Found, Scene, each

# user, database, and the mounted file that holds the user's password
POSTGRES = (("ziggie", "ziggie", "application_password"), ("n8n", "n8n", "n8n_password"), ("exporter", "ziggie", "exporter_password"))
MONGODB = (("root", "admin", "root_password"), ("ziggie", "ziggie", "application_password"), ("exporter", "admin", "exporter_password"))


def measure(scene: Scene) -> Found:
    """Return by service the `refused` users, each with what was said, how many were `tried`, and an `error` where none could be."""
    postgres = partial(_postgres, poolers=scene.named("pgbouncer"))
    asked = {
        name: (login, subject)
        for engine, login in (("postgres", postgres), ("redis", _redis), ("mongodb", _mongodb))
        for name, subject in scene.of_tuner(engine).items()
    }
    return each(_try, asked)


def _try(pair: tuple[Callable[[Subject], str], Subject]) -> Found:
    login, subject = pair
    try:
        lines = login(subject).splitlines()
    except UnknownError as reason:
        return {"refused": {}, "tried": 0, "error": str(reason)}
    answers = dict(line.split("\t", 1) for line in lines if "\t" in line)
    return {"refused": {user: said for user, said in answers.items() if said != "ok"}, "tried": len(answers), "error": ""}


def _postgres(subject: Subject, poolers: Iterable[str]) -> str:
    """Log in to the server, and through each pooler before it: a pooler may know an address that is no longer the server's."""
    doors = [("127.0.0.1", user, database, file, user) for user, database, file in POSTGRES]
    doors += [(pooler, *POSTGRES[0], f"{POSTGRES[0][0]} through {pooler}") for pooler in poolers]
    each_door = "; ".join(f"try {host} {user} {database} {file} '{name}'" for host, user, database, file, name in doors)
    return subject.run(
        'export PGCONNECT_TIMEOUT=3; try() { [ -r "/run/secrets/$4" ] || return 0; '
        'said="$(PGPASSWORD="$(cat "/run/secrets/$4")" psql -X -A -t -w -h "$1" -U "$2" -d "$3" -c "SELECT 1" 2>&1)" && said=ok; '
        f'printf \'%s\\t%s\\n\' "$5" "$(printf \'%s\' "$said" | tail -n 1)"; }}; {each_door}'
    )


def _redis(subject: Subject) -> str:
    return subject.run(
        REDIS_LOGIN
        + 'said="$(redis-cli -h 127.0.0.1 PING 2>&1 | tail -n 1)"; [ "$said" = PONG ] && said=ok; printf "default\\t%s\\n" "$said"'
    )


def _mongodb(subject: Subject) -> str:
    users = ", ".join(f"['{user}', '{database}', '/run/secrets/{file}']" for user, database, file in MONGODB)
    return subject.run(
        mongosh(
            f"const fs = require('fs'); for (const [user, name, file] of [{users}]) {{ if (!fs.existsSync(file)) continue; let said = 'ok'; "
            "try { const d = db.getSiblingDB(name); d.auth(user, fs.readFileSync(file, 'utf8').trim()); d.runCommand({connectionStatus: 1}); } "
            "catch (error) { said = error.message; } print(user + '\\t' + said); }"
        )
    )

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container of an image is: the image's server, a worker of it, a client, or a job that ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .facts import Family, Role, words

_SHELLS = ("sh", "bash", "ash", "dash", "zsh")
_WRAPPERS = ("exec", "env", "tini", "dumb-init", "docker-init", "catatonit", "nice", "ionice", "nohup", "stdbuf", "sudo", "busybox")
_WRAPPERS_WITH_A_WORD = ("gosu", "su-exec", "timeout", "chpst", "s6-setuidgid", "wait-for-it.sh", "wait-for")
# Programs that are in many images and are the server of none.
_CLIENTS = words(
    """
    sleep tail cat echo true false ls cp mv rm tar chown chmod curl wget ping nc psql pg_dump pg_dumpall pg_restore
    pg_isready pg_basebackup redis-cli valkey-cli mysql mysqldump mysqladmin mariadb mariadb-dump mariadb-admin mongosh
    mongo mongodump mongorestore mc rabbitmqadmin kafka-topics.sh kafka-topics kafka-console-consumer.sh influx clickhouse-
    client cqlsh etcdctl vault-init
    """
)
_WORKERS = words("celery sidekiq rq rqworker dramatiq huey arq resque good_job")
_WORKER_LINES = re.compile(r"\b(?:queue:(?:work|listen)|horizon|schedule:(?:work|run)|run[-_]?worker|celery\b.*\b(?:worker|beat))\b")


def role_of(family: Family, entrypoint: Sequence[str] | None, command: Sequence[str] | None, completes: bool) -> Role:
    """Return the role of a container by its own words.

    `entrypoint` and `command` are what the service writes, None where it leaves the image's. `completes` says that others wait for it to
    end with success, so it is a job.
    """
    if completes or family.ends:
        return "job"
    written = [*(entrypoint or ()), *(command or ())]
    if not written:
        return "server" if entrypoint is None else "client"
    line, heads = " ".join(written), list(_programs(written))
    if _WORKER_LINES.search(line) or any(head.partition(" ")[0] in _WORKERS for head in heads):
        return "worker"
    if family.workers and any(word in family.workers for word in re.split(r"[\s;&|]+", line)):
        return "worker"
    if family.runtime:
        return "server"
    servers = family.servers or _names(family)
    if any(head in servers or head.partition(" ")[0] in servers for head in heads):
        return "server"
    if not entrypoint and written[0].startswith("-"):
        return "server"
    if not heads:
        return "server"
    if entrypoint or family.servers or _base(written[0]) in _SHELLS or heads[0].partition(" ")[0] in _CLIENTS:
        return "client"
    return "server"


def _programs(written: Sequence[str]) -> Iterator[str]:
    """Yield each program that the words start, with its first argument; nothing where only an image's own entrypoint is named."""
    rest = _unwrapped(list(written))
    if not rest:
        return
    if _base(rest[0]) in _SHELLS:
        script = next((word for word in rest[1:] if not word.startswith("-")), "")
        if any(word.startswith("-") and "c" in word for word in rest[1:2]) or " " in script:
            for part in re.split(r"\|\||&&|[;&|\n]|\$\(|`|\bdo\b|\bthen\b|\belse\b|[(){}]", script):
                yield from _programs([word for word in part.split() if word not in ("while", "until", "if", "!", ":", "done", "fi")])
            return
        # A script with arguments usually ends by starting them: `sh /start.sh nginx -g …`.
        rest = rest[1:]
        yield from _program(rest[1:])
    yield from _program(rest)


def _program(rest: list[str]) -> Iterator[str]:
    if rest:
        first = _base(rest[0])
        yield f"{first} {rest[1]}" if len(rest) > 1 else first


def _names(family: Family) -> frozenset[str]:
    """Return what the program of a family is called where the table does not say: as its image, with `-` or `_`."""
    names = {family.name, family.kind, *(image.rsplit("/", 1)[-1] for image in family.images)}
    return frozenset(names | {name.replace("-", "_") for name in names})


def _unwrapped(rest: list[str]) -> list[str]:
    """Return the words without what only starts the program: init processes, changes of user, assignments, an image's entrypoint."""
    while rest:
        first = _base(rest[0])
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=.*", rest[0]):
            rest = rest[1:]
        elif first in _WRAPPERS or first.endswith("entrypoint.sh") or first in ("entrypoint", "docker-entrypoint", "--"):
            rest = rest[1:]
            while rest and rest[0].startswith("-") and first in _WRAPPERS:
                rest = rest[1:]
        elif first in _WRAPPERS_WITH_A_WORD:
            rest = rest[2:]
        else:
            break
    return rest


def _base(word: str) -> str:
    return word.strip("'\"").rsplit("/", 1)[-1]

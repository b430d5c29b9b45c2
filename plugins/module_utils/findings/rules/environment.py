# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables and settings that nothing reads, or that say what is so anyway."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ...compose.values import dig, items, text
from ...images.facts import words
from ..rule import Book, Hit, listed
from ..service import Service
from ..stack import Stack

BOOK = Book("Settings that do nothing")

_VARIABLE = re.compile(r"\$\$|\$([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# Names of PostgreSQL's own settings that people write as variables.
_POSTGRES_SETTINGS = words(
    """
    archive_mode autovacuum_max_workers checkpoint_completion_target checkpoint_timeout default_statistics_target effective_cache_size
    effective_io_concurrency fsync full_page_writes hba_file huge_pages idle_in_transaction_session_timeout log_min_duration_statement
    log_statement logging_collector maintenance_work_mem max_connections max_parallel_maintenance_workers max_parallel_workers
    max_parallel_workers_per_gather max_replication_slots max_wal_senders max_wal_size max_worker_processes min_wal_size password_encryption
    random_page_cost shared_buffers shared_preload_libraries statement_timeout synchronous_commit temp_buffers wal_buffers wal_level work_mem
    """
)
_SPELLINGS = {"DATABASE": "DB", "DATABASE_NAME": "DB", "DB_NAME": "DB", "DBNAME": "DB", "LOGIN": "USER"}
# Variables that name a server to its clients; a block shared by both gives them to the server, too.
_OF_CLIENTS = ("_HOST", "_HOSTNAME", "_PORT", "_URL", "_URI", "_SERVICE_NAME", "_SERVER")
_GUNICORN = {
    "WORKERS": "WEB_CONCURRENCY",
    "WORKER_CLASS": "GUNICORN_CMD_ARGS=--worker-class=…",
    "WORKER_CONNECTIONS": "GUNICORN_CMD_ARGS=--worker-connections=…",
    "MAX_REQUESTS": "GUNICORN_CMD_ARGS=--max-requests=…",
    "MAX_REQUESTS_JITTER": "GUNICORN_CMD_ARGS=--max-requests-jitter=…",
    "TIMEOUT": "GUNICORN_CMD_ARGS=--timeout=…",
    "GRACEFUL_TIMEOUT": "GUNICORN_CMD_ARGS=--graceful-timeout=…",
    "KEEPALIVE": "GUNICORN_CMD_ARGS=--keep-alive=…",
}
_DEFAULT_VARIABLES = {
    ("n8n", "EXECUTIONS_DATA_PRUNE"): "true",
    ("ollama", "OLLAMA_FLASH_ATTENTION"): "1",
}
_DEFAULT_SETTINGS = {
    ("postgres", "checkpoint_completion_target"): "0.9",
    ("redis", "tcp-backlog"): "511",
    ("redis", "protected-mode"): "no",
    ("prometheus", "query.max-concurrency"): "20",
}


@BOOK.service(
    "ZB200",
    "warning",
    "A variable that the image does not read",
    why="The program never sees it, so the setting keeps its default.",
    fix="set it where the program reads it",
    source="docker-library, docker-entrypoint.sh",
)
def _unread(service: Service, _stack: Stack) -> Iterator[Hit]:
    facts = service.facts
    # A script of the first start may read any variable.
    if facts.init_scripts and any(mount.target.rstrip("/").startswith(facts.init_scripts) for mount in service.mounts):
        return
    written = " ".join((*service.command, *(service.probe.words if service.probe else ())))
    for prefix, known in facts.reads.items():
        for name in service.environment:
            if not name.startswith(prefix) or name in known or name in written or name.endswith(_OF_CLIENTS):
                continue
            setting, near = name.removeprefix(prefix).lower(), _meant(name, prefix, known)
            if facts.kind == "postgres" and setting in _POSTGRES_SETTINGS:
                fix = f"write it in the command: -c {setting}=…"
            elif near:
                fix = f"write {near}"
            elif facts.kind == "redis":
                fix = "write it in the command or in a configuration file"
            else:
                continue
            yield Hit(at=f"environment.{name}", message=f"the image of {facts.kind} does not read {name}", fix=fix)


def _meant(name: str, prefix: str, known: Iterable[str]) -> str:
    """Return the variable that a name is another spelling of: PASS or PASSWD for PASSWORD, USERNAME for USER; empty for none."""
    said = _SPELLINGS.get(name.removeprefix(prefix), name.removeprefix(prefix))
    for other in sorted(known):
        right = other.removeprefix(prefix)
        if said == right or (said.startswith(right) and len(right) > 2) or (right.startswith(said) and len(said) > 2):
            return other
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.92)), "")


@BOOK.service(
    "ZB201",
    "warning",
    "Gunicorn's settings under names that it does not know",
    why="Gunicorn reads WEB_CONCURRENCY, GUNICORN_CMD_ARGS and its configuration file. Other names work only where the image's own start script turns "
    "them into arguments.",
    fix="use the names that Gunicorn reads",
    source="Gunicorn documentation, settings",
)
def _not_gunicorn(service: Service, _stack: Stack) -> Iterator[Hit]:
    found = [name for name in _GUNICORN if name in service.environment]
    if len(found) >= 3 and not service.facts.kind and "GUNICORN_CMD_ARGS" not in service.environment:
        for name in found:
            yield Hit(at=f"environment.{name}", message=f"Gunicorn does not read {name}", fix=f"set {_GUNICORN[name]}")


@BOOK.service(
    "ZB202",
    "info",
    "A setting that is the default",
    why="It changes nothing, and hides the settings that do.",
    fix="leave it out",
    source="the programs' documentation",
)
def _defaults(service: Service, _stack: Stack) -> Iterator[Hit]:
    for (kind, name), value in _DEFAULT_VARIABLES.items():
        if service.facts.kind == kind and service.environment.get(name) == value:
            yield Hit(at=f"environment.{name}", message=f"{value} is the default")
    for (kind, name), value in _DEFAULT_SETTINGS.items() if not dig(service.data, "x-budget", "tuning") else ():
        if service.facts.kind == kind and service.setting(name) == value:
            yield Hit(at="command", message=f"{name} {value} is the default")


@BOOK.service(
    "ZB203",
    "info",
    "A database that is only named",
    why="MONGO_INITDB_DATABASE creates nothing: scripts in /docker-entrypoint-initdb.d start in that database.",
    fix="mount a script that creates the user and the collections, or leave it out",
    source="docker-library/mongo documentation",
)
def _only_named(service: Service, _stack: Stack) -> Iterator[Hit]:
    name = service.environment.get("MONGO_INITDB_DATABASE")
    scripts = any(mount.target.startswith("/docker-entrypoint-initdb.d") for mount in service.mounts)
    if service.facts.kind == "mongodb" and name and not scripts:
        yield Hit(at="environment.MONGO_INITDB_DATABASE", message=f"no database '{text(name)}' is made")


def _is_passed_on(name: str, value: str) -> bool:
    return re.match(rf"\$(?:{name}$|\{{{name}\W)", value) is not None


@BOOK.service(
    "ZB204",
    "warning",
    "A variable of the container written with one dollar",
    why="Compose replaces variables before the container exists, from .env and the shell: what only `environment` or `env_file` sets becomes empty.",
    fix="write two dollars, and a shell in the container replaces it",
    source="compose-spec, interpolation",
)
def _one_dollar(service: Service, _stack: Stack) -> Iterator[Hit]:
    for at in ("command", "entrypoint", "healthcheck.test"):
        written = items(dig(service.data, *at.split(".")))
        found = dict.fromkeys(match[1] or match[2] for word in written for match in _VARIABLE.finditer(text(word)) if match[1] or match[2])
        # What the container gets from the same variable of Compose is set there on purpose.
        if any(name in service.variables and not _is_passed_on(name, service.variables[name]) for name in found):
            names = [f"${name}" for name in found]
            message = (
                f"Compose replaces {listed(names) if len(names) > 2 else ' and '.join(names)} by nothing unless .env or the shell sets it"
            )
            yield Hit(at=at, message=message, fix=f"write ${names[0]}, and a shell in the container replaces it")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables and settings that nothing reads, or that say what is so anyway."""

from __future__ import annotations

from collections.abc import Iterator

from ..loose import dig, text
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Settings that do nothing")

_POSTGRES_SETTINGS = "write it in the command: -c {name}=…"
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
    ("ollama", "OLLAMA_NUM_PARALLEL"): "1",
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
    why="The program never sees it, so what it was meant to set has its default.",
    fix="set it where the program reads it",
    source="docker-library, docker-entrypoint.sh",
)
def _unread(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = " ".join((*service.command, *(service.probe.words if service.probe else ())))
    for prefix, known in service.facts.reads.items():
        for name in service.environment:
            if name.startswith(prefix) and name not in known and name not in written:
                setting = name.removeprefix(prefix).lower()
                fix = _POSTGRES_SETTINGS.format(name=setting) if service.facts.kind == "postgres" else ""
                yield Hit(at=f"environment.{name}", message=f"the image of {service.facts.kind} does not read {name}", fix=fix)


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
    why="MONGO_INITDB_DATABASE creates nothing: it is the database that scripts in /docker-entrypoint-initdb.d start in.",
    fix="mount a script that makes the user and the collections, or leave it out",
    source="docker-library/mongo documentation",
)
def _only_named(service: Service, _stack: Stack) -> Iterator[Hit]:
    name = service.environment.get("MONGO_INITDB_DATABASE")
    if service.facts.kind == "mongodb" and name and service.mount_over("/docker-entrypoint-initdb.d") is None:
        yield Hit(at="environment.MONGO_INITDB_DATABASE", message=f"no database '{text(name)}' is made")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis's settings."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import parsed, text, whole
from ...evidence.grammar import REDIS
from ...units import MIB, mib
from ..rule import Book, Hit, listed
from ..service import Service
from ..stack import Stack

BOOK = Book("Redis")

_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")
_ADMINISTRATION = "Redis documentation, administration"


@BOOK.service(
    "ZB220",
    "error",
    "A size that Redis refuses",
    why="It reads whole numbers with b, k, kb, m, mb, g or gb. With anything else the server ends at its start.",
    fix="write 512mb",
    source="Redis documentation, configuration",
)
def _refused_size(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = service.setting("maxmemory") if service.facts.kind == "redis" else None
    if written is not None and "$" not in written:
        try:
            REDIS.bytes(written)
        except ValueError as error:
            yield Hit(at="command", message=f"maxmemory: {error}")


@BOOK.service(
    "ZB221",
    "warning",
    "No room for Redis's fork",
    why="To save, Redis forks; every page that changes meanwhile is copied, at worst all of them. Without room it is OOM-killed"
    " while saving.",
    fix="set maxmemory to half of the memory limit with persistence, to three quarters without",
    source=_ADMINISTRATION,
)
def _no_fork_room(service: Service, _stack: Stack) -> Iterator[Hit]:
    maxmemory = _maxmemory(service)
    if not maxmemory or not service.memory:
        return
    saves = _saves(service)
    percent = 60 if saves else 80
    if maxmemory * 100 > service.memory * percent:
        why = "a fork to save may double it" if saves else "buffers and fragmentation come on top"
        yield Hit(
            at="command",
            message=f"maxmemory {mib(maxmemory)} is {100 * maxmemory // service.memory}% of the limit {mib(service.memory)}: {why}",
        )


@BOOK.service(
    "ZB222",
    "warning",
    "Redis without a maxmemory under a memory limit",
    why="Redis does not know its container's limit: it grows until the kernel kills it, where with maxmemory it would evict or refuse.",
    fix="set maxmemory, or x-budget.tuning: {tuner: redis}",
    source=_ADMINISTRATION,
)
def _no_maxmemory(service: Service, _stack: Stack) -> Iterator[Hit]:
    # A configuration file or a script may set it.
    configured = any(word.endswith((".conf", ".sh")) or word in _SHELLS for word in service.command)
    configured = configured or any("maxmemory" in f"{name}={value}".lower() for name, value in service.variables.items())
    if service.facts.kind == "redis" and service.own_memory and service.setting("maxmemory") is None and not configured:
        yield Hit(at="command", message=f"nothing tells Redis about the limit {mib(service.own_memory)}")


@BOOK.service(
    "ZB223",
    "warning",
    "Eviction where a queue is kept",
    why="With an allkeys policy Redis drops jobs when memory is short, silently. Queues need noeviction.",
    fix="set maxmemory-policy noeviction, or give the queue a Redis of its own",
    source="bullmq issue 1046",
)
def _evicted_queue(service: Service, stack: Stack) -> Iterator[Hit]:
    policy = service.setting("maxmemory-policy") or ""
    if service.facts.kind == "redis" and policy.startswith(("allkeys", "volatile")) and stack.queueing:
        yield Hit(at="command", message=f"{policy} may drop the jobs of {listed(stack.queueing)}")


@BOOK.service(
    "ZB224",
    "info",
    "Save points of an old version",
    why="`save 900 1`, `300 10`, `60 10000` were the defaults before 7.0; now they are 3600 1, 300 100, 60 10000. Each save is "
    "a fork, and with an append-only file it protects little more.",
    fix="leave them out, or write one: 3600 1",
    source="Redis 7.0 release notes",
)
def _old_saves(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "redis" and "--save 900 1" in " ".join(service.command):
        with_log = " beside an append-only file" if service.setting("appendonly") == "yes" else ""
        yield Hit(at="command", message=f"it forks to save after 900 s with one change{with_log}")


@BOOK.service(
    "ZB225",
    "info",
    "Idle connections that Redis closes",
    why="Clients keep pools of idle connections; with a timeout the next request on one of them fails.",
    fix="leave timeout at 0; tcp-keepalive finds dead ones",
    source=_ADMINISTRATION,
)
def _cut_connections(service: Service, _stack: Stack) -> Iterator[Hit]:
    timeout = whole(service.setting("timeout"))
    if service.facts.kind == "redis" and timeout:
        yield Hit(at="command", message=f"idle connections are closed after {timeout} s")


@BOOK.service(
    "ZB226",
    "info",
    "Decimal where binary units were meant",
    why="In Redis's grammar m is 1000 x 1000 and mb 1024 x 1024 bytes, unlike Docker's: the same letters are two sizes.",
    fix="write mb or gb",
    source="Redis documentation, configuration",
)
def _decimal_unit(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = text(service.setting("maxmemory")).lower() if service.facts.kind == "redis" else ""
    maxmemory = _maxmemory(service)
    if maxmemory and written.endswith(("k", "m", "g")):
        yield Hit(at="command", message=f"maxmemory {written} is {maxmemory // MIB} MiB")


def _maxmemory(service: Service) -> int | None:
    written = service.setting("maxmemory") if service.facts.kind == "redis" else None
    return parsed(lambda value: REDIS.bytes(text(value)), written)


def _saves(service: Service) -> bool:
    return service.setting("appendonly") == "yes" or service.setting("save") not in ("", "''", '""')

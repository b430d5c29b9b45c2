# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Heaps of runtimes, and the containers that they live in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compose.values import parsed, text
from ...evidence.grammar import GO, JAVA
from ...units import MIB, mib
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Runtimes")

_OLD_SPACE = re.compile(r"--max[-_]old[-_]space[-_]size=(\d{1,9})")
_HEAP = re.compile(r"-Xmx(\S+)")
_KEEP_ALIVE = re.compile(r"--(?:timeout-)?keep-alive[= ](\d{1,6})")
_PROXY_KEEP_ALIVE = 60
_SELF_LIMITING = ("prometheus", "alloy")


@BOOK.service(
    "ZB240",
    "warning",
    "A Node.js heap above its share",
    why="The old space is not all: buffers, code, stacks and native addons are outside of it. Above about 70% of the limit the "
    "process is OOM-killed before the collector runs hard.",
    fix="set 60 to 70% of the limit, or x-budget.tuning: {tuner: node}",
    source="Node.js documentation, --max-old-space-size; measured",
)
def _large_node_heap(service: Service, _stack: Stack) -> Iterator[Hit]:
    match = _OLD_SPACE.search(" ".join((*service.environment.values(), *service.command)))
    heap = int(match[1]) * MIB if match else 0
    if service.heap_bound and heap * 100 > service.heap_bound * 75:
        at = "environment.NODE_OPTIONS" if "NODE_OPTIONS" in service.environment else "command"
        yield Hit(at=at, message=f"a heap of {mib(heap)} is {100 * heap // service.heap_bound}% of the limit {mib(service.heap_bound)}")


@BOOK.service(
    "ZB241",
    "warning",
    "A Java heap above its share",
    why="Threads, metaspace, direct buffers and mapped files lie outside of the heap, and Elasticsearch needs as much again for the file cache.",
    fix="set -Xmx to half of the limit, or -XX:MaxRAMPercentage=50",
    source="Elasticsearch documentation, heap size; Java documentation",
)
def _large_java_heap(service: Service, _stack: Stack) -> Iterator[Hit]:
    for name, value in (*service.environment.items(), ("", " ".join(service.command))):
        match = _HEAP.search(value)
        heap = parsed(lambda written: JAVA.bytes(text(written)), match[1]) if match else None
        if heap and service.heap_bound and heap * 100 > service.heap_bound * 75:
            at = f"environment.{name}" if name else "command"
            yield Hit(at=at, message=f"a heap of {mib(heap)} is {100 * heap // service.heap_bound}% of the limit {mib(service.heap_bound)}")


@BOOK.service(
    "ZB242",
    "error",
    "A GOMEMLIMIT that Go refuses",
    why="The runtime knows B, KiB, MiB, GiB and TiB; a value with any other unit ends the program at its start.",
    fix="write 400MiB",
    source="Go documentation, package runtime",
)
def _refused_go_limit(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = service.environment.get("GOMEMLIMIT", "")
    if written and written != "off" and "$" not in written:
        try:
            GO.bytes(written)
        except ValueError as error:
            yield Hit(at="environment.GOMEMLIMIT", message=str(error))


@BOOK.service(
    "ZB243",
    "warning",
    "A GOMEMLIMIT that is not below the limit",
    why="The collector starts to run hard only when it is too late: memory that Go does not manage comes on top.",
    fix="set 85 to 90% of the memory limit",
    source="Go documentation, GC guide",
)
def _late_go_limit(service: Service, _stack: Stack) -> Iterator[Hit]:
    soft = parsed(lambda value: GO.bytes(text(value)), service.environment.get("GOMEMLIMIT"))
    if soft and service.heap_bound and soft * 100 > service.heap_bound * 95:
        yield Hit(at="environment.GOMEMLIMIT", message=f"{mib(soft)} leaves nothing of the limit {mib(service.heap_bound)}")


@BOOK.service(
    "ZB244",
    "info",
    "A Go program that does not know its limit",
    why="The collector lets the heap double before it runs; without GOMEMLIMIT the doubling ends in an OOM kill.",
    fix="set GOMEMLIMIT to 85% of the limit, or x-budget.tuning: {tuner: go}",
    source="Go documentation, GC guide",
)
def _unlimited_go(service: Service, _stack: Stack) -> Iterator[Hit]:
    tuned = "GOMEMLIMIT" in service.environment or service.facts.kind in _SELF_LIMITING
    if service.facts.tuner == "go" and service.own_memory and not tuned:
        yield Hit(at="environment", message=f"nothing tells {service.facts.kind}'s collector about the limit {mib(service.own_memory)}")


@BOOK.service(
    "ZB245",
    "info",
    "A server that hangs up before its proxy does",
    why="nginx keeps connections to upstreams for 60 s. A server that closes them earlier now and then closes one on which a request is on its way: a "
    "sporadic 502.",
    fix="set it above the proxy's, such as 75",
    source="nginx documentation, keepalive_timeout of upstreams; Gunicorn documentation, keepalive",
)
def _early_hang_up(service: Service, stack: Stack) -> Iterator[Hit]:
    line = " ".join((*service.command, service.environment.get("GUNICORN_CMD_ARGS", "")))
    match = _KEEP_ALIVE.search(line)
    kept = match[1] if match else service.environment.get("KEEPALIVE", "")
    if kept.isdigit() and int(kept) < _PROXY_KEEP_ALIVE and any(stack.of_kind("nginx")):
        yield Hit(
            at="environment" if not match else "command",
            message=f"idle connections are closed after {kept} s, and nginx keeps them for {_PROXY_KEEP_ALIVE}",
        )

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory, pids and file limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...compose.values import dig, mapping, parsed, text, whole
from ...limits import Limits
from ...units import MIB, mib
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Memory, processes and files")

_RESOURCES = "Docker documentation, resource constraints"
_LEAST = 6 * MIB
# The limits that have a place below deploy.resources, too.
_TWICE = tuple((limit.compose, limit.resource, limit.unit.parse) for limit in Limits.table() if limit.resource and not limit.resource.unit)


@BOOK.service(
    "ZB110",
    "warning",
    "No memory limit",
    why="One container can use all of the host's memory; the kernel then kills any process.",
    fix="write mem_limit, or x-budget and let the budget decide",
    source=_RESOURCES,
)
def _no_memory_limit(service: Service, _stack: Stack) -> Iterator[Hit]:
    if not service.memory and not service.budgeted:
        yield Hit(at="", message="nothing limits its memory")


@BOOK.service(
    "ZB111",
    "info",
    "No pids limit",
    why="A fork bomb in one container fills the host's process table.",
    fix="write pids_limit, at least twice its idle threads",
    source=_RESOURCES,
)
def _no_pids_limit(service: Service, _stack: Stack) -> Iterator[Hit]:
    if not service.pids and not service.budgeted:
        yield Hit(at="", message="nothing limits its processes and threads")


@BOOK.service(
    "ZB112",
    "warning",
    "A memory limit below what the program needs",
    why="Below its floor a program thrashes, or is OOM-killed at its start or under load.",
    fix="raise the limit, or leave the service out",
    source="measured starts, and the projects' own minimum requirements",
)
def _below_floor(service: Service, _stack: Stack) -> Iterator[Hit]:
    memory, floor = service.memory, service.floor
    if memory and memory < floor and dig(service.data, "x-budget", "memory", "floor") is None:
        yield Hit(at=service.memory_at, message=f"{mib(memory)} is below the {mib(floor)} that {service.facts.kind} needs")


@BOOK.service(
    "ZB113",
    "error",
    "A reservation above the limit",
    why="Docker refuses to create such a container.",
    fix="lower the reservation or raise the limit",
    source="moby, daemon_unix.go",
)
def _reservation_above_limit(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.memory and service.reservation and service.reservation > service.memory:
        yield Hit(at=service.memory_at, message=f"the limit {mib(service.memory)} is below the reservation {mib(service.reservation)}")


@BOOK.service(
    "ZB114",
    "info",
    "A CPU reservation that Compose ignores",
    why="`deploy.resources.reservations.cpus` is for Swarm's scheduler; `docker compose` passes nothing on to the container.",
    fix="write cpu_shares, 1024 for one core, or x-budget.cpus.reservation",
    source="docker/compose, create.go",
)
def _reserved_cpus(service: Service, _stack: Stack) -> Iterator[Hit]:
    reserved = service.written.declared.cpu_reservation
    if reserved.at and not service.data.get("cpu_shares") and not service.budgeted:
        written = text(dig(service.data, *reserved.at.split(".")))
        yield Hit(at=reserved.at, message=f"the reservation of {written} CPUs guarantees nothing")


@BOOK.service(
    "ZB115",
    "info",
    "Swap left at twice the memory",
    why="With a memory limit and no `memswap_limit`, Docker lets a container swap as much again, where the host has swap: a database in swap is slower "
    "than none, and the limit is no limit.",
    fix="write memswap_limit, equal to mem_limit for no swap",
    source=_RESOURCES,
)
def _swap_left_open(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.memory and not service.budgeted and service.data.get("memswap_limit") in (None, 0, "0"):
        yield Hit(at=service.memory_at, message="it may swap as much again as its limit")


@BOOK.service(
    "ZB116",
    "error",
    "A swap limit that Docker refuses",
    why="`memswap_limit` is memory and swap together: it needs a memory limit and cannot be below it.",
    fix="write memswap_limit as mem_limit plus the swap that is allowed",
    source="moby, daemon_unix.go",
)
def _impossible_swap(service: Service, _stack: Stack) -> Iterator[Hit]:
    both = max(service.written.declared.swap.value or 0, 0)
    if both and (service.memory or 0) > both:
        yield Hit(at="memswap_limit", message=f"{mib(both)} for memory and swap is below the memory limit {mib(service.memory or 0)}")
    elif both and not service.memory and not service.budgeted:
        yield Hit(at="memswap_limit", message="there is no memory limit that it could go with")


@BOOK.service(
    "ZB117",
    "warning",
    "Fewer pids than the program has threads",
    why="The limit counts threads. MongoDB has one for each connection, PyTorch and Java hundreds; at the limit, connections "
    "and probes fail.",
    fix="raise it",
    source="kernel documentation, pids controller; measured thread counts",
)
def _few_pids(service: Service, _stack: Stack) -> Iterator[Hit]:
    pids, least = service.pids, service.facts.pids
    if pids and 0 < pids < least:
        yield Hit(at=service.pids_at, message=f"{pids} pids are too few for {service.facts.kind}", fix=f"write {least} or more")


@BOOK.service(
    "ZB118",
    "error",
    "Two limits that disagree",
    why="The service's own key and `deploy.resources` say different things; Compose refuses the file. A figure that is missing in `limits` or "
    "`reservations` counts as another one.",
    fix="write both alike, or all figures in one place",
    source="compose-spec, deploy",
)
def _disagreeing(service: Service, _stack: Stack) -> Iterator[Hit]:
    resources = mapping(dig(service.data, "deploy", "resources"))
    for own, place, parse in _TWICE:
        here, section = parsed(parse, service.data.get(own)), resources.get(place.section)
        if here and isinstance(section, Mapping) and here != parsed(parse, section.get(place.key)):
            there = text(section.get(place.key)) or "nothing"
            yield Hit(at=own, message=f"{text(service.data[own])} stands here and {there} at deploy.resources.{place.section}.{place.key}")


@BOOK.service(
    "ZB119",
    "error",
    "A memory limit below six mebibytes",
    why="Docker refuses to create such a container. Usually a unit is missing: a plain number is bytes.",
    fix="write a unit, such as 256m",
    source="moby, daemon_unix.go",
)
def _tiny(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.memory is not None and 0 < service.memory < _LEAST:
        yield Hit(at=service.memory_at, message=f"{service.memory} bytes are less than Docker accepts")


@BOOK.stack(
    "ZB120",
    "warning",
    "Limits that add up to more than the host has",
    why="Limits above the memory of the host protect nothing: the host runs out of memory before any container reaches its limit.",
    fix="plan the stack with ziggie.stack.plan, or give the services x-budget",
    source=_RESOURCES,
)
def _above_host(stack: Stack) -> Iterator[Hit]:
    total = sum(service.memory or 0 for service in stack.services.values() if not service.budgeted)
    memory = whole(mapping(stack.host.get("memory")).get("total", stack.host.get("memory")))
    if memory and total > memory:
        yield Hit(at="services", message=f"the memory limits sum to {total // MIB} MiB and the host has {memory // MIB} MiB")


@BOOK.service(
    "ZB121",
    "info",
    "A memory setting that cgroup v2 does not have",
    why="Swappiness and switching off the OOM killer exist on cgroup v1 only, which Docker has deprecated; elsewhere they are discarded.",
    fix="leave it out; set memswap_limit and oom_score_adj",
    source=_RESOURCES,
)
def _v1_only(service: Service, _stack: Stack) -> Iterator[Hit]:
    for key in ("mem_swappiness", "oom_kill_disable"):
        if service.data.get(key) is not None:
            yield Hit(at=key, message=f"{key} has no effect on cgroup v2")


@BOOK.service(
    "ZB122",
    "warning",
    "A container that the kernel never kills",
    why="At -1000 the kernel kills everything else first, sshd and Docker included, and then panics.",
    fix="write 0 or above; positive for what may go first",
    source="kernel documentation, oom_score_adj",
)
def _unkillable(service: Service, _stack: Stack) -> Iterator[Hit]:
    score = whole(service.data.get("oom_score_adj"))
    if score is not None and score <= -999:
        yield Hit(at="oom_score_adj", message=f"{score} makes the kernel spare it to the last")


@BOOK.service(
    "ZB123",
    "warning",
    "A file limit that is lower than Docker's",
    why="The hard limit is lowered with no benefit; a server that opens a file or two for each connection runs out.",
    fix="write 65536 for both, or leave nofile out",
    source="Docker documentation, ulimits; moby issue 51485",
)
def _few_files(service: Service, _stack: Stack) -> Iterator[Hit]:
    limit = service.written.ulimits.get("nofile")
    if limit is not None and 0 < limit.hard < 4096:
        yield Hit(at="ulimits.nofile", message=f"{limit.hard} open files are few")


@BOOK.service(
    "ZB124",
    "info",
    "A server of many files with Docker's default of 1024",
    why="Since Engine 29 a container's soft limit is 1024 open files; this server opens one or two for each connection or segment.",
    fix="write ulimits: {nofile: {soft: 65536, hard: 65536}}, or default-ulimits in daemon.json",
    source="moby issue 51485",
)
def _default_files(service: Service, stack: Stack) -> Iterator[Hit]:
    daemon = dig(stack.host, "engine", "daemon_config", "default-ulimits", "nofile")
    if service.facts.many_files and "nofile" not in service.written.ulimits and daemon is None:
        yield Hit(at="", message="it may open 1024 files only")


@BOOK.service(
    "ZB125",
    "info",
    "A ulimit without effect",
    why="A larger stack is reserved for every thread. Locked memory matters to programs that lock it, and Ollama on CPUs does not by default.",
    fix="leave it out",
    source="Ollama documentation; setrlimit(2)",
)
def _pointless_ulimit(service: Service, _stack: Stack) -> Iterator[Hit]:
    limits = service.written.ulimits
    if "stack" in limits:
        yield Hit(at="ulimits.stack", message="a larger stack is reserved for each thread and needed by none")
    if "memlock" in limits and service.facts.kind == "ollama":
        yield Hit(at="ulimits.memlock", message="Ollama locks no memory unless a model's options say so")


@BOOK.service(
    "ZB126",
    "warning",
    "A program that sizes itself by the host's memory",
    why="It reads how much memory the host has, not its container's limit, takes a share of that, and is killed when it gets there.",
    fix="tell the program its share",
    source="the programs' documentation and start scripts, by version: docs/images.md",
)
def _host_memory(service: Service, _stack: Stack) -> Iterator[Hit]:
    told = re.findall(r"[A-Z][A-Z_]{4,}", service.facts.host_memory)
    if service.memory and service.facts.host_memory and not any(name in service.variables for name in told):
        message = f"{service.facts.family} takes a share of the host's memory, whatever its limit is"
        yield Hit(at=service.memory_at, message=message, fix=service.facts.host_memory)

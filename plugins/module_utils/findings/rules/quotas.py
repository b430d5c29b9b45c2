# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU: quotas are ceilings, weights are guarantees."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import whole
from ...units import CORE, cores
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("CPU")

_THREADS = ("LLAMA_ARG_THREADS", "OLLAMA_NUM_THREADS", "OMP_NUM_THREADS")
_SMALL = CORE // 4


@BOOK.service(
    "ZB130",
    "warning",
    "A CPU quota on a program that counts the host's cores",
    why="Ollama starts as many threads as the host has cores. Under a quota they spin while they wait for each other: measured up to 45 times slower "
    "than threads that match the quota.",
    fix="give it cpu_shares in place of cpus, or set LLAMA_ARG_THREADS to the whole cores of the quota",
    source="ollama issue 17916",
)
def _throttled_spinner(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "ollama" and service.cpus and not any(name in service.environment for name in _THREADS):
        yield Hit(at=service.cpus_at, message=f"a quota of {cores(service.cpus)} CPUs and no thread count")


@BOOK.service(
    "ZB131",
    "warning",
    "A quota under which the start takes longer than the probe waits",
    why="A start costs a measured amount of CPU time. Divided by the quota it takes longer than start_period and retries allow, so the container is "
    "unhealthy while it is still starting.",
    fix="drop the quota, or raise start_period",
    source="measured starts of these images",
)
def _slow_start(service: Service, _stack: Stack) -> Iterator[Hit]:
    probe, boot = service.probe, service.facts.boot
    if not probe or not boot or not service.cpus:
        return
    needed, patience = boot / service.cpus, (probe.start_period or 0) + probe.interval * probe.retries
    if needed > patience:
        yield Hit(
            at=service.cpus_at,
            message=f"a start takes {boot / 1000:g} s of CPU, so {needed:.0f} s at {cores(service.cpus)} CPUs, and the probe waits {patience:g} s",
        )


@BOOK.service(
    "ZB132",
    "warning",
    "A quota of less than a quarter of a core on a critical server",
    why="Of every 100 ms the container runs for a few and is stopped for the rest: a request in that time waits for all of it.",
    fix="give it cpu_shares in place of cpus: a weight protects, a quota throttles even when the CPUs are idle",
    source="kernel documentation, CFS bandwidth; measured stalls of 72 ms at 0.3 CPUs",
)
def _throttled_server(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.tier == "critical" and service.cpus and service.cpus < _SMALL and not service.budgeted:
        pause = 100 * (CORE - service.cpus) // CORE
        yield Hit(
            at=service.cpus_at, message=f"at {cores(service.cpus)} CPUs {service.facts.kind} may stand still for {pause} of every 100 ms"
        )


@BOOK.service(
    "ZB133",
    "error",
    "More CPUs than the host has",
    why="Docker refuses to create such a container.",
    fix="lower it to the cores of the host",
    source="moby, daemon_unix.go",
)
def _more_than_host(service: Service, stack: Stack) -> Iterator[Hit]:
    have = whole(stack.host.get("cores"))
    if have and service.cpus and service.cpus > have * CORE and not service.budgeted:
        yield Hit(at=service.cpus_at, message=f"{cores(service.cpus)} CPUs are asked for and the host has {have}")


@BOOK.service(
    "ZB134",
    "info",
    "Workers counted by the host's cores",
    why="`auto` counts the host's CPUs, not the quota, so a container with a part of one core starts as many workers as the "
    "host has cores.",
    fix="set the number of workers to the quota, rounded up",
    source="nginx documentation, worker_processes",
)
def _auto_workers(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind != "nginx" or not service.cpus or service.budgeted:
        return
    told = "worker_processes" in " ".join(service.command) or "NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE" in service.environment
    if not told and service.cpus < CORE:
        message = f"the image's worker_processes auto counts the host's cores, and the quota is {cores(service.cpus)}"
        yield Hit(
            at=service.cpus_at,
            message=message,
            fix="set worker_processes in the configuration, or NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE=1",
        )

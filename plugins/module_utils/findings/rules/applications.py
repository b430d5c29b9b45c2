# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications with rules of their own."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import whole
from ...units import GIB, mib
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Applications")

_MODEL = 4 * GIB


@BOOK.service(
    "ZB250",
    "warning",
    "Parallel requests that a model server has no memory for",
    why="Each parallel request has a key-value cache of its own; for a 7B model without grouped attention that is 2 GiB at 4096 tokens, beside weights of "
    "3.8 GB. The setting raises the number, it limits nothing.",
    fix="leave OLLAMA_NUM_PARALLEL at 1, or let x-budget.tuning: {tuner: ollama} derive it",
    source="Ollama FAQ, concurrent requests",
)
def _parallel_models(service: Service, _stack: Stack) -> Iterator[Hit]:
    parallel = whole(service.environment.get("OLLAMA_NUM_PARALLEL")) or 1
    if service.facts.kind == "ollama" and service.memory and parallel > 1 and service.memory < parallel * _MODEL:
        yield Hit(at="environment.OLLAMA_NUM_PARALLEL", message=f"{parallel} requests at once under a limit of {mib(service.memory)}")


@BOOK.service(
    "ZB251",
    "warning",
    "Grafana's SQLite with a shared cache",
    why="The shared cache makes 'database table is locked' errors; SQLite calls it obsolete.",
    fix="set GF_DATABASE_WAL=true in its place, or use PostgreSQL",
    source="grafana pull request 14665",
)
def _shared_cache(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.environment.get("GF_DATABASE_CACHE_MODE") == "shared":
        yield Hit(at="environment.GF_DATABASE_CACHE_MODE", message="'shared' locks tables against each other")


@BOOK.service(
    "ZB252",
    "warning",
    "A flow builder that runs any command",
    why="With the stdio protocol, everyone who may edit a flow may start any program in the container.",
    fix="set CUSTOM_MCP_PROTOCOL=sse",
    source="Flowise, environment variables",
)
def _any_command(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "flowise" and service.environment.get("CUSTOM_MCP_PROTOCOL", "stdio") == "stdio":
        yield Hit(at="environment.CUSTOM_MCP_PROTOCOL", message="custom tools may be programs")

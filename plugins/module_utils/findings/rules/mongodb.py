# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MongoDB's settings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from ...units import GIB, mib
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("MongoDB")

_CACHE = "wiredTigerCacheSizeGB"
_LEAST = Decimal("0.25")
_MOST = Decimal(10000)


@BOOK.service(
    "ZB230",
    "error",
    "A cache size that MongoDB refuses",
    why="It is a number of GB from 0.25 to 10000, without a unit. With anything else mongod ends at its start.",
    fix="write 0.25 or more, such as 0.5",
    source="MongoDB manual, storage.wiredTiger.engineConfig.cacheSizeGB",
)
def _refused_cache(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = service.setting(_CACHE) if service.facts.kind == "mongodb" else None
    if written is not None and "$" not in written:
        size = _number(written)
        if size is None or not _LEAST <= size <= _MOST:
            yield Hit(at="command", message=f"MongoDB refuses a {_CACHE} of '{written}'")


@BOOK.service(
    "ZB231",
    "warning",
    "A WiredTiger cache above its share",
    why="MongoDB gives the cache half of what is above 1 GB, at least 0.25: connections, sorts and the file cache need the rest. The manual advises against "
    "more.",
    fix="set the default's value, or x-budget.tuning: {tuner: mongodb}",
    source="MongoDB manual, storage.wiredTiger",
)
def _large_cache(service: Service, _stack: Stack) -> Iterator[Hit]:
    size = _number(service.setting(_CACHE) or "") if service.facts.kind == "mongodb" else None
    if size is None or not service.memory:
        return
    share = max(_LEAST, (Decimal(service.memory) / GIB - 1) / 2)
    if size > share:
        yield Hit(
            at="command",
            message=f"a cache of {size} GB under a limit of {mib(service.memory)}, of which {share.quantize(_LEAST)} GB is its share",
        )


@BOOK.service(
    "ZB232",
    "info",
    "MongoDB that guesses its cache",
    why="Without an explicit size mongod takes what it believes to be the machine's memory, which on older versions is the host's and not the container's.",
    fix="set --wiredTigerCacheSizeGB, or x-budget.tuning: {tuner: mongodb}",
    source="MongoDB SERVER-16571, SERVER-60412",
)
def _guessed_cache(service: Service, _stack: Stack) -> Iterator[Hit]:
    told = service.setting(_CACHE) or service.setting("wiredTigerCacheSizePct") or "--config" in service.command or "-f" in service.command
    if service.facts.kind == "mongodb" and service.own_memory and not told:
        yield Hit(at="command", message=f"nothing tells mongod how much of {mib(service.own_memory)} its cache may take")


def _number(written: str) -> Decimal | None:
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None

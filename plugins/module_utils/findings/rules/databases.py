# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other databases."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import parsed, text
from ...evidence.grammar import MYSQL
from ...units import mib
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Other databases")


@BOOK.service(
    "ZB235",
    "warning",
    "A buffer pool above its share",
    why="Connections, sorts and temporary tables come on top of InnoDB's buffer pool; above three quarters of the limit the kernel kills the server under "
    "load.",
    fix="lower innodb-buffer-pool-size to half or two thirds of the limit",
    source="MySQL documentation, innodb_buffer_pool_size",
)
def _large_pool(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = service.setting("innodb-buffer-pool-size") or service.setting("innodb_buffer_pool_size")
    size = parsed(lambda value: MYSQL.bytes(text(value)), written)
    if service.facts.kind == "mysql" and size and service.memory and size * 4 > service.memory * 3:
        yield Hit(at="command", message=f"a buffer pool of {mib(size)} under a limit of {mib(service.memory)}")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Meilisearch: the memory of its indexer.

By default the indexer takes two thirds of the memory of the machine, not of the container (Meilisearch documentation, RAM and
multi-threading; meilisearch issue 4686). Here it takes two thirds of the limit; the index itself is mapped from the disk, and its pages
can be given back.
"""

from __future__ import annotations

from ...compose.reader import Reader
from ...evidence.grammar import METRIC
from ...units import MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, variable, whole_mib

BASE = 64 * MIB
LEAST = 192 * MIB
MEMORY = "MEILI_MAX_INDEXING_MEMORY"


def read(_reader: Reader) -> dict[str, Value]:
    """Read the parameters: there are none."""
    return {}


def needs(room: Room) -> int:
    """Return the bytes of the server and a small indexer, or the author's."""
    written = room.author(MEMORY, METRIC.bytes)
    return max(LEAST, BASE + (written or 0) + 1)


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    memory = min(room.limit * 2 // 3, room.limit - BASE) // MIB * MIB
    return Tuning(
        settings={MEMORY: str(memory)},
        explain={
            MEMORY: f"two thirds of {whole_mib(room.limit)} MiB in bytes, where the default is two thirds of the machine (Meilisearch documentation, "
            "configuration reference)"
        },
    )


def spell(name: str) -> str:
    """Return the variable of an option."""
    return MEMORY if name.lstrip("-") == "max-indexing-memory" else name


TUNER = Tuner(
    name="meilisearch",
    keys=(),
    knows=frozenset({MEMORY}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    variables=variable,
)

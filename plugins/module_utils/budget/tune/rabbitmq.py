# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RabbitMQ: the memory at which it stops publishers, as an absolute figure.

By default that is 60% of the memory that the node detects (40% before 4.0), and it does not always detect the limit of its cgroup:
its documentation highly recommends an absolute threshold in containers (RabbitMQ documentation, memory alarm threshold). The official
image takes it neither as a variable of its own nor as an argument, but as one of RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS.
"""

from __future__ import annotations

from fractions import Fraction

from ...compose.reader import Reader
from ...evidence.grammar import METRIC
from ...units import MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, number, whole_mib

LEAST = 256 * MIB
MOST = Fraction(7, 10)
WATERMARK = "vm_memory_high_watermark"


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {"watermark": reader.share("watermark", Fraction(6, 10), MOST)}


def needs(room: Room) -> int:
    """Return the bytes of a small node, or in which the author's threshold is the most that is safe."""
    absolute = room.author(f"{WATERMARK}.absolute", METRIC.bytes)
    room.author(f"{WATERMARK}.relative", number)
    return max(LEAST, int(absolute / MOST) + 1) if absolute else LEAST


def derive(room: Room) -> Tuning:
    """Derive the settings; an author's threshold of either kind stays."""
    if any(name.startswith(WATERMARK) for name in room.written):
        return Tuning()
    share = room.share("watermark")
    value = int(room.limit * share) // MIB * MIB
    return Tuning(
        settings={WATERMARK: str(value)},
        explain={
            WATERMARK: f"{float(share) * 100:g}% of {whole_mib(room.limit)} MiB in bytes; the rest is for garbage collection and the page cache "
            "(RabbitMQ documentation, memory alarm threshold)"
        },
    )


def variables(name: str, value: str) -> tuple[str, ...]:
    """Hand the threshold over as a parameter of the application, in Erlang's grammar and without a blank."""
    return ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", f"-rabbit {name} {{absolute,{value}}}")


TUNER = Tuner(
    name="rabbitmq",
    keys=("watermark",),
    knows=frozenset({WATERMARK, f"{WATERMARK}.absolute", f"{WATERMARK}.relative"}),
    read=read,
    needs=needs,
    derive=derive,
    variables=variables,
)

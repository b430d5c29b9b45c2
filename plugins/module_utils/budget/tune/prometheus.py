# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: the Go runtime's soft limit, and queries that cannot take all the memory.

A query may load --query.max-samples samples of about 16 bytes, and --query.max-concurrency queries run at once; with the defaults
(50 million, 20) a single one can take 800 MB. Here all of them together stay below half of the limit.

Blocks are deleted by size where the volume has one: storage.tsdb.retention.size counts powers of 1024 and deletes whole blocks
only, after they are written, so it is four fifths of the volume.
"""

from __future__ import annotations

from fractions import Fraction

from ...compose.reader import Reader
from ...units import MIB, mib
from ..model import Tuning
from ..spec import Value
from .golang import MOST, memory_limit, needed_for, why
from .tuner import Room, Tuner, options, positive, whole_mib

SAMPLE = 16
MOST_SAMPLES = 50_000_000
FEWEST_QUERIES = 4
MOST_QUERIES = 20
QUERIES = Fraction(1, 2)
KEPT = Fraction(4, 5)

MEMORY = "GOMEMLIMIT"
SAMPLES = "query.max-samples"
CONCURRENCY = "query.max-concurrency"
RETENTION = "storage.tsdb.retention.size"


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `max_concurrency` 0 lets as many queries run as memory holds, from four to Prometheus's default."""
    return {
        "memory_share": reader.share("memory_share", Fraction(9, 10), MOST),
        "max_concurrency": reader.count("max_concurrency", 0, 1, 1000),
    }


def needs(room: Room) -> int:
    """Return the bytes of the runtime and of small queries, or of the author's GOMEMLIMIT."""
    return max(64 * MIB, needed_for(room))


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    share, held = room.share("memory_share"), int(room.limit * QUERIES) // SAMPLE
    written, asked = room.author(SAMPLES, positive), room.number("max_concurrency")
    concurrency = room.author(CONCURRENCY, positive) or asked
    if not concurrency:
        concurrency = max(1 if written else FEWEST_QUERIES, min(MOST_QUERIES, held // (written or MOST_SAMPLES)))
    samples = max(1, min(MOST_SAMPLES, held // concurrency))
    settings = {MEMORY: f"{memory_limit(room.limit, share)}MiB", SAMPLES: str(samples), CONCURRENCY: str(concurrency)}
    explain = {
        MEMORY: why(room.limit, share),
        SAMPLES: (
            f"half of {whole_mib(room.limit)} MiB / {SAMPLE} bytes a sample / {concurrency} queries at once, at most the default of "
            f"{MOST_SAMPLES} (Prometheus documentation, command line)"
        ),
        CONCURRENCY: "so few that each may load enough samples",
    }
    if room.disk:
        settings[RETENTION] = f"{max(1, int(room.disk * KEPT) // MIB)}MB"
        explain[RETENTION] = f"{float(KEPT) * 100:g}% of a volume of {mib(room.disk)}; disk, not memory (Prometheus documentation, storage)"
    return Tuning(settings=settings, explain=explain)


def arguments(name: str, value: str) -> tuple[str, ...]:
    """Hand a flag over; GOMEMLIMIT is a variable."""
    return () if name == MEMORY else options(name, value)


def variables(name: str, value: str) -> tuple[str, ...]:
    """Hand GOMEMLIMIT over; all others are flags."""
    return (name, value) if name == MEMORY else ()


def spell(name: str) -> str:
    """Return a flag without its dashes."""
    return name.lstrip("-")


TUNER = Tuner(
    name="prometheus",
    keys=("memory_share", "max_concurrency"),
    knows=frozenset({MEMORY, SAMPLES, CONCURRENCY, RETENTION}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    arguments=arguments,
    variables=variables,
    default_command=("--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"),
)

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

from ..model import Tuning, Value
from ..reader import Reader
from ..units import MIB, mib
from .engine import Engine, Room, whole_mib
from .golang import MOST, memory_limit, why

SAMPLE = 16
MOST_SAMPLES = 50_000_000
QUERIES = Fraction(1, 2)
KEPT = Fraction(4, 5)


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters."""
    return {
        "memory_share": reader.share("memory_share", Fraction(9, 10), MOST),
        "max_concurrency": reader.count("max_concurrency", 4, 1, 1000),
    }


def least(_room: Room) -> int:
    """Return the memory of the runtime and of small queries."""
    return 64 * MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    share, concurrency = room.share("memory_share"), room.number("max_concurrency")
    samples = max(1, min(MOST_SAMPLES, int(room.limit * QUERIES) // SAMPLE // concurrency))
    memory = f"{memory_limit(room.limit, share)}MiB"
    flags = {"query.max-samples": str(samples), "query.max-concurrency": str(concurrency)}
    sized = {}
    if room.disk:
        flags["storage.tsdb.retention.size"] = f"{max(1, int(room.disk * KEPT) // MIB)}MB"
        sized["storage.tsdb.retention.size"] = (
            f"{float(KEPT) * 100:g}% of a volume of {mib(room.disk)}; disk, not memory (Prometheus documentation, storage)"
        )
    return Tuning(
        engine="prometheus",
        settings={"GOMEMLIMIT": memory, **flags},
        environment={"GOMEMLIMIT": memory},
        arguments=tuple(f"--{name}={value}" for name, value in flags.items()),
        explain={
            "GOMEMLIMIT": why(room.limit, share),
            "query.max-samples": (
                f"half of {whole_mib(room.limit)} MiB / {SAMPLE} bytes a sample / {concurrency} queries at once, at most the default of "
                f"{MOST_SAMPLES} (Prometheus documentation, command line)"
            ),
            "query.max-concurrency": "so few that each may load enough samples",
            **sized,
        },
    )


ENGINE = Engine(
    name="prometheus",
    keys=("memory_share", "max_concurrency"),
    read=read,
    least=least,
    tune=tune,
    default_command=("--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"),
)

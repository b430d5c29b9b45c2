# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gunicorn and Uvicorn: as many workers as CPUs can use and memory can hold.

Both read WEB_CONCURRENCY. Gunicorn's guideline of 2 x cores + 1 is taken of the CPUs that the service has, not of the host's.
"""

from __future__ import annotations

from ...compose.reader import Reader
from ...units import MIB, mib
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, positive, whole_mib

BASE = 100 * MIB
# A worker of the author's that has served nothing yet.
IDLE_WORKER = 32 * MIB


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; `max_workers` 0 sets no further bound."""
    return {"worker_rss": reader.size("worker_rss", 128 * MIB), "max_workers": reader.count("max_workers", 0, 1, 1024)}


def needs(room: Room) -> int:
    """Return the bytes of the master and one worker, or of as many at rest as the author wrote."""
    written = room.author("workers", positive)
    return BASE + max(room.number("worker_rss"), (written or 1) * IDLE_WORKER) + MIB


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    rss, most = room.number("worker_rss"), room.number("max_workers")
    by_cpus = 2 * room.cpus // 1000 + 1
    by_memory = (room.limit - BASE) // rss
    workers = max(1, min(by_cpus, by_memory, most or by_cpus))
    return Tuning(
        settings={"workers": str(workers)},
        explain={
            "workers": (
                f"min(2 x {room.cpus} millicores + 1 = {by_cpus}, ({whole_mib(room.limit)} MiB - {BASE // MIB} MiB) / {mib(rss)} = {by_memory}"
                + (f", {most} as written" if most else "")
                + f") = {workers} (Gunicorn documentation, design)"
            )
        },
    )


def variables(_name: str, value: str) -> tuple[str, ...]:
    """Hand the workers over in the variable that both servers read."""
    return ("WEB_CONCURRENCY", value)


def spell(name: str) -> str:
    """Return `workers` for each of its spellings."""
    return "workers" if name in ("WEB_CONCURRENCY", "UVICORN_WORKERS", "-w", "w") else name.lstrip("-")


TUNER = Tuner(
    name="python",
    keys=("worker_rss", "max_workers"),
    knows=frozenset({"workers"}),
    read=read,
    needs=needs,
    derive=derive,
    spell=spell,
    variables=variables,
)

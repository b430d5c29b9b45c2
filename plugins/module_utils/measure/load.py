# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases under a load that leaves nothing: PostgreSQL by pgbench, Redis by the latency that redis-cli sees.

A transaction of the benchmark reads from memory and commits a message to the write-ahead log, so that it waits for the disk as a
real one does, and no table is made.
"""

from __future__ import annotations

import re

from ..engine.settings.databases import POSTGRES_LOGIN, REDIS_LOGIN
from ..engine.settings.subject import Subject, UnknownError
from .scene import Found, Scene

SECONDS = 5
CLIENTS = 4
_TRANSACTION = "SELECT count(*) FROM generate_series(1, 1000); SELECT pg_logical_emit_message(true, 'ziggie.stack', repeat('x', 200));"
_PGBENCH = (
    f'{POSTGRES_LOGIN}printf "%s\\n" "{_TRANSACTION}" | '
    f'pgbench -n -f /dev/stdin -T {SECONDS} -c {CLIENTS} -j 1 -U "${{POSTGRES_USER:-postgres}}" postgres'
)
_PER_SECOND = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_LATENCY = re.compile(r"^latency average = ([\d.]+) ms", re.MULTILINE)


def measure(scene: Scene) -> Found:
    """Return by service its `engine` and the figures in milliseconds (`latency`, `worst`, `per_second`), or an `error`."""
    longest = SECONDS + 8
    asked = {
        **{name: ("postgres", subject) for name, subject in scene.of_tuner("postgres", seconds=longest).items()},
        **{name: ("redis", subject) for name, subject in scene.of_tuner("redis", seconds=longest).items()},
    }
    # One after the other: a latency that is measured beside somebody else's benchmark is not its own.
    return {name: _ask(engine, subject) for name, (engine, subject) in asked.items()}


def _ask(engine: str, subject: Subject) -> Found:
    try:
        return {"engine": engine, "error": "", **(_postgres(subject) if engine == "postgres" else _redis(subject))}
    except UnknownError as reason:
        return {"engine": engine, "error": str(reason)}


def _postgres(subject: Subject) -> Found:
    said = subject.run(_PGBENCH)
    rate, latency = _PER_SECOND.search(said), _LATENCY.search(said)
    if not rate or not latency:
        raise UnknownError("pgbench gave no figures")
    return {"per_second": float(rate[1]), "latency": float(latency[1])}


def _redis(subject: Subject) -> Found:
    # Without a terminal it measures for the interval, writes least, most, mean and count in milliseconds, and ends.
    words = subject.run(REDIS_LOGIN + "exec redis-cli -h 127.0.0.1 -i 2 --latency --raw").split()
    try:
        _least, worst, mean, count = (float(word) for word in words[:4])
    except ValueError as error:
        raise UnknownError(f"redis-cli says {' '.join(words[:12]) or 'nothing'}") from error
    if not count:
        raise UnknownError("redis-cli got no answer to a ping")
    return {"latency": mean, "worst": worst, "samples": int(count)}

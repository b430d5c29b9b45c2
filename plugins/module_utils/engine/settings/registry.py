# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes by the name of the tuning engine."""

from __future__ import annotations

from collections.abc import Mapping

from . import environment, loki, mongodb, nginx, node, pgbouncer, postgres, prometheus, python, redis
from .probe import Probe

PROBES: Mapping[str, Probe] = {
    probe.engine: probe
    for probe in (
        environment.GO,
        environment.OLLAMA,
        loki.PROBE,
        mongodb.PROBE,
        nginx.PROBE,
        node.PROBE,
        pgbouncer.PROBE,
        postgres.PROBE,
        prometheus.PROBE,
        python.PROBE,
        redis.PROBE,
    )
}

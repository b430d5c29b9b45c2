# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tuners by name."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    golang,
    jvm,
    loki,
    meilisearch,
    memcached,
    mongodb,
    mysql,
    nginx,
    node,
    ollama,
    pgbouncer,
    postgres,
    prometheus,
    python,
    rabbitmq,
    redis,
)
from .tuner import Tuner

TUNERS: Mapping[str, Tuner] = {
    tuner.name: tuner
    for tuner in (
        golang.TUNER,
        *jvm.TUNERS,
        loki.TUNER,
        memcached.TUNER,
        meilisearch.TUNER,
        mongodb.TUNER,
        *mysql.TUNERS,
        nginx.TUNER,
        node.TUNER,
        ollama.TUNER,
        pgbouncer.TUNER,
        postgres.TUNER,
        prometheus.TUNER,
        python.TUNER,
        rabbitmq.TUNER,
        redis.TUNER,
    )
}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitoring."""

from __future__ import annotations

from collections.abc import Iterator

from ...units import MIB
from ..demand import Demand
from ..grammar import LETTERS, METRIC
from ..program import Program, Rule, Values, shown, sized
from ..spelling import files, options, variables
from ..syntax import properties, yaml

_VICTORIA = "VictoriaMetrics documentation, -memory.allowedBytes"
VICTORIAMETRICS = Program(
    name="victoriametrics",
    names=("victoria-metrics", "vmstorage", "vmselect", "vminsert", "vmagent", "victoria-logs"),
    executables=("victoria-metrics-prod",),
    spellings=(options(_VICTORIA, names={"memory.allowedBytes": "memory.allowedBytes"}, dashes="-"),),
    rules=(
        sized("cache", METRIC, "memory.allowedBytes", factor=(5, 3), what="caches take 60% of the memory by default", source=_VICTORIA),
    ),
)

_ZABBIX = "Zabbix documentation, server configuration"
_ZABBIX_CACHES = {
    "ZBX_CACHESIZE": "CacheSize",
    "ZBX_HISTORYCACHESIZE": "HistoryCacheSize",
    "ZBX_HISTORYINDEXCACHESIZE": "HistoryIndexCacheSize",
    "ZBX_TRENDCACHESIZE": "TrendCacheSize",
    "ZBX_TRENDFUNCTIONCACHESIZE": "TrendFunctionCacheSize",
    "ZBX_VALUECACHESIZE": "ValueCacheSize",
}


def _zabbix(values: Values) -> Iterator[Demand]:
    caches = {name: size for name in _ZABBIX_CACHES.values() if (size := values.size(LETTERS, name))}
    if caches:
        parts = ", ".join(f"{name} of {shown(size)}" for name, size in caches.items())
        yield values.demand("buffers", sum(caches.values()) + 128 * MIB, f"{parts}, and 128 MiB for the server")


ZABBIX = Program(
    name="zabbix",
    names=("zabbix-server-pgsql", "zabbix-server-mysql", "zabbix-proxy-sqlite3", "zabbix-proxy-mysql"),
    executables=("zabbix_server", "zabbix_proxy"),
    spellings=(
        files(("*/zabbix_server.conf", "*/zabbix_proxy.conf"), properties, _ZABBIX),
        variables(_ZABBIX_CACHES, "zabbix-docker: environment variables"),
    ),
    rules=(
        Rule(
            settings=tuple(_ZABBIX_CACHES.values()),
            formula=" + ".join(_ZABBIX_CACHES.values()) + " + 128 MiB",
            source=f"{_ZABBIX}: shared memory",
            derive=_zabbix,
        ),
    ),
)

PROMETHEUS = Program(
    name="prometheus",
    executables=("prometheus",),
    spellings=(options("Prometheus documentation, command line", at="`--NAME=VALUE`"),),
)

LOKI = Program(
    name="loki",
    executables=("loki",),
    spellings=(
        files(
            ("/etc/loki/*.yaml", "/etc/loki/*.yml", "/etc/loki/config/*.yaml"),
            yaml,
            "Loki documentation, configuration",
            folders=("/etc/loki",),
        ),
        options("Loki documentation, configuration: flags", dashes="-", at="`-NAME=VALUE`"),
    ),
)

PROGRAMS = (VICTORIAMETRICS, ZABBIX, PROMETHEUS, LOKI)

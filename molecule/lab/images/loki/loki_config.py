# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loki's configuration, checked where a mistake is likely: top-level keys, and the types of what the budget writes."""

from __future__ import annotations

import re
from pathlib import Path

from standin import contract

SECTIONS = frozenset(
    [
        "target",
        "ballast_bytes",
        "auth_enabled",
        "http_prefix",
        "server",
        "ui",
        "distributor",
        "querier",
        "query_scheduler",
        "frontend",
        "query_range",
        "ruler",
        "ruler_storage",
        "ingester_client",
        "ingester",
        "pattern_ingester",
        "index_gateway",
        "bloom_build",
        "bloom_gateway",
        "storage_config",
        "chunk_store_config",
        "schema_config",
        "compactor",
        "compactor_client",
        "limits_config",
        "frontend_worker",
        "table_manager",
        "memberlist",
        "kafka_config",
        "dataobj",
        "runtime_config",
        "operational_config",
        "tracing",
        "analytics",
        "profiling",
        "common",
        "shutdown_delay",
        "metrics_namespace",
        "memory",
        "block_builder",
        "block_scheduler",
        "ingest_limits",
        "limits",
    ]
)
DURATION = re.compile(r"^(\d+(\.\d+)?(ns|us|ms|s|m|h|d|w|y))+$|^0$")
WHOLE = {("ingester", "chunk_target_size"), ("limits_config", "max_query_parallelism"), ("limits_config", "max_query_series")}
SPANS = {("ingester", "max_chunk_age"), ("limits_config", "retention_period"), ("limits_config", "max_query_length")}


def load(file: str) -> dict[str, object]:
    config = contract.yaml_file("loki", file)
    for section in config:
        if section not in SECTIONS:
            contract.refuse("loki", f"failed parsing config: {file}: field {section} not found in type loki.ConfigWrapper")
    for section, key in WHOLE | SPANS:
        value = (config.get(section) or {}).get(key)
        if value is None:
            continue
        fits = isinstance(value, int) if (section, key) in WHOLE else bool(DURATION.match(str(value)))
        if not fits:
            contract.refuse("loki", f"failed parsing config: {file}: {section}.{key}: cannot unmarshal '{value}'")
    if (config.get("compactor") or {}).get("retention_enabled") and not config["compactor"].get("delete_request_store"):
        contract.refuse("loki", "invalid compactor config: compactor.delete-request-store should be configured when retention is enabled")
    return config


def prefix(config: dict[str, object]) -> Path:
    return contract.writable("loki", str((config.get("common") or {}).get("path_prefix", "/loki")))

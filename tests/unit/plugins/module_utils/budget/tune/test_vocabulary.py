# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from a Compose file is what a tuner knows, by whatever name the author wrote it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.tuner import Room
from ansible_collections.ziggie.stack.plugins.module_utils.compose.project import Project
from ansible_collections.ziggie.stack.plugins.module_utils.compose.reader import Reader
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.read import written
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.subject import Subject
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import facts_of
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB


def kept(tuner: str, service: dict[str, Any]) -> dict[str, str]:
    """Return what the author of a service wrote, as the tuner understands it."""
    parsed = Project.read({"services": {"one": service}}).services["one"]
    image = ImageName.parse(parsed.image)
    found = written(Subject.of(parsed, program=facts_of(image).kind, repository=image.repository))
    settings = {name: setting.value for name, setting in found.settings.items()}
    params = TUNERS[tuner].read(Reader({}, "", Problems()))
    tuning = TUNERS[tuner].tune(Room(limit=64 * GIB, cpus=4000, params=params, written=settings))
    assert tuning.untuned == ""
    return dict(tuning.kept)


@pytest.mark.parametrize(
    ("tuner", "service", "expected"),
    [
        (
            "postgres",
            {"image": "postgres:17", "command": "postgres -c shared_buffers=1GB --work-mem=16MB"},
            {"shared_buffers": "1GB", "work_mem": "16MB"},
        ),
        ("mysql", {"image": "mysql:8.4", "command": "--innodb-buffer-pool-size=1G"}, {"innodb_buffer_pool_size": "1G"}),
        ("mariadb", {"image": "mariadb:11", "command": ["mariadbd", "--max-connections=300"]}, {"max_connections": "300"}),
        (
            "mongodb",
            {"image": "mongo:8", "command": ["--wiredTigerCacheSizeGB", "2", "--maxConns", "900"]},
            {"wiredTigerCacheSizeGB": "2", "maxConns": "900"},
        ),
        (
            "redis",
            {"image": "redis:8", "command": ["redis-server", "--maxmemory", "1gb", "--save", ""]},
            {"maxmemory": "1gb", "save": '""'},
        ),
        ("node", {"image": "node:24", "environment": {"NODE_OPTIONS": "--max_old_space_size=4096"}}, {"max-old-space-size": "4096"}),
        ("go", {"image": "grafana/grafana:13", "environment": {"GOMEMLIMIT": "400MiB"}}, {"GOMEMLIMIT": "400MiB"}),
        ("jvm", {"image": "example/app:1", "environment": ["JAVA_OPTS=-Xmx2g -Dx=1"]}, {"Xmx": "2g"}),
        ("jvm", {"image": "example/app:1", "command": "java -XX:MaxRAMPercentage=50 -jar a.jar"}, {"MaxRAMPercentage": "50"}),
        (
            "elasticsearch",
            {"image": "elasticsearch:9.0.0", "environment": {"ES_JAVA_OPTS": "-Xms1g -Xmx1g"}},
            {"Xms": "1g", "Xmx": "1g"},
        ),
        ("kafka", {"image": "apache/kafka:4.0.0", "environment": {"KAFKA_HEAP_OPTS": "-Xmx512M"}}, {"Xmx": "512M"}),
        ("minecraft", {"image": "itzg/minecraft-server:java21", "environment": {"MEMORY": "8G"}}, {"Xmx": "8G"}),
        (
            "cassandra",
            {"image": "cassandra:5", "environment": {"MAX_HEAP_SIZE": "2G", "HEAP_NEWSIZE": "400M"}},
            {"Xmx": "2G", "Xmn": "400M"},
        ),
        ("zookeeper", {"image": "zookeeper:3.9", "environment": {"ZK_SERVER_HEAP": "500"}}, {"Xmx": "500m"}),
        ("solr", {"image": "solr:9", "environment": {"SOLR_HEAP": "1g"}}, {"Xmx": "1g"}),
        (
            "meilisearch",
            {"image": "getmeili/meilisearch:v1.16", "environment": {"MEILI_MAX_INDEXING_MEMORY": "1 GiB"}},
            {"MEILI_MAX_INDEXING_MEMORY": "1 GiB"},
        ),
        ("memcached", {"image": "memcached:1.6", "command": "-m 256 -c 2048"}, {"memory-limit": "256", "conn-limit": "2048"}),
        ("nginx", {"image": "nginx:1.29", "environment": {"NGINX_WORKER_PROCESSES": "4"}}, {"worker_processes": "4"}),
        ("ollama", {"image": "ollama/ollama", "environment": {"OLLAMA_NUM_PARALLEL": "4"}}, {"OLLAMA_NUM_PARALLEL": "4"}),
        ("pgbouncer", {"image": "edoburu/pgbouncer:v1.25.2-p0", "environment": {"MAX_CLIENT_CONN": "500"}}, {"max_client_conn": "500"}),
        (
            "prometheus",
            {"image": "prom/prometheus:v3.14.0", "command": ["--query.max-samples=1000"]},
            {"query.max-samples": "1000"},
        ),
        ("python", {"image": "example/api:1", "command": "gunicorn -w 4 app:app"}, {"workers": "4"}),
        (
            "rabbitmq",
            {"image": "rabbitmq:4", "environment": {"RABBITMQ_VM_MEMORY_HIGH_WATERMARK": "512MiB"}},
            {"vm_memory_high_watermark.absolute": "512MiB"},
        ),
    ],
)
def test_what_an_author_writes_reaches_the_tuner(tuner: str, service: dict[str, Any], expected: dict[str, str]) -> None:
    assert kept(tuner, service) == expected

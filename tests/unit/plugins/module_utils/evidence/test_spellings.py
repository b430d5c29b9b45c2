# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each spelling of a memory setting gives the demand that follows from it. Spellings as public Compose files write them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.service import Service
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.demand import Need, need
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.read import demands, written
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.subject import Subject
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import facts_of
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB


def subject(image: str, **data: Any) -> Subject:
    name = ImageName.parse(image)
    return Subject.of(Service.read("s", {"image": image, **data}), program=facts_of(name).kind, repository=name.repository)


def needed(image: str, **data: Any) -> Need:
    return need(demands(subject(image, **data)))


def java(heap: int) -> int:
    """Return the floor of a heap: 192 MiB and a tenth of it beside it, at most a quarter, and at least 192 MiB."""
    return heap + min(max(heap // 4, 192 * MIB), 192 * MIB + -(-heap // 10))


ENVIRONMENTS: list[tuple[str, dict[str, str], int]] = [
    ("itzg/minecraft-server", {"MEMORY": "8G"}, java(8 * GIB)),
    ("itzg/minecraft-server", {"MEMORY": "1G", "MAX_MEMORY": "4096M"}, java(4 * GIB)),
    ("itzg/minecraft-server", {"MEMORY": "", "JVM_XX_OPTS": "-XX:MaxRAMPercentage=75"}, 0),
    ("itzg/minecraft-server", {"MEMORY": "75%"}, 0),
    ("marctv/minecraft-papermc-server", {"MEMORYSIZE": "2G"}, java(2 * GIB)),
    ("example/app", {"JAVA_TOOL_OPTIONS": "-XX:MaxHeapSize=1g"}, java(GIB)),
    ("example/app", {"JDK_JAVA_OPTIONS": "-Xmx1024m"}, java(GIB)),
    ("example/app", {"_JAVA_OPTIONS": "-Xms256m -Xmx768M"}, java(768 * MIB)),
    ("example/app", {"CATALINA_OPTS": "-Xms1g"}, java(GIB)),
    ("example/app", {"JAVA_OPTS": "'-Xmx2g'"}, java(2 * GIB)),
    ("example/app", {"JAVA_OPTS": "-Xmx1g", "_JAVA_OPTIONS": "-Xmx512m"}, java(512 * MIB)),
    ("example/app", {"JAVA_TOOL_OPTIONS": "-Xmx4g", "JAVA_OPTS": "-Xmx1g"}, java(GIB)),
    ("example/app", {"JAVA_OPTS": "-Xmx1g -XX:MaxDirectMemorySize=512m"}, java(GIB) + 512 * MIB),
    ("example/app", {"MEMORY": "8G"}, 0),
    ("bde2020/hadoop-namenode", {"MAPRED_CONF_mapreduce_reduce_java_opts": "-Xmx6144m"}, 0),
    ("confluentinc/cp-kafka", {"KAFKA_HEAP_OPTS": "-Xms1G -Xmx1G"}, java(GIB)),
    ("cassandra:4", {"MAX_HEAP_SIZE": "2G", "HEAP_NEWSIZE": "400M"}, java(2 * GIB)),
    ("neo4j:5", {"NEO4J_server_memory_heap_max__size": "4G", "NEO4J_server_memory_pagecache_size": "2G"}, java(4 * GIB) + 2 * GIB),
    ("neo4j:4", {"NEO4J_dbms_memory_heap_max__size": "1G"}, java(GIB)),
    ("neo4j:5-community", {"NEO4J_dbms.memory.heap.initial_size": "5g", "NEO4J_dbms_memory_pagecache_size": "1G"}, java(5 * GIB) + GIB),
    ("example/graph", {"NEO4J_dbms_memory_pagecache_size": "1G"}, GIB),
    ("teamatldocker/jira", {"SETENV_JVM_MAXIMUM_MEMORY": "8g"}, java(8 * GIB)),
    ("teamatldocker/confluence", {"CATALINA_PARAMETER2": "-Xmx", "CATALINA_PARAMETER_VALUE2": "4g"}, java(4 * GIB)),
    ("vimagick/openrefine", {"REFINE_MEMORY": "1024M"}, java(GIB)),
    ("solr:9", {"SOLR_HEAP": "800m"}, java(800 * MIB)),
    ("solr:8", {"SOLR_JAVA_MEM": "-Xms1g -Xmx1g"}, java(GIB)),
    ("atlassian/jira-software", {"JVM_MAXIMUM_MEMORY": "2048m"}, java(2 * GIB)),
    ("bitnami/elasticsearch", {"ELASTICSEARCH_HEAP_SIZE": "1g"}, java(GIB)),
    ("apache/nifi", {"NIFI_JVM_HEAP_MAX": "2g"}, java(2 * GIB)),
    ("apache/druid", {"DRUID_XMX": "1g", "DRUID_MAXDIRECTMEMORYSIZE": "2g"}, java(GIB) + 2 * GIB),
    ("bitnami/zookeeper", {"ZOO_HEAP_SIZE": "1024"}, java(GIB)),
    ("linuxserver/unifi-network-application", {"MEM_LIMIT": "1024"}, java(GIB)),
    ("jacobalberty/unifi", {"JVM_MAX_HEAP_SIZE": "1024M"}, java(GIB)),
    ("kartoza/geoserver", {"INITIAL_MEMORY": "2G", "MAXIMUM_MEMORY": "4G"}, java(4 * GIB)),
    ("erikvl87/languagetool", {"Java_Xms": "512m", "Java_Xmx": "1g"}, java(GIB)),
    ("quay.io/keycloak/keycloak:26", {"JAVA_OPTS_KC_HEAP": "-XX:MaxRAMPercentage=65"}, 0),
    ("jenkins/jenkins:lts", {"JAVA_OPTS": "-Djenkins.install.runSetupWizard=false -Xmx2048m"}, java(2 * GIB)),
    (
        "sonarqube",
        {"SONAR_WEB_JAVAOPTS": "-Xmx1g", "SONAR_CE_JAVAOPTS": "-Xmx2g", "SONAR_SEARCH_JAVAOPTS": "-Xms1g -Xmx1g"},
        java(2 * GIB) + 2 * java(GIB),
    ),
    ("flink:1.18", {"FLINK_PROPERTIES": "jobmanager.rpc.address: jm\ntaskmanager.memory.process.size: 1728m\n"}, 1728 * MIB),
    ("bitnami/spark", {"SPARK_WORKER_MEMORY": "2G"}, 3 * GIB),
    ("node:22", {"NODE_OPTIONS": "--openssl-legacy-provider --max-old-space-size=3072"}, 4096 * MIB),
    ("example/app", {"NODE_OPTIONS": "--max_old_space_size=768"}, 1024 * MIB),
    ("example/app", {"GOMEMLIMIT": "900MiB"}, 1000 * MIB),
    ("dockurr/windows", {"RAM_SIZE": "8G"}, 8 * GIB + 256 * MIB),
    ("qemux/qemu-docker", {"RAM_SIZE": "2048M"}, 2 * GIB + 256 * MIB),
    ("dockurr/macos", {"RAM_SIZE": "half"}, 0),
    ("nextcloud:29", {"PHP_MEMORY_LIMIT": "10G"}, 0),
    ("mcr.microsoft.com/mssql/server:2022-latest", {"MSSQL_MEMORY_LIMIT_MB": "2048"}, 2560 * MIB),
    ("influxdb:2", {"INFLUXD_STORAGE_CACHE_MAX_MEMORY_SIZE": "1073741824"}, GIB + 128 * MIB),
    ("influxdb:1.8", {"INFLUXDB_DATA_CACHE_MAX_MEMORY_SIZE": "512m"}, 640 * MIB),
    ("bitnami/memcached", {"MEMCACHED_CACHE_SIZE": "128"}, 160 * MIB),
    ("varnish:7", {"VARNISH_SIZE": "2G"}, 2 * GIB * 5 // 4 + 64 * MIB),
    ("arangodb:3.11", {"ARANGODB_OVERRIDE_DETECTED_TOTAL_MEMORY": "4G"}, 4 * GIB),
    ("timescale/timescaledb:latest-pg16", {"TS_TUNE_MEMORY": "4GB"}, GIB + 64 * MIB),
    ("zabbix/zabbix-server-pgsql", {"ZBX_CACHESIZE": "512M", "ZBX_VALUECACHESIZE": "256M"}, 896 * MIB),
    ("vllm/vllm-openai", {"VLLM_CPU_KVCACHE_SPACE": "8"}, 8 * GIB),
    ("bitnami/redis", {"REDIS_EXTRA_FLAGS": "--maxmemory 300mb"}, 400 * MIB),
]

COMMANDS: list[tuple[str, Any, int]] = [
    ("redis:7", "redis-server --maxmemory 300mb --maxmemory-policy allkeys-lru", 400 * MIB),
    ("redis:7", ["redis-server", "--maxmemory", "300m"], 400_000_000),
    ("redis:7", ["sh", "-c", "redis-server --requirepass $$PASS --maxmemory 300mb"], 400 * MIB),
    ("valkey/valkey:8", ["valkey-server", "--maxmemory", "300mb"], 400 * MIB),
    ("eqalpha/keydb", "keydb-server --maxmemory 300mb", 400 * MIB),
    ("docker.dragonflydb.io/dragonflydb/dragonfly", ["--maxmemory=4gb"], 4 * GIB * 5 // 4),
    ("memcached:1.6", "memcached -m 512", 544 * MIB),
    ("memcached:1.6", ["-m", "512"], 544 * MIB),
    ("memcached:1.6", ["-m512"], 544 * MIB),
    ("memcached:1.6", ["--memory-limit=512"], 544 * MIB),
    # It reads the digits alone: -m 256M is 256 MiB, and -m 1G is one.
    ("memcached:1.6", "memcached -m 256M", 288 * MIB),
    ("memcached:1.6", ["-m", "1G"], 33 * MIB),
    ("postgres:17", "postgres -c shared_buffers=1GB", 1088 * MIB),
    ("postgres:17", ["-c", "shared_buffers=131072"], 1088 * MIB),
    ("postgres:17", ["postgres", "--shared-buffers=1GB"], 1088 * MIB),
    ("mysql:8", ["--innodb-buffer-pool-size=1G"], GIB + -(-GIB // 10) + 128 * MIB),
    ("mariadb:11", "mariadbd --innodb_buffer_pool_size 100M --key-buffer-size=64M", 110 * MIB + 64 * MIB + 128 * MIB),
    ("mongo:8", "mongod --wiredTigerCacheSizeGB 1.5", 1792 * MIB),
    ("mongo:8", ["--wiredTigerCacheSizeGB=0.25"], 512 * MIB),
    ("eclipse-temurin:21", "java -Xmx1g -jar /app.jar", java(GIB)),
    ("eclipse-temurin:21", ["java", "-XX:MaxRAMPercentage=75.0", "-jar", "/app.jar"], 0),
    ("eclipse-temurin:21", ["sh", "-c", "exec java $$OPTS -Xmx1g -jar /app.jar"], java(GIB)),
    ("node:22", ["node", "--max-old-space-size=768", "server.js"], GIB),
    ("node:22", "node --max-old-space-size 768 server.js", GIB),
    ("example/vm", ["qemu-system-x86_64", "-m", "4096", "-smp", "2"], 4 * GIB + 256 * MIB),
    ("example/vm", ["qemu-system-x86_64", "-m", "size=2G,slots=2,maxmem=4G"], 2 * GIB + 256 * MIB),
    ("redpandadata/redpanda", "redpanda start --smp 1 --memory 1G --reserve-memory 0M", GIB),
    ("scylladb/scylla:5.4", "--smp 1 --memory 750M", 750 * MIB),
    ("cockroachdb/cockroach", "start-single-node --insecure --cache=2GiB --max-sql-memory=1GiB", 2 * GIB + 256 * MIB),
    ("cockroachdb/cockroach", "start-single-node --cache=.25 --max-sql-memory=25%", 0),
    ("victoriametrics/victoria-metrics", ["-memory.allowedBytes=600MiB"], 1000 * MIB),
    ("varnish:7", ["varnishd", "-F", "-s", "malloc,1G"], GIB * 5 // 4 + 64 * MIB),
    ("influxdb:2", ["influxd", "--storage-cache-max-memory-size=268435456"], 384 * MIB),
]


@pytest.mark.parametrize(("image", "environment", "floor"), ENVIRONMENTS)
def test_a_variable_is_a_demand(image: str, environment: dict[str, str], floor: int) -> None:
    assert needed(image, environment=environment).floor == pytest.approx(floor, abs=1)


@pytest.mark.parametrize(("image", "command", "floor"), COMMANDS)
def test_an_argument_is_a_demand(image: str, command: Any, floor: int) -> None:
    assert needed(image, command=command).floor == pytest.approx(floor, abs=1)


@pytest.mark.parametrize(
    ("image", "data"),
    [
        ("example/app", {"environment": {"JAVA_OPTS": "-Xmx${HEAP}"}}),
        ("example/app", {"environment": {"JAVA_OPTS": "-Xmx$HEAP"}}),
        ("itzg/minecraft-server", {"environment": {"MEMORY": "${MEMORY}"}}),
        ("itzg/minecraft-server", {"environment": ["MEMORY"]}),
        ("redis:7", {"command": "redis-server --maxmemory ${REDIS_MEMORY}"}),
        ("postgres:17", {"command": ["-c", "shared_buffers=${BUFFERS}"]}),
        ("node:22", {"environment": {"NODE_OPTIONS": "--max-old-space-size=${HEAP}"}}),
    ],
)
def test_an_unresolved_value_is_not_known_and_is_not_a_demand(image: str, data: dict[str, Any]) -> None:
    assert needed(image, **data) == Need(floor=0, request=0, beside=0, pids=0)
    assert list(written(subject(image, **data)).unresolved)


@pytest.mark.parametrize(
    ("image", "data", "most"),
    [
        ("elasticsearch:8.11.1", {"environment": {"ES_JAVA_OPTS": "-Xms4g -Xmx4g"}}, 8 * GIB),
        ("example/search", {"environment": {"ES_JAVA_OPTS": "-Xms2g -Xmx2g"}}, 4 * GIB),
        ("opensearchproject/opensearch:2", {"environment": {"OPENSEARCH_JAVA_OPTS": "-Xmx512m"}}, GIB),
        ("redis:7", {"command": "redis-server --maxmemory 300mb"}, 600 * MIB),
        ("redis:7", {"command": ["redis-server", "--maxmemory", "300mb", "--save", ""]}, 400 * MIB),
        ("redis:7", {"command": ["redis-server", "--maxmemory", "300mb", "--save", "", "--appendonly", "yes"]}, 600 * MIB),
        ("postgres:17", {"command": "postgres -c shared_buffers=1GB"}, 4 * GIB + 64 * MIB),
        ("postgres:17", {"command": "postgres -c max_connections=200 -c work_mem=64MB"}, 200 * 69 * MIB + 64 * MIB),
        ("mongo:8", {"command": "mongod --wiredTigerCacheSizeGB 1"}, 3 * GIB),
        ("rabbitmq:4", {"environment": {"RABBITMQ_VM_MEMORY_HIGH_WATERMARK": "512MiB"}}, GIB),
        ("mysql:8", {"command": "--max-connections=500"}, 500 * 1920 * 1024),
        ("php:8-fpm", {"environment": {"PHP_MEMORY_LIMIT": "256M", "PHP_FPM_PM_MAX_CHILDREN": "20"}}, 20 * 256 * MIB),
        ("php:8-fpm", {"command": ["php-fpm", "-d", "memory_limit=512M"]}, 512 * MIB),
        # Without one, PHP's own of 128M holds; where it is off, nothing bounds a worker.
        ("php:8-fpm", {"environment": {"PHP_FPM_PM_MAX_CHILDREN": "20"}}, 19 * 128 * MIB),
        ("php:8-fpm", {"environment": {"PHP_FPM_PM_MAX_CHILDREN": "20", "PHP_MEMORY_LIMIT": "-1"}}, 0),
        ("httpd:2.4", {"environment": {"APACHE_MAX_REQUEST_WORKERS": "150"}}, 0),
        ("example/api", {"command": "celery -A app worker -c 8 --max-memory-per-child=200000"}, 8 * 200000 * 1024),
        ("example/api", {"command": "celery -A app worker --autoscale=10,3 --max-memory-per-child 200000"}, 10 * 200000 * 1024),
        ("example/api", {"environment": {"CELERY_WORKER_MAX_MEMORY_PER_CHILD": "200000"}}, 200000 * 1024),
        ("example/api", {"command": "uwsgi --http :80 --processes 4 --reload-on-rss 256"}, GIB),
        ("searxng/searxng", {"environment": {"UWSGI_WORKERS": "4", "UWSGI_LIMIT_AS": "512"}}, 2 * GIB),
        ("gitlab/gitlab-ce:18.0.0-ce.0", {"environment": {"GITLAB_OMNIBUS_CONFIG": "puma['worker_processes'] = 3"}}, 2 * 1500 * MIB),
        (
            "gitlab/gitlab-ce:18.0.0-ce.0",
            {"environment": {"GITLAB_OMNIBUS_CONFIG": "puma['worker_processes'] = 3; puma['per_worker_max_memory_mb'] = 1024"}},
            2 * GIB,
        ),
        ("nextcloud:29", {"environment": {"PHP_MEMORY_LIMIT": "1G"}}, GIB),
        ("nextcloud:29", {"environment": {"PHP_MEMORY_LIMIT": "-1"}}, 0),
        ("getmeili/meilisearch:v1.10", {"environment": {"MEILI_MAX_INDEXING_MEMORY": "2Gb"}}, 2 * 1000**3 + 128 * MIB),
        ("cockroachdb/cockroach", {"command": "start --cache=2GiB --max-sql-memory=1GiB"}, 3 * GIB + 256 * MIB),
        ("timescale/timescaledb:latest-pg16", {"environment": {"TS_TUNE_MEMORY": "4GB"}}, 4 * GIB + 64 * MIB),
        ("example/app", {"tmpfs": ["/run:size=64m", "/tmp"], "shm_size": "256mb"}, 320 * MIB),
    ],
)
def test_the_request_holds_what_may_come(image: str, data: dict[str, Any], most: int) -> None:
    assert needed(image, **data).request == pytest.approx(most, abs=1)


@pytest.mark.parametrize(
    ("image", "data", "pids"),
    [
        ("example/api", {"command": "gunicorn app:app -w 4 --threads 8"}, 56),
        ("example/api", {"command": "python -m uvicorn app:app --workers 3"}, 26),
        ("example/api", {"environment": {"GUNICORN_CMD_ARGS": "--workers=2 --threads=4"}}, 30),
        ("example/api", {"environment": {"WEB_CONCURRENCY": "2"}}, 24),
        ("searxng/searxng", {"environment": {"UWSGI_WORKERS": "4", "UWSGI_THREADS": "4"}}, 40),
        ("example/api", {"command": "celery -A app worker --concurrency=8"}, 38),
        ("example/api", {"command": "celery -A app worker --autoscale=10,3 -c 2"}, 40),
        ("example/api", {"command": "uwsgi --http :80 -p 4 --threads 2"}, 32),
        ("example/jobs", {"command": "bundle exec sidekiq -c 25"}, 55),
        ("example/web", {"command": "bundle exec puma -w 2 -t 5:16"}, 62),
        ("mongo:8", {"command": ["--maxConns", "2000"]}, 2100),
        ("mysql:8", {"command": ["--max-connections=500"]}, 560),
        ("postgres:17", {"command": ["-c", "max_connections=300"]}, 320),
        ("php:8-fpm", {"environment": {"PHP_FPM_PM_MAX_CHILDREN": "50"}}, 60),
        ("nginx:1.29", {"command": ["nginx", "-g", "worker_processes 8; daemon off;"]}, 12),
        ("example/torch", {"environment": {"OMP_NUM_THREADS": "16"}}, 46),
        ("apache/kafka:3.8", {"environment": {"KAFKA_NUM_IO_THREADS": "16"}}, 119),
        ("prom/prometheus", {"command": ["-w", "4"]}, 0),
    ],
)
def test_workers_threads_and_connections_are_processes(image: str, data: dict[str, Any], pids: int) -> None:
    assert needed(image, **data).pids == pids


def test_a_demand_says_where_it_is_written_and_how_it_was_computed() -> None:
    heap, native = demands(subject("itzg/minecraft-server", environment={"MEMORY": "8G"}))
    assert (heap.kind, heap.source) == ("heap", "environment.MEMORY")
    assert heap.sentence == "a heap of 8192 MiB, 1012 MiB for metaspace, code, threads and the collector"
    assert (native.kind, native.sentence) == ("native", "all that is not heap may take 2048 MiB, 1012 MiB are counted")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Further files of the kinds that the field cases show, each of which went wrong once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt


class Adopted:
    """One service, adopted: as it was written, its share, and the codes of the findings."""

    def __init__(self, folder: Path, service: dict[str, Any], files: dict[str, str], **top: Any) -> None:
        definition = {"services": {"a": {"restart": "always", **service}}, **top}
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "compose.yml").write_text(yaml.safe_dump(definition, sort_keys=False), encoding="utf-8")
        wish = Wish(capacity={"memory": "64g", "cpus": 16}, policy={}, profiles=frozenset(), accepted={}, host={})
        self.result = adopt([str(folder / "compose.yml")], wish)
        assert self.result["problems"] == []
        (file,) = self.result["files"]
        self.service = yaml.safe_load(file["content"])["services"]["a"]
        self.share = self.result["budget"]["services"]["a"]
        self.codes = {str(finding["code"]) for finding in self.result["findings"]}


@pytest.fixture(name="adopted")
def _adopted(tmp_path: Path) -> Any:
    return lambda service, files=None, **top: Adopted(tmp_path, service, files or {}, **top)


def codes(service: dict[str, Any], **top: Any) -> set[str]:
    return {finding.code for finding in inspect({"services": {"a": service}, **top})}


@pytest.mark.parametrize(
    ("service", "files", "least"),
    [
        # Redis joins its arguments, so one word may hold a directive with its values.
        ({"image": "redis:7", "command": ["redis-server", "--maxmemory 4gb"]}, {}, 4),
        ({"image": "postgres:17", "environment": {"POSTGRES_INITDB_ARGS": "--data-checksums -c shared_buffers=4GB"}}, {}, 4),
        ({"image": "elasticsearch:8.15.0", "environment": ["ES_JAVA_OPTS"]}, {".env": "ES_JAVA_OPTS=-Xmx4g\n"}, 4),
        (
            {"image": "sonarqube:lts", "environment": {f"SONAR_{one}_JAVAADDITIONALOPTS": "-Xmx2g" for one in ("WEB", "CE", "SEARCH")}},
            {},
            6,
        ),
        (
            {"image": "container-registry.oracle.com/database/free", "environment": {"INIT_SGA_SIZE": "3072", "INIT_PGA_SIZE": "1024"}},
            {},
            4,
        ),
        ({"image": "ethereum/client-go:stable", "command": "--http --cache=4096"}, {}, 4),
        ({"image": "bitcoin/bitcoin:28", "command": ["-dbcache=4096", "-txindex"]}, {}, 4),
        ({"image": "ghcr.io/tigerbeetle/tigerbeetle", "command": "start --cache-grid=4GiB /data/0_0.tigerbeetle"}, {}, 4),
        ({"image": "aerospike:ce-6", "environment": {"MEM_GB": "4"}}, {}, 4),
        ({"image": "ubuntu/squid", "volumes": ["./s.conf:/etc/squid/squid.conf"]}, {"s.conf": "cache_mem 4 GB\n"}, 4),
    ],
)
def test_02_a_figure_of_its_own_is_held(adopted: Any, service: dict[str, Any], files: dict[str, str], least: int) -> None:
    case = adopted(service, files)
    assert case.share["memory"]["floor"] >= least * GIB
    assert case.share["explain"]["memory.floor"].split("from ")[1].startswith("configured")


def test_03_a_directive_in_one_word_is_not_written_again(adopted: Any) -> None:
    assert "--maxmemory" not in adopted({"image": "redis:7", "command": ["redis-server", "--maxmemory 4gb"]}).service["command"]


@pytest.mark.parametrize(
    ("image", "variable"),
    [
        ("node:22", "NODE_OPTIONS"),
        ("elasticsearch:8.15.0", "ES_JAVA_OPTS"),
        ("itzg/minecraft-server:java21", "MEMORY"),
        ("caddy:2", "GOMEMLIMIT"),
    ],
)
@pytest.mark.parametrize("form", ["listed", "mapped", "interpolated"])
def test_07_a_variable_that_comes_from_outside_is_not_overruled(adopted: Any, image: str, variable: str, form: str) -> None:
    environment: Any = {"listed": [variable], "mapped": {variable: None}, "interpolated": {variable: f"${{{variable}}}"}}[form]
    case = adopted(
        {"image": image, "command": "node x.js", "environment": environment}
        if "node" in image
        else {"image": image, "environment": environment}
    )
    assert case.service["environment"] == environment
    assert "ZB045" in case.codes


@pytest.mark.parametrize(
    "service",
    [
        # Eight workers are eight processes, and each may have a thread for each core.
        {"image": "example/app:1", "command": "gunicorn -w 8 app:app"},
        {"image": "php:8.3-fpm", "volumes": ["./w.conf:/usr/local/etc/php-fpm.d/zz.conf"]},
        # Seen on four cores; threads of a JVM's collector and of its pools grow with them.
        {"image": "quay.io/keycloak/keycloak:26.0"},
        {"image": "ollama/ollama:0.11.0"},
        {"image": "redis:7"},
        {"image": "postgres:17"},
    ],
)
def test_12_evidence_of_processes_limits_none(adopted: Any, service: dict[str, Any]) -> None:
    assert adopted(service, {"w.conf": "[www]\npm.max_children = 50\n"}).service["pids_limit"] >= 4096


def test_12_evidence_of_processes_raises_the_limit(adopted: Any) -> None:
    assert adopted({"image": "postgres:17", "command": "postgres -c max_connections=6000"}).service["pids_limit"] > 6000


def test_06_a_bound_of_connections_is_written_only_where_one_is_asked_for(adopted: Any) -> None:
    assert "--maxConns" not in adopted({"image": "mongo:8"}).service["command"]


def test_13_a_model_server_with_a_gpu_keeps_its_defaults(adopted: Any) -> None:
    gpu = {"resources": {"reservations": {"devices": [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]}}}
    assert "environment" not in adopted({"image": "ollama/ollama:0.11.0", "deploy": gpu}).service


def test_14_a_byte_order_mark_stays(tmp_path: Path) -> None:
    text = "\ufeffservices:\n  a: {image: 'example/app:1'}\n"
    (tmp_path / "compose.yml").write_text(text, encoding="utf-8")
    wish = Wish(capacity={"memory": "8g", "cpus": 4}, policy={}, profiles=frozenset(), accepted={}, host={})
    (file,) = adopt([str(tmp_path / "compose.yml")], wish)["files"]
    assert file["content"].startswith("\ufeffservices:\n  a: {image: 'example/app:1', mem_limit")


@pytest.mark.parametrize(
    "service",
    [
        {"image": "minio/mc", "entrypoint": "/bin/sh -c 'mc mb s3/a'"},
        {"image": "yandex/clickhouse-client", "command": ["--host", "server"]},
        {"image": "liquibase/liquibase:4.21.1", "command": "--changelog-file=changelog.xml update"},
        {"image": "flyway/flyway:11", "command": "-url=jdbc:postgresql://db/app migrate"},
        {"image": "migrate/migrate:v4", "command": ["-path", "/migrations", "up"]},
        {"image": "alpine:3.22", "command": "chown -R 1000 /data", "restart": "no"},
    ],
)
def test_17_what_ends_needs_neither_policy_nor_probe(service: dict[str, Any]) -> None:
    assert codes(service) & {"ZB181", "ZB140"} == set()


@pytest.mark.parametrize("deploy", [{"mode": "global"}, {"update_config": {"parallelism": 1}}, {"placement": {"constraints": ["x"]}}])
def test_22_swarm_starts_again_by_itself(deploy: dict[str, Any]) -> None:
    assert "ZB181" not in codes({"image": "example/web:1", "deploy": deploy})
    assert "ZB181" in codes({"image": "example/web:1", "deploy": {"replicas": 2}})


@pytest.mark.parametrize(
    "service",
    [
        {"image": "bitnami/redis:7", "environment": {"REDIS_EXTRA_FLAGS": "--save 60 1"}},
        {"image": "redis/redis-stack-server:7", "environment": {"REDIS_ARGS": "--maxmemory 1gb"}},
        {"image": "caddy:2.10", "entrypoint": "sh -c", "command": ["exec caddy run"]},
        {"image": "mongo:8", "command": ["sh", "-c", "exec mongod --bind_ip_all"]},
    ],
)
def test_32_a_limit_that_was_written_here_draws_no_finding(adopted: Any, service: dict[str, Any]) -> None:
    case = adopted(service)
    assert {"ZB222", "ZB232", "ZB244"}.isdisjoint(case.codes)
    again = codes(case.service)
    assert {"ZB222", "ZB232", "ZB244"}.isdisjoint(again)


def test_32_a_maxmemory_in_a_variable_counts() -> None:
    service = {"image": "redis/redis-stack-server:7", "mem_limit": "2g"}
    assert "ZB222" in codes(service)
    assert "ZB222" not in codes({**service, "environment": {"REDIS_ARGS": "--maxmemory 1gb"}})


def test_37_a_variable_that_is_passed_on_is_set() -> None:
    probe = {"test": ["CMD-SHELL", "pg_isready -U ${POSTGRES_USER}"]}
    service = {"image": "postgres:17", "healthcheck": probe}
    assert "ZB204" not in codes({**service, "environment": {"POSTGRES_USER": "${POSTGRES_USER}"}})
    assert "ZB204" not in codes({**service, "environment": {"POSTGRES_USER": "${POSTGRES_USER:?}"}})
    assert "ZB204" in codes({**service, "environment": {"POSTGRES_USER": "app"}})
    assert "ZB204" in codes({**service, "environment": {"POSTGRES_USER": "${POSTGRES_USERS}"}})


@pytest.mark.parametrize(
    ("environment", "path", "said"),
    [
        ({}, "/tmp/kraft-combined-logs", False),
        ({}, "/tmp/kafka-logs", True),
        ({"KAFKA_NODE_ID": 1}, "/tmp/kafka-logs", False),
        ({"KAFKA_NODE_ID": 1}, "/tmp/kraft-combined-logs", True),
        ({"KAFKA_OPTS": "-Dx=y"}, "/tmp/kraft-combined-logs", False),
        ({"KAFKA_NODE_ID": 1, "KAFKA_LOG_DIRS": "/data"}, "/data", False),
    ],
)
def test_38_variables_move_the_data(environment: dict[str, Any], path: str, said: bool) -> None:
    service = {"image": "apache/kafka:4.0.0", "volumes": [f"k:{path}"], "environment": environment}
    assert ("ZB171" in codes(service)) is said


def test_38_no_variable_is_written_that_would_replace_a_configuration(adopted: Any) -> None:
    """apache/kafka drops its own server.properties as soon as there is one such variable, and then does not start."""
    assert "environment" not in adopted({"image": "apache/kafka:4.0.0"}).service
    configured = {"image": "apache/kafka:4.0.0", "environment": {"KAFKA_NODE_ID": 1, "KAFKA_PROCESS_ROLES": "broker,controller"}}
    assert "KAFKA_HEAP_OPTS" in adopted(configured).service["environment"]


def test_an_image_at_its_end_is_said_once() -> None:
    told = codes({"image": "gcr.io/cadvisor/cadvisor:v0.49.1"})
    assert told & {"ZB102", "ZB104"} == {"ZB102"}


@pytest.mark.parametrize("written", [-1, "-1"])
def test_unlimited_swap_of_the_author_stays(adopted: Any, written: Any) -> None:
    assert adopted({"image": "redis:7", "mem_limit": "512m", "memswap_limit": written}).service["memswap_limit"] == written


def test_memcached_reads_the_digits_of_its_limit(adopted: Any) -> None:
    found = adopted({"image": "memcached:1.6-alpine", "command": "memcached -m 256M"})
    assert found.share["memory"]["floor"] >= 256 * 1024**2
    assert found.service["command"] == "memcached -m 256M"
    assert "ZB045" not in {finding["code"] for finding in found.result["findings"]}


def short(folder: Path, services: dict[str, Any], memory: str) -> dict[str, tuple[str, str]]:
    (folder / "compose.yml").write_text(yaml.safe_dump({"services": services}), encoding="utf-8")
    wish = Wish(capacity={"memory": memory, "cpus": 2}, policy={}, profiles=frozenset(), accepted={}, host={})
    return {
        finding["code"]: (finding["severity"], finding["message"]) for finding in adopt([str(folder / "compose.yml")], wish)["findings"]
    }


@pytest.mark.parametrize(
    ("service", "bound"),
    [
        ({"image": "nextcloud:30", "environment": {"PHP_MEMORY_LIMIT": "2G"}}, "2048 MiB"),
        ({"image": "example/app:1", "tmpfs": ["/tmp:size=2g"], "shm_size": "1g"}, "3072 MiB"),
    ],
)
def test_10_a_limit_below_what_a_setting_allows_is_said(service: dict[str, Any], bound: str, tmp_path: Path) -> None:
    severity, message = short(tmp_path, {"a": service}, "2g")["ZB049"]
    assert severity == "warning"
    assert bound in message
    assert "ZB049" not in short(tmp_path, {"a": service}, "16g")


def test_01_a_share_that_may_be_too_little_is_a_warning(tmp_path: Path) -> None:
    services = {f"s{number}": {"image": f"example/app{number}:1"} for number in range(10)}
    severity, message = short(tmp_path, services, "2g")["ZB029"]
    assert severity == "warning"
    assert message.endswith("no more than 150 MiB")
    assert short(tmp_path, services, "16g")["ZB029"][0] == "info"


def test_32_a_limit_that_was_raised_for_a_heap_draws_no_finding_about_it(adopted: Any) -> None:
    service = {"image": "elasticsearch:8.15.0", "mem_limit": "2g", "environment": {"ES_JAVA_OPTS": "-Xmx4g"}}
    assert "ZB241" in codes(service)
    assert adopted(service).codes & {"ZB241", "ZB022"} == {"ZB022"}


def test_what_a_program_needs_is_not_said_to_be_configured(adopted: Any) -> None:
    assert "known: the least that its tuner works with" in adopted({"image": "caddy:2.10"}).share["explain"]["memory.floor"]
    configured = adopted({"image": "caddy:2.10", "environment": {"GOMEMLIMIT": "1GiB"}})
    assert "configured" in configured.share["explain"]["memory.floor"]


@pytest.mark.parametrize(("environment", "floor"), [({}, 4352), ({"RAM_SIZE": "2G"}, 2304), ({"RAM_SIZE": "8G"}, 8448)])
def test_01_a_virtual_machine_has_its_image_s_memory_or_its_author_s(adopted: Any, environment: dict[str, str], floor: int) -> None:
    assert adopted({"image": "dockurr/windows", "environment": environment}).share["memory"]["floor"] == floor * 1024**2


@pytest.mark.parametrize(
    ("service", "floor"),
    [
        # The heap that an image sets by itself, and beside it 192 MiB and a tenth of it, or less of a small one.
        ({"image": "sonatype/nexus3:3.70.1"}, 3166),
        ({"image": "sonatype/nexus3:3.70.1", "environment": {"INSTALL4J_ADD_VM_PARAMS": "-Xms1200m -Xmx1200m"}}, 1500),
        ({"image": "atlassian/confluence:9.2"}, 1280),
        ({"image": "atlassian/jira-software:10", "environment": {"JVM_MAXIMUM_MEMORY": "2g"}}, 2445),
        ({"image": "jetbrains/teamcity-server:2025.03"}, 2445),
        # Two heaps of three are the image's own still.
        ({"image": "sonarqube:lts", "environment": {"SONAR_WEB_JAVAOPTS": "-Xmx2g"}}, 3853),
        # The author's heap counts in place of the floor for the default one.
        ({"image": "elasticsearch:8.15.0", "environment": {"ES_JAVA_OPTS": "-Xms256m -Xmx256m"}}, 448),
        ({"image": "apache/kafka:4.0.0", "environment": {"KAFKA_HEAP_OPTS": "-Xmx512m"}}, 704),
        ({"image": "itzg/minecraft-server", "environment": {"MEMORY": "512M"}}, 704),
        ({"image": "itzg/mc-proxy"}, 704),
        ({"image": "container-registry.oracle.com/database/free:23.4.0.0"}, 2048),
        ({"image": "ghcr.io/immich-app/postgres:14-vectorchord0.4.3-pgvectors0.2.0"}, 2048),
    ],
)
def test_01_what_an_image_sets_by_itself_is_its_floor_until_the_author_writes_another(
    adopted: Any, service: dict[str, Any], floor: int
) -> None:
    assert -(-adopted(service).share["memory"]["floor"] // 1024**2) == floor


def test_01_what_a_vendor_recommends_is_a_request_and_refuses_nothing(tmp_path: Path) -> None:
    services = {"a": {"image": "onlyoffice/documentserver:8.2"}}
    assert short(tmp_path, services, "2g")["ZB048"] == ("info", "it gets 1497 MiB, and its vendor asks for 4096 MiB (docs/images.md)")
    assert {"ZB029", "ZB048"}.isdisjoint(short(tmp_path, services, "8g"))


@pytest.mark.parametrize("memory", ["3g", "4g"])
def test_04_connections_of_the_author_fit_where_buffers_give_way(memory: str, tmp_path: Path) -> None:
    services = {"a": {"image": "postgres:17", "command": "postgres -c max_connections=1000"}}
    assert "ZB031" not in short(tmp_path, services, memory)
    written = yaml.safe_load((tmp_path / "compose.yml").read_text(encoding="utf-8"))
    assert written["services"]["a"] == services["a"]


@pytest.mark.parametrize(("limit", "connections"), [("1g", {}), ("3g", {"command": "postgres -c max_connections=500"})])
def test_05_work_mem_is_no_smaller_than_postgresql_s_default(adopted: Any, limit: str, connections: dict[str, Any]) -> None:
    assert "work_mem=4MB" in adopted({"image": "postgres:17", "mem_limit": limit, **connections}).service["command"]


def test_17_a_job_that_others_wait_for_is_no_server_and_its_cut_says_who_waits(tmp_path: Path) -> None:
    job = {"image": "n8nio/n8n:2.40.7", "command": ["n8n"], "mem_limit": "1g", "restart": "no"}
    services = {
        "job": job,
        "app": {"image": "example/app:1", "mem_limit": "1g", "depends_on": {"job": {"condition": "service_completed_successfully"}}},
    }
    (tmp_path / "compose.yml").write_text(yaml.safe_dump({"services": services}), encoding="utf-8")
    wish = Wish(capacity={"memory": "2g", "cpus": 2}, policy={}, profiles=frozenset(), accepted={}, host={})
    result = adopt([str(tmp_path / "compose.yml")], wish)
    assert result["budget"]["services"]["job"]["memory"]["floor"] < 1024**3
    told = {finding["path"]: finding["message"] for finding in result["findings"] if finding["code"] == "ZB028"}
    assert told["services.job.mem_limit"].endswith(", and app starts only after it ends with success")
    assert "only after" not in told["services.app.mem_limit"]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about real files: what is said is true, and what would bite is said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import facts_of
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Finding
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt

CASES = Path(__file__).parent
SERVER = {"ZB112", "ZB117", "ZB124", "ZB155", "ZB156", "ZB157", "ZB165", "ZB171", "ZB177", "ZB180", "ZB200", "ZB211", "ZB222"}
POSTGRES = {"image": "postgres:17", "restart": "always"}


def compose(case: str) -> Any:
    (folder,) = CASES.glob(f"{case}-*")
    return yaml.safe_load((folder / "compose.yml").read_text(encoding="utf-8"))


def found(case: str, service: str = "") -> dict[str, Finding]:
    return {finding.code: finding for finding in inspect(compose(case)) if finding.path.startswith(f"services.{service}")}


def codes(services: dict[str, Any], service: str) -> set[str]:
    return {finding.code for finding in inspect({"services": services}) if finding.path.startswith(f"services.{service}")}


def test_17_a_job_that_pulls_a_model_is_no_model_server() -> None:
    pull = compose("17")["services"]["pull"]
    assert facts_of(ImageName.parse(pull["image"]), [pull["entrypoint"]], pull["command"]).floor == 0
    assert {"ZB181", "ZB140"}.isdisjoint(found("17", "pull"))
    assert "ZB140" in found("17", "ollama")


@pytest.mark.parametrize(
    "service",
    [
        {"image": "ollama/ollama", "command": "pull llama3.2"},
        {"image": "minio/minio", "entrypoint": ["/bin/sh", "-c", "mc alias set s3 http://minio:9000 && mc mb s3/a"]},
        {"image": "postgres:17", "command": ["psql", "-h", "db", "-f", "/schema.sql"]},
        {"image": "redis:8", "command": "redis-cli -h cache flushall"},
    ],
)
def test_17_a_job_needs_no_policy_and_no_probe(service: dict[str, Any]) -> None:
    assert codes({"a": service}, "a") & (SERVER | {"ZB181", "ZB140"}) == set()


def test_26_a_client_with_an_entrypoint_of_its_own_is_no_server() -> None:
    assert SERVER & found("26").keys() == set()


@pytest.mark.parametrize(
    "service",
    [
        {
            "image": "postgres:16",
            "command": ["sh", "-c", "while true; do pg_dump -h postgres -U postgres app | gzip > /b/a; sleep 1d; done"],
        },
        {"image": "mysql:8.4", "entrypoint": "sh /backup.sh"},
        {"image": "mongo:8", "command": ["mongodump", "--host", "db"]},
        {"image": "redis:8", "command": ["redis-cli", "-h", "cache", "monitor"]},
    ],
)
def test_26_other_clients(service: dict[str, Any]) -> None:
    assert SERVER & codes({"a": {**service, "restart": "always"}}, "a") == set()


def test_27_a_script_of_the_first_start_may_read_any_variable() -> None:
    assert "ZB200" not in found("27")


def test_27_only_settings_of_postgresql_are_advised_as_settings() -> None:
    told = inspect({"services": {"a": {**POSTGRES, "environment": {"POSTGRES_WORK_MEM": "8MB", "POSTGRES_NON_ROOT_USER": "app"}}}})
    assert [finding.fix for finding in told if finding.code == "ZB200"] == ["write it in the command: -c work_mem=…"]


@pytest.mark.parametrize("name", ["MARIADB_RANDOM_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "APP_USE_TOKEN", "DISABLE_SECRET"])
@pytest.mark.parametrize("value", ["yes", "1", True, "on", 0])
def test_28_a_switch_is_no_secret(name: str, value: object) -> None:
    assert {"ZB151", "ZB152"}.isdisjoint(found("28"))
    assert {"ZB151", "ZB152"}.isdisjoint(codes({"a": {"image": "mariadb:11.4", "environment": {name: value}}}, "a"))


def test_28_a_secret_in_the_file_is_said_once() -> None:
    assert codes({"a": {"image": "x", "environment": {"API_KEY": "abcdef"}}}, "a") & {"ZB151", "ZB152"} == {"ZB152"}
    assert codes({"a": {"image": "x", "environment": {"API_KEY": "${API_KEY}"}}}, "a") & {"ZB151", "ZB152"} == {"ZB151"}


def test_29_a_probe_that_the_image_has_is_not_missed() -> None:
    assert "ZB140" not in found("29")
    built_in = ["ghcr.io/goauthentik/server:2026.2", "gitlab/gitlab-ee:18.2.0-ee.0", "qmcgaw/gluetun:v3", "ghcr.io/gethomepage/homepage:v1"]
    assert [image for image in built_in if "ZB140" in codes({"a": {"image": image}}, "a")] == []


def test_29_of_an_unknown_image_no_absence_is_claimed() -> None:
    (told,) = [finding.message for finding in inspect({"services": {"a": {"image": "example/app:1"}}}) if finding.code == "ZB140"]
    assert told == "the file has no health check; the image may have one"


def test_30_a_server_that_asks_is_not_said_to_ask_nobody() -> None:
    for service in ("db", "cache"):
        finding = found("30", service)["ZB160"]
        assert (finding.severity, "password" in finding.message) == ("warning", False)


@pytest.mark.parametrize(
    ("service", "is_open"),
    [
        ({"image": "redis:8"}, True),
        ({"image": "redis:8", "command": "redis-server --requirepass x"}, False),
        ({"image": "redis:8", "volumes": ["./redis.conf:/usr/local/etc/redis/redis.conf"]}, False),
        ({"image": "bitnami/redis:8", "environment": {"REDIS_PASSWORD": "${PW}"}}, False),
        ({"image": "mongo:8"}, True),
        ({"image": "mongo:8", "environment": {"MONGO_INITDB_ROOT_USERNAME": "root", "MONGO_INITDB_ROOT_PASSWORD_FILE": "/x"}}, False),
        ({"image": "memcached:1"}, True),
        ({"image": "ollama/ollama:0.11"}, True),
        ({"image": "postgres:17", "environment": {"POSTGRES_HOST_AUTH_METHOD": "trust"}}, True),
        ({"image": "mysql:8.4", "environment": {"MYSQL_ROOT_PASSWORD_FILE": "/x"}}, False),
        ({"image": "elasticsearch:8.19.0"}, False),
        ({"image": "elasticsearch:8.19.0", "environment": ["xpack.security.enabled=false"]}, True),
        ({"image": "elasticsearch:7.17.0"}, True),
        ({"image": "prom/prometheus:v3"}, True),
    ],
)
def test_30_who_asks_for_a_password(service: dict[str, Any], is_open: bool) -> None:
    told = [f.message for f in inspect({"services": {"a": {**service, "ports": ["9:9"]}}}) if f.code == "ZB160"]
    assert [("asks for no password" in message) for message in told] == [is_open]


def test_30_a_port_of_an_application_is_a_note() -> None:
    (told,) = [f for f in inspect({"services": {"a": {"image": "example/app:1", "ports": ["8080:80"]}}}) if f.code == "ZB160"]
    assert told.severity == "info"


def test_30_a_port_that_our_firewall_closes_is_said_to_be_closed() -> None:
    (told,) = [f for f in inspect(compose("30"), {"closes_ports": True}) if f.path == "services.db.ports[0]"]
    assert (told.severity, told.message, told.fix) == (
        "info",
        "the firewall closes it to the world",
        "add 5432 to stack_public_ports to open it",
    )


def test_31_the_proxy_that_is_advised_draws_no_finding() -> None:
    assert "ZB161" not in found("31")


@pytest.mark.parametrize("case", ["03", "04", "05", "06", "13", "17", "26", "27", "28", "29", "30", "31", "32", "36", "38"])
def test_32_what_adopt_writes_draws_no_finding(case: str, tmp_path: Path) -> None:
    (folder,) = CASES.glob(f"{case}-*")
    shutil.copy(folder / "compose.yml", tmp_path)
    wish = Wish(capacity={"memory": "64g", "cpus": 8}, policy={}, profiles=frozenset(), accepted={}, host={})
    before = {(finding.code, finding.path) for finding in inspect(compose(case))}
    result = adopt([str(tmp_path / "compose.yml")], wish)
    assert result["problems"] == []
    for file in result["files"]:
        Path(file["path"]).write_text(file["content"], encoding="utf-8")
    after = inspect(yaml.safe_load((tmp_path / "compose.yml").read_text(encoding="utf-8")))
    assert {(finding.code, finding.path) for finding in after} - before == set()


def test_34_postgres_without_a_number_is_18() -> None:
    assert found("34")["ZB170"].severity == "error"
    assert "ZB171" not in found("34")


@pytest.mark.parametrize("tag", ["", ":latest", ":alpine", ":trixie", ":bookworm", ":18-alpine", ":19beta1"])
def test_34_tags_of_18(tag: str) -> None:
    service = {"image": f"postgres{tag}", "volumes": ["pg:/var/lib/postgresql/data"]}
    assert "ZB170" in codes({"a": service}, "a")
    assert "ZB170" not in codes({"a": {**service, "environment": {"PGDATA": "/var/lib/postgresql/data/pg"}}}, "a")


@pytest.mark.parametrize(
    "image", ["postgres:17", "postgres:17-alpine", "postgres:${PG}", "pgvector/pgvector:pg17", "postgis/postgis:16-3.5"]
)
def test_34_others_take_the_old_path(image: str) -> None:
    assert "ZB170" not in codes({"a": {"image": image, "volumes": ["pg:/var/lib/postgresql/data"]}}, "a")


def test_34_derived_images_are_18_too() -> None:
    for image in ("postgis/postgis", "timescale/timescaledb:latest-pg18", "pgvector/pgvector:0.8.1-pg18-trixie"):
        assert "ZB170" in codes({"a": {"image": image, "volumes": ["pg:/var/lib/postgresql/data"]}}, "a")


@pytest.mark.parametrize(
    ("image", "probe", "fails"),
    [
        ("minio/minio:RELEASE.2023-10-25T06-33-25Z", "curl -f http://127.0.0.1:9000/minio/health/live", False),
        ("minio/minio:RELEASE.2023-11-20T22-40-07Z", "curl -f http://127.0.0.1:9000/minio/health/live", True),
        # A static curl is in the image again since the end of March 2024.
        ("minio/minio:RELEASE.2024-12-18T13-15-44Z", "curl -f http://127.0.0.1:9000/minio/health/live", False),
        ("minio/minio:RELEASE.2024-12-18T13-15-44Z", "wget -q http://127.0.0.1:9000/minio/health/live", True),
        ("mongo:8", "mongo --eval 'db.runCommand({ping:1})'", True),
        ("mongo:4.4", "mongo --eval 'db.runCommand({ping:1})'", False),
        ("mongo:4.4", "mongosh --eval 'db.runCommand({ping:1})'", True),
        ("mariadb:11.4", "mysqladmin ping -h 127.0.0.1", True),
        ("mariadb:10.11", "mysqladmin ping -h 127.0.0.1", False),
        ("quay.io/keycloak/keycloak:26.0", "curl -f http://127.0.0.1:9000/health/ready", True),
        ("grafana/loki:3.6.1", "wget -q http://127.0.0.1:3100/ready", True),
        ("postgres:17", "curl http://127.0.0.1", True),
        ("vikunja/vikunja:1", "wget -q http://127.0.0.1:3456", True),
        ("example/app:1", "curl -f http://127.0.0.1", False),
    ],
)
def test_35_a_probe_whose_program_the_version_lacks(image: str, probe: str, fails: bool) -> None:
    told = codes({"a": {"image": image, "healthcheck": {"test": ["CMD-SHELL", probe]}}}, "a")
    assert ("ZB141" in told) is fails


def test_35_minio_of_that_release_has_curl_again() -> None:
    assert "ZB141" not in found("35")


def test_36_two_servers_on_one_volume() -> None:
    assert found("36", "db-new")["ZB187"].severity == "error"


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [
        ({}, {"image": "postgres:16"}, True),
        ({}, {"image": "pgvector/pgvector:pg17"}, True),
        ({}, {"command": ["psql", "-h", "a"]}, False),
        ({}, {"volumes": ["other:/var/lib/postgresql/data"]}, False),
        ({}, {"volumes": ["pg:/var/lib/postgresql/data:ro"]}, False),
        ({}, {"environment": {"PGDATA": "/var/lib/postgresql/data/new"}}, False),
        ({"profiles": ["cpu"]}, {"profiles": ["gpu"]}, False),
        (
            {"image": "postgres:18", "volumes": ["pg:/var/lib/postgresql"]},
            {"image": "postgres:18", "volumes": ["pg:/var/lib/postgresql"]},
            True,
        ),
        (
            {"image": "postgres:18", "volumes": ["pg:/var/lib/postgresql"]},
            {"image": "postgres:19", "volumes": ["pg:/var/lib/postgresql"]},
            False,
        ),
        (
            {"image": "mariadb:11", "volumes": ["./db:/var/lib/mysql"]},
            {"image": "mysql:8.4", "volumes": ["./db:/var/lib/mysql"]},
            True,
        ),
    ],
)
def test_36_other_pairs(one: dict[str, Any], two: dict[str, Any], shared: bool) -> None:
    service = {"image": "postgres:17", "volumes": ["pg:/var/lib/postgresql/data"]}
    assert ("ZB187" in codes({"a": {**service, **one}, "b": {**service, **two}}, "")) is shared


def test_38_kafka_keeps_its_data_where_its_log_dirs_say() -> None:
    finding = found("38")["ZB171"]
    moved, whole = finding.fix.split("; ")
    assert (finding.path, moved) == ("services.kafka.volumes", "set KAFKA_LOG_DIRS=/var/lib/kafka/data and mount a named volume there")
    assert whole == "the first such variable replaces the whole configuration of the image, so write all of it"
    service = {**compose("38")["services"]["kafka"], "environment": {"KAFKA_LOG_DIRS": "/var/lib/kafka/data"}}
    assert "ZB171" not in codes({"kafka": service}, "kafka")
    assert "ZB171" not in codes({"kafka": {"image": "confluentinc/cp-kafka:7.6.0", "volumes": ["k:/var/lib/kafka/data"]}}, "kafka")


def test_25_a_trailing_slash_changes_nothing() -> None:
    assert "ZB171" not in found("25")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table is well formed, and says what it should of an image in a version, a variant and a role."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.images.facts import UNKNOWN, Facts, version
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import facts_of, table
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB


def facts(text: str, *command: str, entrypoint: tuple[str, ...] | None = None, completes: bool = False) -> Facts:
    return facts_of(ImageName.parse(text), entrypoint, command or None, completes=completes)


def test_each_tuner_exists() -> None:
    assert {family.tuner for family in table().families.values()} - {None, "", *TUNERS} == set()


def test_an_unknown_image_is_unknown() -> None:
    assert facts("example/app:1") is UNKNOWN
    assert facts("") is UNKNOWN


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("postgres:17", {"data": ("/var/lib/postgresql/data",), "old_data": "", "version": (17,)}),
        ("postgres:18.1-alpine", {"data": ("/var/lib/postgresql",), "old_data": "/var/lib/postgresql/data"}),
        ("postgres", {"data": ("/var/lib/postgresql",), "version": (18, 6)}),
        ("postgres:${VERSION}", {"data": (), "version": None, "floor": 256 * MIB}),
        ("timescale/timescaledb:2.17.2-pg16", {"data": ("/var/lib/postgresql/data",), "version": (16,), "kind": "postgres"}),
        ("timescale/timescaledb:latest-pg18", {"data": ("/var/lib/postgresql",), "kind": "postgres"}),
        ("influxdb:1.11", {"data": ("/var/lib/influxdb",)}),
        ("influxdb:2.7", {"data": ("/var/lib/influxdb2",)}),
        ("influxdb:3-core", {"data": ("/var/lib/influxdb3",), "port": 8181}),
        ("apache/kafka:4.0.0", {"data": ("/tmp/kraft-combined-logs",), "swap": False}),
        ("confluentinc/cp-kafka:7.6", {"data": ("/var/lib/kafka/data",), "floor": 1280 * MIB}),
        ("gitlab/gitlab-ee:18.2.0-ee.0", {"floor": 4 * GIB, "own_probe": True}),
        ("mcr.microsoft.com/mssql/server:2022-latest", {"floor": 2000 * MIB, "version": (2022,)}),
        ("ghcr.io/example-mail/clamd:1.7", {"kind": "clamav", "floor": 2458 * MIB}),
        ("lscr.io/linuxserver/sonarr:version-4.0", {"data": ("/config",), "own_probe": False}),
        ("bitnamilegacy/postgresql:16.4.0-debian-12-r0", {"kind": "postgres", "data": ("/bitnami/postgresql",), "tuner": ""}),
        ("codeberg.org/forgejo/forgejo:12", {"kind": "gitea", "data": ("/data",)}),
        ("grafana/grafana-enterprise:12.0.0", {"kind": "grafana", "floor": 512 * MIB}),
        ("mongo:4.4", {"tools": None, "kind": "mongodb"}),
        ("open-webui/open-webui:v0.12.4-slim", {"floor": 512 * MIB}),
        ("open-webui/open-webui:v0.12.4", {"floor": 1536 * MIB}),
    ],
)
def test_facts(image: str, expected: dict[str, Any]) -> None:
    known = facts(image)
    assert {name: getattr(known, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("image", "program", "missing"),
    [
        ("minio/minio:RELEASE.2023-10-25T06-33-25Z", "curl", False),
        ("minio/minio:RELEASE.2023-11-01T18-37-25Z", "curl", True),
        ("minio/minio:RELEASE.2024-12-18T13-15-44Z", "curl", False),
        ("minio/minio:latest", "curl", False),
        ("mongo:8", "mongo", True),
        ("mongo:4.4", "mongosh", True),
        ("mongo:4.4", "mongo", False),
        ("mariadb:11.4", "mysqladmin", True),
        ("mariadb:10.6", "mysqladmin", False),
        ("node:22-slim", "curl", True),
        ("node:22", "curl", False),
        ("nginx:1.30-alpine-slim", "curl", True),
        ("grafana/loki:3.5.1", "wget", False),
        ("grafana/loki:3.6.0", "wget", True),
        ("example/app", "curl", False),
    ],
)
def test_missing_programs(image: str, program: str, missing: bool) -> None:
    assert facts(image).missing(program) is missing


@pytest.mark.parametrize(
    ("image", "entrypoint", "command", "role"),
    [
        ("postgres:17", None, (), "server"),
        ("postgres:17", None, ("-c", "shared_buffers=1GB"), "server"),
        ("postgres:17", None, ("postgres", "-c", "shared_buffers=1GB"), "server"),
        ("postgres:17", None, ("psql", "-h", "db"), "client"),
        ("postgres:17", ("sh", "-c", "while :; do pg_dump -h postgres app > /b; sleep 86400; done"), (), "client"),
        ("postgres:17", ("docker-entrypoint.sh",), ("postgres",), "server"),
        ("postgres:17", ("/usr/local/bin/docker-entrypoint.sh",), (), "server"),
        ("postgres:17", None, ("sh", "-c", "exec docker-entrypoint.sh postgres -c fsync=off"), "server"),
        ("redis:7", None, ("redis-cli", "-h", "cache", "monitor"), "client"),
        ("redis:7", None, ("redis-server", "--save", ""), "server"),
        ("redis:7", None, ("sh", "-c", 'exec redis-server --requirepass "$PW"'), "server"),
        ("ollama/ollama", None, ("serve",), "server"),
        ("ollama/ollama", None, ("pull", "llama3.2"), "client"),
        ("ollama/ollama", ("/bin/sh",), ("-c", "sleep 3; OLLAMA_HOST=ollama:11434 ollama pull llama3.2"), "client"),
        ("ollama/ollama", ("/bin/sh", "-c"), ("ollama serve & sleep 5; ollama pull llama3.2; wait",), "server"),
        ("minio/minio", None, ("server", "/data", "--console-address", ":9001"), "server"),
        ("goauthentik/server:2026.2", None, ("server",), "server"),
        ("goauthentik/server:2026.2", None, ("worker",), "worker"),
        ("n8nio/n8n", None, ("worker", "--concurrency=5"), "worker"),
        ("n8nio/n8n", ("/bin/sh",), ("-c", "n8n import:credentials --separate --input=/d && n8n import:workflow --input=/w"), "client"),
        ("mastodon/mastodon", None, ("bundle", "exec", "sidekiq"), "worker"),
        ("python:3.13", None, ("celery", "-A", "app", "worker"), "worker"),
        ("python:3.13", None, ("python", "train.py"), "server"),
        ("node:22", None, ("sh", "-c", "npm ci && npm start"), "server"),
        ("nginx:1.30", ("/bin/sh", "/etc/nginx/start.sh"), ("nginx", "-g", "daemon off;"), "server"),
        ("percona/mongodb_exporter:0.53", ("/bin/busybox", "sh", "-ec"), ("export A=b\nexec /mongodb_exporter --collect-all",), "server"),
        ("quay.io/keycloak/keycloak:26", None, ("start", "--optimized"), "server"),
        ("quay.io/keycloak/keycloak:26", None, ("import", "--dir", "/d"), "client"),
        ("grafana/grafana", ("tini", "--"), ("sleep", "1"), "client"),
    ],
)
def test_roles(image: str, entrypoint: tuple[str, ...] | None, command: tuple[str, ...], role: str) -> None:
    assert facts(image, *command, entrypoint=entrypoint).role == role


def test_a_client_has_the_facts_of_its_image_and_not_those_of_the_server() -> None:
    client = facts("postgres:12", "psql", "-h", "db")
    assert (client.family, client.kind, client.floor, client.data, client.passwords, client.tuner, client.tier) == (
        "postgres",
        "",
        0,
        (),
        (),
        "",
        "",
    )
    assert client.past_support() == ("12", "2024-11-21")
    assert client.missing("curl")


def test_a_job_has_no_floor() -> None:
    job = facts("ollama/ollama", completes=True)
    assert (job.role, job.kind, job.floor) == ("job", "", 0)


def test_an_unknown_version_has_no_end_of_support() -> None:
    assert facts("postgres:${V}").past_support() is None
    assert facts("mysql:8.0.36").past_support() == ("8.0", "2026-04-30")
    assert facts("mysql:8.4").past_support() is None


def test_a_range_of_versions_is_written_as_numbers() -> None:
    assert version("8.0.29") == (8, 0, 29)
    assert version("") == ()

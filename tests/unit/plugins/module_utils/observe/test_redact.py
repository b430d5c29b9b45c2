# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets never leave the host; what the findings need to know of them does."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.findings.inspect import inspect
from ansible_collections.ziggie.stack.plugins.module_utils.observe import redact

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("name", "written", "shown"),
    [
        ("POSTGRES_PASSWORD", SECRET, "${POSTGRES_PASSWORD}"),
        ("API_TOKEN", SECRET, "${API_TOKEN}"),
        ("N8N_ENCRYPTION_KEY", SECRET, "${N8N_ENCRYPTION_KEY}"),
        ("SENTRY_DSN", SECRET, "${SENTRY_DSN}"),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/password", "/run/secrets/password"),
        ("POSTGRES_HOST_AUTH_METHOD", "trust", "trust"),
        ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes", "yes"),
        ("DATABASE_URL", f"postgres://app:{SECRET}@db:5432/app", "postgres://app:${SECRET}@db:5432/app"),
        ("ConnectionString", f"Server=db;User Id=sa;Password={SECRET};", "Server=db;User Id=sa;Password=${SECRET};"),
        ("HARMLESS_LOOKING", "a" * 20 + "0123456789" * 2, "${HARMLESS_LOOKING}"),
        ("PRICE", "5$", "5$$"),
        ("REDIS_HOST", "redis", "redis"),
    ],
)
def test_values(name: str, written: str, shown: str) -> None:
    assert redact.value(name, written) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["redis-server", "--requirepass", SECRET], ["redis-server", "--requirepass", "${SECRET}"]),
        (["server", f"--api-key={SECRET}", "--port", "80"], ["server", "--api-key=${SECRET}", "--port", "80"]),
        (["sh", "-c", f"redis-cli -a {SECRET} ping"], ["sh", "-c", "redis-cli -a ${SECRET} ping"]),
        (["sh", "-c", f"PGPASSWORD={SECRET} psql"], ["sh", "-c", "PGPASSWORD=${SECRET} psql"]),
        (
            ["sh", "-c", f"exec redis-server --requirepass {SECRET} --save ''"],
            ["sh", "-c", "exec redis-server --requirepass ${SECRET} --save ''"],
        ),
        (
            ["CMD-SHELL", 'REDISCLI_AUTH="$(cat /run/secrets/p)" redis-cli ping'],
            ["CMD-SHELL", 'REDISCLI_AUTH="$$(cat /run/secrets/p)" redis-cli ping'],
        ),
        (["postgres", "-c", "password_encryption=scram-sha-256"], ["postgres", "-c", "password_encryption=scram-sha-256"]),
        (["nginx", "-g", "daemon off;"], ["nginx", "-g", "daemon off;"]),
    ],
)
def test_words(words: list[str], shown: list[str]) -> None:
    assert redact.words(words) == shown


def test_a_secret_is_still_found_and_is_not_said_to_stand_in_a_file() -> None:
    environment = {"POSTGRES_PASSWORD": SECRET, "URL": f"redis://:{SECRET}@redis"}
    service = {
        "image": "postgres:17.2",
        "environment": {name: redact.value(name, text) for name, text in environment.items()},
        "command": redact.words(["postgres", "--password", SECRET]),
    }
    codes = [finding.code for finding in inspect({"services": {"db": service}})]
    assert SECRET not in str(service)
    assert (codes.count("ZB150"), codes.count("ZB151"), codes.count("ZB152")) == (1, 2, 0)


def test_what_a_health_check_printed_has_no_password() -> None:
    assert redact.told(f"cannot reach postgres://app:{SECRET}@db: password={SECRET} $x") == (
        "cannot reach postgres://app:${SECRET}@db: password=${SECRET} $x"
    )

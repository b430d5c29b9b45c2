# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs run with the settings that the Budget derived from their limits: they are asked, not their files."""

from __future__ import annotations

import json
import re
from typing import Any

Containers = dict[str, dict[str, Any]]

_UNITS = {
    "": 1,
    "b": 1,
    "k": 1 << 10,
    "kb": 1 << 10,
    "kib": 1 << 10,
    "m": 1 << 20,
    "mb": 1 << 20,
    "mib": 1 << 20,
    "g": 1 << 30,
    "gb": 1 << 30,
    "gib": 1 << 30,
}


def figure(text: str) -> object:
    """Return a setting as a number where it is one, so that 1GB is 1024MB and 1GiB512MiB is 1.5GB."""
    parts = re.findall(r"([\d.]+)([a-z]*)", text.strip().lower())
    if "".join(number + unit for number, unit in parts) != text.strip().lower() or any(unit not in _UNITS for _number, unit in parts):
        return text.strip()
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def settings(budget: dict[str, Any], service: str) -> dict[str, str]:
    found: dict[str, str] = budget["services"][service]["tuning"]["settings"]
    assert found
    return found


def same(live: dict[str, str], wanted: dict[str, str]) -> None:
    assert {name: figure(value) for name, value in live.items()} == {name: figure(value) for name, value in wanted.items()}


def test_postgresql_shows_them(ask: Any, budget: dict[str, Any], containers: Containers) -> None:
    wanted = settings(budget, "postgres")
    shows = " ".join(f"-c 'SHOW {name}'" for name in wanted)
    values = ask(f"docker exec {containers['postgres']['Id']} psql --username postgres --no-align --tuples-only {shows}").splitlines()
    same(dict(zip(wanted, values, strict=True)), wanted)


def test_redis_has_them(ask: Any, budget: dict[str, Any], containers: Containers) -> None:
    wanted = settings(budget, "redis")
    client = (
        f"docker exec -i {containers['redis']['Id']} sh -c 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli --raw CONFIG GET"
    )
    live = {name: ask(f"{client} {name}'").splitlines()[1] for name in wanted}
    same(live, wanted)


def test_nginx_dumps_them(ask: Any, budget: dict[str, Any], containers: Containers) -> None:
    wanted = settings(budget, "nginx")
    dumped = ask(f"docker exec {containers['nginx']['Id']} nginx -T -c /etc/nginx/ziggie/nginx.conf 2>&1")
    live = dict(re.findall(r"^\s*(\w+)\s+([^;{\n]+);", dumped, re.MULTILINE))
    same({name: live[name] for name in wanted}, wanted)


def test_nginx_runs_as_many_workers(ask: Any, budget: dict[str, Any], containers: Containers) -> None:
    running = ask(f"docker top {containers['nginx']['Id']} -eo pid,args").count("nginx: worker process")
    assert running == int(settings(budget, "nginx")["worker_processes"])


def test_pgbouncer_is_configured_so(ask: Any, budget: dict[str, Any], containers: Containers) -> None:
    wanted = settings(budget, "pgbouncer")
    shown = ask(f"docker exec {containers['pgbouncer']['Id']} psql -h /tmp -U pgbouncer -d pgbouncer -Atc 'SHOW CONFIG'")
    live = dict(line.split("|")[:2] for line in shown.splitlines())
    same({name: live[name] for name in wanted}, wanted)


def test_prometheus_has_its_flags(fetch: Any, budget: dict[str, Any]) -> None:
    wanted = {name: value for name, value in settings(budget, "prometheus").items() if not name.isupper()}
    flags = json.loads(fetch("http://127.0.0.1:9090/api/v1/status/flags"))["data"]
    same({name: flags[name] for name in wanted}, wanted)


def test_a_program_has_its_environment(service: str, ask: Any, budget: dict[str, Any], containers: Containers) -> None:
    wanted = budget["services"][service]["tuning"]["environment"]
    process = containers[service]["State"]["Pid"]
    live = dict(entry.split("=", 1) for entry in ask(f"cat /proc/{process}/environ").split("\0") if "=" in entry)
    assert {name: live.get(name) for name in wanted} == wanted


def test_a_program_has_its_arguments(service: str, budget: dict[str, Any], containers: Containers) -> None:
    wanted = budget["services"][service]["tuning"]["arguments"]
    live = containers[service]["Args"]
    assert [word for word in wanted if word not in live] == []

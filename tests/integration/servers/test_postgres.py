# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL starts with what was computed for it and says the same back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import KIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import limits, tuned
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.budget.tune.worst import postgres_size

pytestmark = pytest.mark.integration

DATA = "/tmp/postgres"  # a directory of the sandbox
OWNER = "postgres"
SIZES = ("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem", "autovacuum_work_mem")
READ = "psql -h 127.0.0.1 -U postgres -d postgres -AtF ' ' -c 'SELECT name, current_setting(name) FROM pg_settings'"


@pytest.fixture(scope="module")
def data(box: Sandbox) -> str:
    """Make one cluster for all limits."""
    box.directory(DATA, OWNER)
    box.directory("/var/run/postgresql", OWNER)
    box.run(["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups", "initdb", "-U", "postgres", "-A", "trust", "-N", DATA])
    return DATA


@pytest.fixture(scope="module")
def memory(box: Sandbox) -> int:
    """Return the bytes that the machine has."""
    return int(box.run(["awk", "/^MemTotal/ {print $2}", "/proc/meminfo"])) * KIB


def values(lines: str) -> dict[str, str]:
    return dict(line.partition(" ")[::2] for line in lines.splitlines())


def same(found: Mapping[str, str], settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        if name in SIZES:
            assert postgres_size(found[name]) == postgres_size(value), name
        else:
            assert found[name] == value, name


@pytest.mark.parametrize(("cpus", "limit"), [(cpus, limit) for cpus in (0.8, 4) for limit in limits("postgres", cpus)])
def test_postgres_runs_with_it(box: Sandbox, data: str, memory: int, limit: int, cpus: float) -> None:
    service = tuned("postgres", limit, cpus=cpus)
    environment = {"PGDATA": data}
    if postgres_size(service.settings["shared_buffers"]) > memory * 3 // 4:
        # More shared memory than this machine has: the server parses it without taking it.
        for name, value in service.settings.items():
            command = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups", *service.command, "-C", name]
            same({name: box.run(command, environment=environment).strip()}, {name: value})
        return
    found = values(box.serve(service.command, ready="pg_isready -q -h 127.0.0.1", read=READ, user=OWNER, environment=environment))
    same(found, service.settings)


def test_postgres_refuses_the_size_that_the_report_has(box: Sandbox, data: str) -> None:
    service = tuned("postgres", limits("postgres")[-1])
    with pytest.raises(AssertionError, match='invalid value for parameter "effective_cache_size"'):
        box.serve(
            [*service.command, "-c", "effective_cache_size=2.25G"], ready="false", read="true", user=OWNER, environment={"PGDATA": data}
        )

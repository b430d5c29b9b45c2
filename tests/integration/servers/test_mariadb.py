# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MariaDB starts with what was computed for it, says the same back, and takes less at rest than is counted for it."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.mysql import CONNECTION, MARIADB
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.grammar import MYSQL
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, KIB, MIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import derived, least

pytestmark = pytest.mark.integration

DATA = "/tmp/mariadb"  # a directory of the sandbox
OWNER = 999
CONNECTIONS = 100
OPTIONS = (f"--datadir={DATA}", f"--socket={DATA}/socket", f"--pid-file={DATA}/pid", "--skip-networking", "--skip-grant-tables")
CLIENT = f"mariadb --no-defaults --socket={DATA}/socket -N -B"
MEMORY = f"awk '/^RssAnon/ {{print \"memory\", $2}}' /proc/$(cat {DATA}/pid)/status"
HOLD = f"for i in $(seq {CONNECTIONS}); do {CLIENT} -e 'SELECT SLEEP(3)' >/dev/null & done; sleep 2"


@pytest.mark.parametrize("limit", [least("mariadb"), 512 * MIB + 1, GIB, 3 * GIB])
def test_mariadb_runs_with_it(box: Sandbox, limit: int) -> None:
    tuning = derived("mariadb", limit)
    box.directory(DATA, OWNER)
    # Without logins the server does not need its own tables.
    box.directory(f"{DATA}/mysql", OWNER)
    said = box.serve(
        ["mariadbd", "--no-defaults", *OPTIONS, *tuning.arguments],
        ready=f"{CLIENT} -e 'SELECT 1'",
        read=f"{CLIENT} -e 'SHOW GLOBAL VARIABLES'; {MEMORY}; {HOLD}; {MEMORY}; wait",
        user=OWNER,
    )
    lines = [line.split(None, 1) for line in said.splitlines()]
    found = {line[0]: line[1] for line in lines if len(line) == 2}
    assert {name: MYSQL.bytes(found[name]) for name in tuning.settings} == {
        name: MYSQL.bytes(value) for name, value in tuning.settings.items()
    }
    assert (found["max_connections"], found["performance_schema"]) == ("151", "OFF")
    before, after = (int(line[1]) * KIB for line in lines if line[0] == "memory")
    assert before < MARIADB.base + MYSQL.bytes(tuning.settings["innodb_buffer_pool_size"]) // 10
    assert after - before < CONNECTIONS * CONNECTION

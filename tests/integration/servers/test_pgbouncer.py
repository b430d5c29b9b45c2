# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer takes the file that was rendered for it and says the same back."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import PASSWORD, limits, tuned

pytestmark = pytest.mark.integration

OWNER = 70
# The rendered file lets nobody ask it; this one lets the application's role.
WRAPPER = "/etc/pgbouncer/asked.ini"
ASKED = "%include /etc/pgbouncer/pgbouncer.ini\nadmin_users = ziggie\n"
READ = "psql -h 127.0.0.1 -p 5432 -U ziggie -d pgbouncer -AtF ' ' -c 'SHOW CONFIG' | cut -d' ' -f1,2"


@pytest.mark.parametrize("server", [GIB, 3 * GIB])
@pytest.mark.parametrize("limit", limits("pgbouncer"))
def test_pgbouncer_runs_with_it(box: Sandbox, limit: int, server: int) -> None:
    service = tuned("pgbouncer", limit, beside={"postgres": server})
    box.directory("/etc/pgbouncer", OWNER)
    box.write({**service.files, WRAPPER: ASKED}, OWNER)
    found = box.serve(
        ["pgbouncer", WRAPPER],
        ready="pg_isready -q -h 127.0.0.1 -p 5432",
        read=READ,
        user=OWNER,
        environment={"PGPASSWORD": PASSWORD},
    )
    settings = dict(line.partition(" ")[::2] for line in found.splitlines())
    assert {name: settings[name] for name in service.settings} == dict(service.settings)

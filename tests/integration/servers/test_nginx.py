# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx starts with what was computed for it: as many workers, with as many connections and files."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox
from ansible_collections.ziggie.stack.tests.integration.servers.stack import limits, tuned

pytestmark = pytest.mark.integration

OWNER = 101
READ = r"""
config=/etc/nginx/ziggie/nginx.conf
workers=$(pgrep -f '^nginx: worker process')
printf 'workers %s\n' "$(wc -w <<<"${workers}")"
for worker in ${workers}; do awk '/^Max open files/ {print "files " $4}' "/proc/${worker}/limits"; done | sort -u
nginx -T -q -c "${config}" 2>/dev/null | sed -nE 's/^ *(worker_[a-z_]+) ([0-9]+);/\1 \2/p'
"""


@pytest.mark.parametrize(("cpus", "limit"), [(cpus, limit) for cpus in (0.2, 2) for limit in limits("nginx", cpus)])
def test_nginx_runs_with_it(box: Sandbox, limit: int, cpus: float) -> None:
    service = tuned("nginx", limit, cpus=cpus)
    box.directory("/etc/nginx/tls", OWNER)
    box.directory("/etc/nginx/ziggie", OWNER)
    box.write(service.files, OWNER)
    found = box.serve(service.command, ready="curl -fsS http://127.0.0.1:8081/healthz", read=READ, user=OWNER)
    settings = dict(line.split() for line in found.splitlines())
    assert {name: settings[name] for name in service.settings} == dict(service.settings)
    assert settings["workers"] == service.settings["worker_processes"]
    assert settings["files"] == service.settings["worker_rlimit_nofile"]

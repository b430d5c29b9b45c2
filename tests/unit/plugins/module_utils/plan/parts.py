# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file's part of one host, for tests to change one thing at a time."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileChange, FileDigest
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.changes import HostChange
from ansible_collections.ziggie.stack.plugins.module_utils.plan.contract import HostPlan, Key, host_plan
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import Live, make
from ansible_collections.ziggie.stack.plugins.module_utils.settings.hooks import parse
from ansible_collections.ziggie.stack.tests.unit.samples import container, released

KEY = Key(machine="the host's own id")
SECRET = "hunter2"


def part(**changed: Any) -> HostPlan:
    """Return the part of a host where redis runs and is recreated for another password in its environment."""
    given: dict[str, Any] = {
        "host": "vps",
        "memory": "8g",
        "asked": True,
        "engine_runs": True,
        "key": KEY,
        "wanted": {"packages": []},
        "services": {"redis": released(definition="new", parts={"environment.PASSWORD": SECRET})},
        "released": {"redis": released(parts={"environment.PASSWORD": "old"})},
        "containers": [container()],
        "files": [FileDigest.of("/opt/ziggie/stack/compose.yml", SECRET.encode(), "0644")],
        "file_changes": (FileChange(path="/opt/ziggie/stack/compose.yml", action="write"),),
        "host_changes": (HostChange(kind="file", subject="/etc/docker/daemon.json", before="absent", after="written", diff=(SECRET,)),),
        "secrets": ["/opt/ziggie/stack/secrets/n8n/key"],
        "recipes": [{"path": "n8n/key", "content": SECRET}],
        "credentials": {"redis_password": SECRET},
        "versions": ("28.0.0", "2.40.0"),
        "hooks": [{"when": "before", "of": "deploy", "url": f"https://example.org/{SECRET}", "environment": {"TOKEN": SECRET}}],
        "live": True,
        **changed,
    }
    changes = compare(given["services"], given["containers"], released=given["released"])
    plan = make(
        given["host"],
        asked=given["asked"],
        engine_runs=given["engine_runs"],
        budget=solve({"services": {"redis": {"image": "redis:8"}}}, {"memory": given["memory"], "cpus": 2}, {}),
        fitting=None,
        findings=given.get("findings", ()),
        host_changes=given["host_changes"],
        live=Live(changes=changes, files=given["file_changes"]) if given["live"] else None,
        hooks=parse(given["hooks"])[0],
    )
    passed = ("key", "wanted", "services", "files", "containers", "secrets", "recipes", "credentials", "versions", "hooks")
    return host_plan(plan, **{name: given[name] for name in passed})

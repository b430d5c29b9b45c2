# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release as files: what lies on the host holds no way of making a secret."""

from __future__ import annotations

import base64
import json
import zipfile
from io import BytesIO
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.plugin_utils.release import documents

COMPOSE: dict[str, Any] = {
    "services": {"web": {"image": "web:1", "secrets": ["web__key", "web__conf"], "volumes": ["web_data:/data"]}},
    "secrets": {
        "web__key": {"file": "./secrets/web/key", "x-secret": {"uid": 5, "gid": 6}},
        "web__conf": {"file": "./secrets/web/conf", "x-secret": {"content": "password @db@\n"}},
        "of_nobody": {"file": "./secrets/no/body"},
    },
    "volumes": {"web_data": {}, "of_nobody": {}},
}


def budget(compose: dict[str, Any]) -> dict[str, Any]:
    return solve(compose, {"memory": "8g", "cpus": 2}).to_dict()


BUDGET = budget(COMPOSE)
MADE = documents(COMPOSE, BUDGET, {"config/web/a.conf": "text"}, "/srv")
TEXTS = {entry["path"]: entry["content"] for entry in MADE["files"]}


def test_the_files_of_a_release() -> None:
    assert sorted(TEXTS) == ["/srv/budget.json", "/srv/compose.yml", "/srv/config/web/a.conf", "/srv/release.json"]
    assert json.loads(TEXTS["/srv/budget.json"]) == BUDGET
    assert json.loads(TEXTS["/srv/release.json"])["services"] == MADE["services"]
    assert MADE["exclusive"] == ["/srv/config", "/srv/bin"]


def test_recipes_of_secrets_go_to_the_host_only_as_such() -> None:
    definition = yaml.safe_load(TEXTS["/srv/compose.yml"])
    assert definition["secrets"] == {"web__key": {"file": "./secrets/web/key"}, "web__conf": {"file": "./secrets/web/conf"}}
    assert MADE["secrets"] == [
        {"path": "web/key", "content": "@key@", "uid": 5, "gid": 6},
        {"path": "web/conf", "content": "password @db@\n", "uid": 0, "gid": 0},
    ]


def test_what_nobody_uses_is_left_out() -> None:
    definition = yaml.safe_load(TEXTS["/srv/compose.yml"])
    assert list(definition["volumes"]) == ["web_data"]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert documents(COMPOSE, BUDGET, {"config/web/a.conf": "text"}, "/srv") == MADE


def test_a_host_that_can_look_gets_what_it_looks_with() -> None:
    exporter = {**COMPOSE["services"], "node-exporter": {"image": "node:1"}}
    compose = {**COMPOSE, "services": exporter, "x-monitoring": {"project": "shop", "backups": {"web": "/var/backups/web"}}}
    made = documents(compose, budget(compose), {}, "/srv/stack", live_state=True)
    files = {entry["path"]: entry for entry in made["files"]}
    program = files["/srv/stack/bin/live-state"]
    assert (program["encoding"], program["mode"]) == ("base64", "0755")
    assert "__main__.py" in zipfile.ZipFile(BytesIO(base64.b64decode(program["content"]))).namelist()
    service = files["/etc/systemd/system/ziggie-live-state.service"]["content"]
    assert "ExecStart=/usr/bin/python3 -I -S /srv/stack/bin/live-state /srv/stack\n" in service
    assert "InaccessiblePaths=-/srv/stack/secrets -/srv/secrets\n" in service
    assert "OnCalendar=*:*:0/30\n" in files["/etc/systemd/system/ziggie-live-state.timer"]["content"]
    released = json.loads(files["/srv/stack/release.json"]["content"])
    assert released["live_state"] == {
        "project": "shop",
        "file": "/run/ziggie-live-state/ziggie.prom",
        "backups": {"web": "/var/backups/web"},
    }
    blind = documents(compose, budget(compose), {}, "/srv/stack")
    assert [path for path in files if path not in {entry["path"] for entry in blind["files"]}] == [
        "/srv/stack/bin/live-state",
        "/etc/systemd/system/ziggie-live-state.service",
        "/etc/systemd/system/ziggie-live-state.timer",
    ]


def test_what_prometheus_must_not_lack_is_asked_for() -> None:
    assert (MADE["vanished"], MADE["watched"]) == ("", {})
    compose = {**COMPOSE, "services": {name: {"image": "it:1"} for name in ("prometheus", "cadvisor")}}
    made = documents(compose, budget(compose), {}, "/srv")
    query = made["vanished"]
    assert made["watched"] == {
        "container_memory_working_set_bytes": ["cadvisor", "prometheus"],
        "prometheus_tsdb_storage_blocks_bytes": ["prometheus"],
    }
    assert "absent(container_memory_working_set_bytes)" in query
    assert "redis" not in query

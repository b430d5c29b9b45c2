# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The release of every inventory in this repository is, file by file, the one that was reviewed last.

`python tests/unit/catalog/test_golden.py` records what it is now: the difference in golden.json is what a change does to hosts.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import mount
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.module_utils.render.host import Host
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.plugins.plugin_utils.front import PUBLIC_KEY
from ansible_collections.ziggie.stack.plugins.plugin_utils.release import documents

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).with_name("golden.json")
CAPACITY = {"memory": "15974m", "cpus": 4, "disk": "173g"}
CLASSES = {"hot": "/mnt/nvme/ziggie", "log": "/var/log/ziggie"}
# A server whose inventory says nothing, as ziggie.stack.init writes it, has none in the repository.
INVENTORIES = {"kvm4": "inventories/kvm4", "lab": "inventories/lab", "server": "", "vps": "molecule/vps/inventory"}


def release(inventory: str) -> dict[str, str]:
    """Return a digest of each file of the release of an inventory, for an imagined host."""
    place = INVENTORIES[inventory]
    settings: dict[str, Any] = yaml.safe_load((ROOT / place / "group_vars/stack.yml").read_text(encoding="utf-8")) if place else {}
    fragments, wrong = read(ROOT / "roles/catalog/files")
    excluded = settings.get("catalog_excluded", [])
    compose, more = merge(fragments, settings.get("vps_services", {}), excluded, images=settings.get("stack_images", {}))
    if settings.get("stack_front_page"):
        compose[PUBLIC_KEY] = True
    compose, watched = mount(
        compose, {"receivers": [], "heartbeat": {}, "backups": {}, "runbook": "", "host": inventory, "project": "ziggie"}, []
    )
    assert [finding.sentence() for finding in (*wrong, *more, *watched) if finding.severity == "error"] == []
    wish = Wish(policy=settings.get("stack_policy", {}), declared=settings.get("stack_capacity", CAPACITY), classes=CLASSES)
    prepared = prepare(compose, None, wish).to_dict()
    host = {**prepared["capabilities"], "project": "ziggie", "storage_classes": CLASSES, "registry_map": {}, "credentials": []}
    compiled = compile_stack(compose, Budget.from_dict(prepared["budget"]), host=Host.from_dict(host))
    roots = [ROOT / "roles/catalog/templates", ROOT / "roles/monitoring/templates"]
    config = render(roots, prepared["budget"], compose, live_state=True)
    made = documents(compiled, prepared["budget"], config, "/opt/ziggie/stack", live_state=True)
    # The program that looks at the services is code, not what a release says.
    files = {entry["path"]: entry["content"] for entry in made["files"] if "/bin/" not in entry["path"]}
    return {path: hashlib.sha256(content.encode()).hexdigest()[:16] for path, content in sorted(files.items())}


@pytest.mark.parametrize("inventory", INVENTORIES)
def test_the_release_is_the_one_that_was_reviewed(inventory: str) -> None:
    assert release(inventory) == json.loads(GOLDEN.read_text(encoding="utf-8"))[inventory]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({name: release(name) for name in INVENTORIES}, indent=1, sort_keys=True) + "\n", encoding="utf-8")

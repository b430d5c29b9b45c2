# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arms: one stack, with the same programs and settings in each, and with the limits that the arm gives it.

The stack is the catalog's path of a request (nginx, ziggie-api, PgBouncer, PostgreSQL, Redis) and services that misbehave. The budget
is solved for the group of processes that stands for the host, so that its limits add up as they do on a real one.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.capabilities import decide
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.directories import lay_out
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.module_utils.render.host import Host
from ansible_collections.ziggie.stack.plugins.module_utils.settings.host import Settings
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB, compose_size, cores
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.plugins.plugin_utils.release import documents

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ("nginx", "pgbouncer", "postgres", "redis", "ziggie-api")
ARMS = ("quiet", "busy", "plain", "report", "ours")
# What each does is in host/hog.py.
HOGS = {
    "hog-memory": "memory",
    "hog-cpu-1": "cpu",
    "hog-cpu-2": "cpu",
    "hog-cpu-3": "cpu",
    "hog-forks": "forks",
    "hog-disk": "disk",
    "hog-log": "log",
}
LEAKERS = {"hog-leak": "leak"}
# The host of the experiment: less memory than any machine has that runs it, and the report's number of CPUs.
MEMORY = 2560 * MIB
CAPACITY = {"memory": MEMORY, "cpus": 4}
POLICY = {"reserve": {"memory": 0, "cpus": 0}, "margin": {"memory": "100m"}, "cpuset": "split"}
PIDS = 2000
# What the report gives a service of its last tier (portainer, open-webui): limits.cpus, limits.memory, pids_limit.
REPORTS = {"cpus": "0.1", "mem_limit": "256m", "pids_limit": 50}
_LIMITS = ("mem_limit", "memswap_limit", "mem_reservation", "cpu_shares", "cpus", "cpuset", "pids_limit", "oom_score_adj", "blkio_config")
_NETWORK = {"name": "ziggie-isolation", "driver": "bridge", "ipam": {"config": [{"subnet": "172.29.0.0/24"}]}}


def stack() -> dict[str, Any]:
    """Return the definition that is budgeted: the path of a request, and what misbehaves beside it."""
    fragments, _findings = read(ROOT / "roles/catalog/files")
    everything = {name for fragment in fragments for name in fragment.get("services", {})}
    compose, findings = merge(fragments, {}, sorted(everything - set(SERVICES)))
    if findings:
        raise ValueError(findings[0].sentence())
    compose["networks"] = {"default": _NETWORK}
    # Nothing is published: the load knocks at the container's own address.
    compose["services"]["nginx"].pop("ports")
    image = compose["services"]["ziggie-api"]["image"]
    for name, kind in {**HOGS, **LEAKERS}.items():
        compose["services"][name] = {
            "image": image,
            "user": "10001:10001",
            "entrypoint": ["python3", "/hog/hog.py", kind],
            "volumes": ["./hog:/hog:ro", *([f"{name}:/scratch"] if kind == "disk" else [])],
            "labels": {"ziggie.isolation.hog": kind},
            "restart": "always",
            "init": True,
            "stop_grace_period": "1s",
            # Nothing but its tier: the rest is what the policy gives to a service that does not say.
            "x-budget": {"tier": "management"},
        }
        if kind == "disk":
            compose["volumes"][name] = {}
            compose["services"][name]["x-budget"]["storage"] = {
                name: {"class": "hot", "path": name, "owner": 10001, "group": 10001, "mode": "0700"}
            }
    return compose


def build(host: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Return `files` by path, `secrets`, `directories` and the `budget` for a host as `drive.py facts` tells it."""
    compose = stack()
    capacity = {**CAPACITY, "cores": host["facts"]["cores"]}
    budget = solve(compose, capacity, POLICY)
    capabilities, _choice = decide(Facts.from_dict(host["facts"]), Settings(), {})
    able = {**capabilities.to_dict(), "storage_classes": {"hot": f"{base}/data"}, "registry_map": host["registry_map"], "credentials": []}
    compiled = compile_stack(compose, budget, host=Host.from_dict(able))
    for service in compiled["services"].values():
        service["cgroup_parent"] = host["parent"]
    roots = [ROOT / "roles/catalog/templates", ROOT / "roles/monitoring/templates"]
    released = documents(compiled, budget.to_dict(), render(roots, budget.to_dict(), compose), f"{base}/stack")
    files = {entry["path"]: entry["content"] for entry in released["files"] if "/config/" in entry["path"]}
    definition = next(entry["content"] for entry in released["files"] if entry["path"].endswith("/compose.yml"))
    directories, wrong = lay_out(budget, {"hot": f"{base}/data"}, {})
    if wrong:
        raise ValueError(wrong[0].sentence())
    return {
        "files": files,
        "definition": definition,
        "secrets": released["secrets"],
        "directories": dump(directories),
        "budget": budget.to_dict(),
        "services": compiled["services"],
    }


def limited(definition: Mapping[str, Any], arm: str, budget: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition with the limits of an arm; `ours` is the one that was compiled."""
    changed = copy.deepcopy(dict(definition))
    if arm == "ours":
        return changed
    for name, service in changed["services"].items():
        for key in _LIMITS:
            service.pop(key, None)
        if arm == "report":
            service.update(REPORTS if name in {**HOGS, **LEAKERS} else _reports(budget["services"][name]))
    return changed


def _reports(share: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the report writes under deploy.resources.limits, which are the requests of the catalog."""
    return {"cpus": cores(share["cpus"]["limit"]), "mem_limit": compose_size(share["memory"]["request"]), "pids_limit": share["pids"]}

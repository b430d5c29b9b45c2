# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack's budget with everything around it that a page can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.budget.surge import Job
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import Container
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits, Limits
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import Plan, container_changes
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump
from ansible_collections.ziggie.stack.plugins.module_utils.validate.check import Check, failed, passed, unknown
from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import page

HEADER = {"title": "Budget of example", "when": "2026-11-23 12:00 UTC"}

_TIERS = ("critical", "workflow", "management")


def budget(number: int = 27, policy: Mapping[str, Any] | None = None, jobs: Sequence[Job] = ()) -> dict[str, Any]:
    """Return the budget of a stack with that many services, one of them off."""
    services = {f"service-{index:04}": _service(index) for index in range(number)}
    services["service-0000"]["x-budget"] |= {"tuning": {"tuner": "postgres", "max_connections": 50}, "requires": ["a_token"]}
    services["service-0000"]["x-budget"]["storage"] = {"data": {"size": "8g", "floor": "1g"}}
    return solve(
        {"services": services, "volumes": {"data": {}}},
        {"memory": f"{2 + number}g", "cpus": 1 + number, "disk": f"{20 + 2 * number}g"},
        policy or {},
        jobs=jobs,
    ).to_dict()


def _service(index: int) -> dict[str, Any]:
    floor = 256 + index % 5 * 90
    memory = {"floor": f"{floor}m", "reservation": "128m", "request": f"{floor + (64 << index % 6)}m"}
    return {"image": f"example/image:{index}", "x-budget": {"tier": _TIERS[index % 3], "memory": memory, "cpus": {"reservation": 0.2}}}


def containers(solved: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a container for each service that is on: every third a stand-in, the last one unhealthy."""
    names = [name for name, service in solved["services"].items() if service["enabled"]]
    return [container(name, solved["services"][name], number) for number, name in enumerate(names)] + [
        container(names[-1], solved["services"][names[-1]], 1) | {"name": "second", "health": "unhealthy"}
    ]


def container(name: str, service: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return one that runs and uses a part of its limit."""
    limit = service["memory"]["limit"]
    return Container(
        service=name,
        number=1,
        name=f"ziggie-{name}-1",
        id=name,
        image=service["image"],
        image_id=service["image"],
        state="running",
        health="healthy",
        health_output="",
        restarts=number % 2,
        oom_killed=number % 7 == 3,
        created=1.0,
        started=2.0,
        exit_code=0,
        labels={},
        limits=Limits(memory=limit),
        kernel=KernelLimits(values={"memory": limit, "pids": service["pids"], "cpu_quota": 500}),
        cgroup_parent="",
        ports=(),
        stand_in=number % 3 == 0,
        unnamed=(),
        use={
            "memory": limit,
            "working_set": limit * (20 + number * 7 % 70) // 100,
            "memory_peak": limit,
            "memory_at_limit": number,
            "cpu": 10 * number,
            "throttled_share": 0.25,
        },
    ).to_dict()


def changes(solved: Mapping[str, Any]) -> dict[str, Any]:
    """Return one change of every kind."""
    services: dict[str, Any] = {name: {"action": "none", "differences": []} for name in solved["services"]}
    names = sorted(services)
    services[names[0]] = {"action": "create", "differences": [{"key": "container", "desired": "running", "live": "absent"}]}
    services[names[1]] = {
        "action": "update",
        "differences": [
            {"key": "limits.memory", "desired": 1 << 30, "live": 2 << 30},
            {"key": "limits.cpu_quota", "desired": 500, "live": 0},
        ],
    }
    services[names[2]] = {"action": "recreate", "differences": [{"key": "image", "desired": "example/image:2", "live": "example/image:1"}]}
    services[names[3]] = {"action": "wait", "differences": [{"key": "health", "desired": "healthy", "live": "starting"}]}
    return compared(services, "left-over")


def compared(services: Mapping[str, Any], *orphans: str) -> dict[str, Any]:
    """Return what a comparison found, as plain data."""
    empty: dict[str, list[str]] = {"deploy": [], "recreate": [], "limits": [], "wait": []}
    lists = {"create": "deploy", "start": "deploy", "recreate": "deploy", "update": "limits", "wait": "wait"}
    busy = {kind: [name for name, one in services.items() if lists.get(one["action"]) == kind] for kind in empty}
    return {"services": services, "tiers": dict.fromkeys(_TIERS, empty) | {"critical": busy}, "create": [], "orphans": list(orphans)}


def plan(solved: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a Plan with changes of every kind; `parts` are fields of its own."""
    everything: dict[str, Any] = {
        "host": "example",
        "asked": True,
        "assumed": "",
        "budget": solved,
        "fitting": None,
        "findings": [],
        "host_changes": [
            {
                "kind": "file",
                "subject": "/etc/docker/daemon.json",
                "before": "another content",
                "after": "written",
                "effect": "the engine restarts, web of blog stops",
                "diff": ["@@ -1 +1 @@", '-  "live-restore": false', '+  "live-restore": true', "+" + "x" * 300],
            },
            {"kind": "kernel", "subject": "vm.swappiness", "before": "60", "after": "10", "effect": "nothing restarts", "diff": []},
        ],
        "files": [{"path": "/opt/ziggie/stack/compose.yml", "action": "write"}],
        "containers": dump(tuple(container_changes(Changes.from_dict(changes(solved))))),
        "runs": [run("", seconds=0.0), run("failed", back_on="1a2b3c", why="The critical tier did not become healthy. redis: " + "x" * 80)],
    }
    return Plan.from_dict(everything | parts).to_dict()


def run(outcome: str, **other: Any) -> dict[str, Any]:
    """Return a run of the host's log."""
    return {
        "at": "2026-11-23T11:00:00Z",
        "verb": "site",
        "who": "anna@laptop",
        "outcome": outcome,
        "seconds": 12.5,
        "plan": "0123456789abcdef",
        "release": "",
        "back_on": "",
        "changed": ["wrote /opt/ziggie/stack/compose.yml", "recreated redis, n8n, postgres and 5 more"],
        "why": "",
        **other,
    }


def checks(subject: str = "redis") -> list[Check]:
    """Return checks of every outcome."""
    return [
        failed("compliance.running", subject, figure="absent", sentence=f"{subject} is absent, not running; run the site playbook"),
        unknown("compliance.slices", sentence="the host has no systemd; nothing can be compared"),
        *(passed("compliance.limits", f"service-{index:04}", figure=f"{index} limits") for index in range(27)),
    ]


def finding(severity: str, **other: Any) -> dict[str, Any]:
    """Return a finding of a severity."""
    return {
        "code": "ZB999",
        "severity": severity,
        "path": f"services.{severity}",
        "message": f"an {severity} it is",
        "fix": "mend it",
        **other,
    }


def full(number: int = 27) -> str:
    """Return the page with everything on it."""
    solved = budget(number)
    extra = [
        finding("warning"),
        finding("info", fix="the cheap way\nthe dear way"),
        finding("accepted", was="warning", reason="it is known"),
    ]
    return page(solved, containers=containers(solved), findings=extra, plan=plan(solved), release="7", **HEADER)

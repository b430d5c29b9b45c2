# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack's budget with everything around it that a page can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.render.page.document import page

HEADER = {"title": "Budget of example", "when": "2026-11-23 12:00 UTC"}

_TIERS = ("critical", "workflow", "management")


def budget(number: int = 27) -> dict[str, Any]:
    """Return the budget of a stack with that many services, one of them off."""
    services = {f"service-{index:04}": _service(index) for index in range(number)}
    services["service-0000"]["x-budget"] |= {"tuning": {"engine": "postgres", "max_connections": 50}, "requires": ["a_token"]}
    services["service-0000"]["x-budget"]["storage"] = {"data": {"size": "8g", "floor": "1g"}}
    return solve(
        {"services": services, "volumes": {"data": {}}}, {"memory": f"{2 + number}g", "cpus": 1 + number, "disk": f"{20 + 2 * number}g"}, {}
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
    return {
        "service": name,
        "name": f"ziggie-{name}-1",
        "state": "running",
        "health": "healthy",
        "restarts": number % 2,
        "oom_killed": number % 7 == 3,
        "stand_in": number % 3 == 0,
        "kernel": {"memory": service["memory"]["limit"], "pids": service["pids"], "cpu_quota": 500},
        "use": {
            "memory": service["memory"]["limit"],
            "working_set": service["memory"]["limit"] * (20 + number * 7 % 70) // 100,
            "memory_peak": service["memory"]["limit"],
            "memory_at_limit": number,
            "cpu": 10 * number,
            "throttled_share": 0.25,
        },
    }


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
    return {"services": services, "tiers": {}, "orphans": ["left-over"], "differs": True}


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
    return page(solved, containers=containers(solved), findings=extra, changes=changes(solved), release="7", **HEADER)

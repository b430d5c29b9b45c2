# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between a release and the containers that run, and the least that mends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..budget.core_list import read as read_cores
from .release import TIERS
from .settle import is_over

# From the mildest to the most disturbing; a service's action is the worst of its differences.
NONE, WAIT, UPDATE, START, RECREATE, CREATE = "none", "wait", "update", "start", "recreate", "create"

# `docker update` cannot change the first; of the others it takes nothing for "as it is", so it cannot lift them.
_FIXED = ("oom_score_adj",)
_NOT_LIFTED = ("memory", "memory_reservation", "cpu_shares", "cpu_quota")

# A kernel that cannot limit swap: the engine then holds -1 or twice the memory, by its version.
_SWAP_UNSAID = ("memory_swap", -1)

Difference = dict[str, Any]


def compare(
    services: Mapping[str, Mapping[str, Any]],
    containers: Iterable[Mapping[str, Any]],
    *,
    stale: Iterable[str] = (),
    released: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Compare a release's services with described containers (`engine.live.describe`).

    `stale` names services whose secrets are newer than their container, `released` the services of the release that is there,
    from which a difference in definition is named part by part. Returns `services` (for each one `action` and its
    `differences`, each with `key`, `desired`, `live`), `tiers` (for each tier the services to `deploy`, those of them to
    `recreate`, whose `limits` to change, to `wait` for), `create` (services of any tier that have no container), `busy` (the
    tiers with anything to do, in their order), `orphans` (services that run and are in no release) and `differs`.
    """
    running: dict[str, list[Mapping[str, Any]]] = {}
    for container in containers:
        running.setdefault(container["service"], []).append(container)
    stale = set(stale)
    found = {
        name: _service(desired, running.get(name, []), stale=name in stale, before=(released or {}).get(name))
        for name, desired in services.items()
    }
    _follow(services, found, _left_behind(services, running))
    tiers = {tier: _tier({name: found[name]["action"] for name in found if services[name]["tier"] == tier}) for tier in TIERS}
    orphans = sorted(name for name in running if name not in services)
    return {
        "services": found,
        "tiers": tiers,
        "create": sorted(name for name in found if found[name]["action"] == CREATE),
        "busy": [tier for tier in TIERS if any(tiers[tier].values())],
        "orphans": orphans,
        "differs": bool(orphans) or any(entry["action"] != NONE for entry in found.values()),
    }


def _tier(actions: Mapping[str, str]) -> dict[str, list[str]]:
    wanted = {"deploy": (START, RECREATE, CREATE), "recreate": (RECREATE,), "limits": (UPDATE,), "wait": (WAIT,)}
    return {key: sorted(name for name in actions if actions[name] in chosen) for key, chosen in wanted.items()}


def _left_behind(services: Mapping[str, Mapping[str, Any]], running: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Name each service that was started before the container of a service that it follows was made, as a killed run leaves it, and that."""
    for name, desired in services.items():
        for leader in desired.get("follows", ()):
            made = [container.get("created", 0.0) for container in running.get(leader, [])]
            if any(0.0 < container.get("started", 0.0) < max(made, default=0.0) for container in running.get(name, [])):
                yield leader, name


def _follow(services: Mapping[str, Mapping[str, Any]], found: dict[str, dict[str, Any]], left_behind: Iterable[tuple[str, str]]) -> None:
    """Recreate what has to follow a service that gets a new container, or got one, and what follows that."""
    renewed = [name for name in found if found[name]["action"] in (RECREATE, CREATE)]
    renewed += [name for leader, name in left_behind if _renew(found, leader, name)]
    while renewed:
        leader = renewed.pop()
        renewed += [name for name, desired in services.items() if leader in desired.get("follows", ()) and _renew(found, leader, name)]


def _renew(found: dict[str, dict[str, Any]], leader: str, name: str) -> bool:
    """Recreate a service that follows another, unless it gets a new start anyway; tell whether it is so."""
    if found[name]["action"] in (START, RECREATE, CREATE):
        return False
    difference = _difference(f"depends_on.{leader}", "started after it", "started before it")
    found[name] = {"action": RECREATE, "differences": [*found[name]["differences"], difference]}
    return True


def _service(
    desired: Mapping[str, Any], containers: list[Mapping[str, Any]], *, stale: bool, before: Mapping[str, Any] | None
) -> dict[str, Any]:
    replicas = desired.get("replicas", 1)
    if not containers and replicas:
        return {"action": CREATE, "differences": [_difference("container", "running", "absent")]}
    recreate: list[Difference] = []
    start: list[Difference] = []
    if len(containers) != replicas:
        recreate.append(_difference("replicas", replicas, len(containers)))
    update: list[Difference] = []
    waiting: list[Difference] = []
    for container in containers:
        if container["labels"].get("definition") != desired["definition"]:
            recreate.extend(_definition(desired, container["labels"].get("definition", "none"), before))
        if container["image"] != desired["image"]:
            recreate.append(_difference("image", desired["image"], container["image"]))
        if stale:
            recreate.append(_difference("secrets", "as written", "older than the files"))
        if container["state"] == "created":
            start.append(_difference("state", "running", "never started"))
        elif container["state"] != "running" and not is_over(container, desired):
            recreate.append(_difference("state", "running", container["state"]))
        elif desired["probe"] and container["health"] == "unhealthy":
            recreate.append(_difference("health", "healthy", "unhealthy"))
        elif desired["probe"] and container["health"] != "healthy":
            waiting.append(_difference("health", "healthy", container["health"]))
        for key, wanted in desired["limits"].items():
            if container["limits"][key] != wanted and (key, wanted) != _SWAP_UNSAID:
                differences = update if _in_place(key, wanted) else recreate
                differences.append(_difference(f"limits.{key}", wanted, container["limits"][key]))
        for key, wanted, live in _kernel(desired["limits"], container["kernel"]):
            differences = update if _in_place(key, desired["limits"][key]) else recreate
            differences.append(_difference(f"kernel.{key}", wanted, live))
    if start and update:
        # It never ran: a new one costs no more than to mend it.
        recreate.extend(update)
        update = []
    for action, differences in ((RECREATE, recreate), (START, start), (UPDATE, update), (WAIT, waiting)):
        if differences:
            return {"action": action, "differences": recreate + start + update + waiting}
    return {"action": NONE, "differences": []}


def _in_place(key: str, wanted: Any) -> bool:
    return key not in _FIXED and (bool(wanted) or key not in _NOT_LIFTED)


def _definition(desired: Mapping[str, Any], live: str, before: Mapping[str, Any] | None) -> list[Difference]:
    if before is None or before["definition"] != live:
        return [_difference("definition", desired["definition"][:12], live[:12])]
    parts, old = desired["parts"], before["parts"]
    return [_difference(key, parts.get(key), old.get(key)) for key in sorted({*parts, *old}) if parts.get(key) != old.get(key)]


def _kernel(wanted: Mapping[str, Any], kernel: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    # The weight that v2 makes of the shares depends on the runtime's version: it is shown, not compared.
    for key, unset in (("memory", 0), ("pids", 0), ("cpu_quota", 0), ("cpu_shares", 1024)):
        if key in kernel and kernel[key] != (wanted[key] or unset):
            yield key, wanted[key] or unset, kernel[key]
    # A container that may use all cores has as many as the host; the engine's word on those is compared already.
    if wanted.get("cpuset") and "cpuset" in kernel and read_cores(kernel["cpuset"]) != read_cores(wanted["cpuset"]):
        yield "cpuset", wanted["cpuset"], kernel["cpuset"]


def _difference(key: str, desired: Any, live: Any) -> Difference:
    return {"key": key, "desired": desired, "live": live}

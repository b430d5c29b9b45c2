# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compile a Compose definition and its budget to a complete definition for `docker compose` or a Swarm stack.

Only the keys that a budget speaks of are written; all others pass through. What the host cannot do is left out, and
`degradations` says so. Compiling a compiled definition changes nothing, and budgeting it gives the same budget: figures that
Compose's own keys or the policy gave are kept in `x-budget` before those keys are overwritten.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..budget import codes
from ..budget.core_list import read as read_cores
from ..budget.core_list import written as written_cores
from ..budget.cores import numbered
from ..budget.model import TIERS, ServiceSpec, Storage
from ..budget.parse import BUDGET_KEY, parse_stack
from ..budget.policy import parse_policy
from ..budget.problems import Finding, Problems, ordered, suggestion
from ..budget.tune.registry import ENGINES
from ..budget.units import compose_size, cores, shown
from ..host.units import slice_name
from . import swarm
from .arguments import is_shell, merge_arguments, merge_environment, words_of
from .host import Host
from .mounts import without_copy

TARGETS = ("compose", "swarm")
DEFAULT_REGISTRY = "docker.io"

_OWNED = (
    "mem_limit",
    "memswap_limit",
    "mem_reservation",
    "cpu_shares",
    "cpus",
    "cpu_quota",
    "cpu_period",
    "cpu_count",
    "cpu_percent",
    "pids_limit",
    "oom_score_adj",
)
_DEVICES = ("weight_device", "device_read_bps", "device_write_bps", "device_read_iops", "device_write_iops")
_OWNED_RESOURCES = {"limits": ("cpus", "memory", "pids"), "reservations": ("cpus", "memory")}


def compile_stack(
    compose: Mapping[str, Any],
    budget: Mapping[str, Any],
    target: str = "compose",
    host: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a complete definition. Raises `BudgetError` when the two do not belong together."""
    problems, able = Problems(), Host.from_dict(host)
    if target not in TARGETS:
        problems.error(codes.BAD_CHOICE, "target", f"{shown(target)} is none of {', '.join(TARGETS)}", suggestion(target, TARGETS))
    specs = {spec.name: spec for spec in parse_stack(compose, parse_policy(budget["policy"], problems), problems)}
    _check(specs.values(), compose["services"], budget, able, problems)
    problems.raise_errors()
    compiled: dict[str, Any] = copy.deepcopy(dict(compose))
    granted = _granted(budget, able)
    # In the order of the definition, and quick to ask.
    running = {name: None for name in compiled["services"] if granted.issuperset(specs[name].requires)}
    compiled["services"] = {
        name: _service(compiled["services"][name] or {}, specs[name], budget["services"][name], running, target, able) for name in running
    }
    if target == "swarm":
        compiled = swarm.definition(compiled)
    if able.storage_classes:
        for spec in specs.values():
            for volume, storage in spec.storage.items():
                compiled["volumes"][volume] = _volume(compiled["volumes"][volume], storage, able)
        ours = {volume for spec in specs.values() for volume in spec.storage}
        for service in compiled["services"].values():
            if "volumes" in service:
                service["volumes"] = without_copy(service["volumes"], ours)
    return compiled


def degradations(
    compose: Mapping[str, Any],
    budget: Mapping[str, Any],
    host: Mapping[str, Any] | None = None,
    target: str = "compose",
) -> list[Finding]:
    """Return what the host or the target cannot do and what is therefore left out of a definition."""
    problems, able = Problems(), Host.from_dict(host)
    granted = _granted(budget, able)
    running = {}
    for name, service in compose.get("services", {}).items():
        missing = sorted(set(budget["services"][name]["requires"]) - granted)
        if missing:
            message = f"the service is off, since it has no {', '.join(missing)}; the budget holds its place"
            problems.info(codes.SERVICE_OFF, f"services.{name}", message, "give the credentials to turn it on")
        else:
            running[name] = service or {}
    _left_out(running, budget, swarm.able(able) if target == "swarm" else able, problems)
    for name, service in running.items():
        ports = swarm.unpublishable(service) if target == "swarm" else []
        if ports:
            message = f"{len(ports)} port(s) for one address of the host are left out: a stack would open them on every address"
            problems.warning(codes.CANNOT_ENFORCE, f"services.{name}.ports", message, "reach the service through the stack's network")
        _unmerged(name, service, budget["services"][name], problems)
    return list(ordered(problems.findings))


def _check(
    specs: Iterable[ServiceSpec],
    services: Mapping[str, Mapping[str, Any] | None],
    budget: Mapping[str, Any],
    able: Host,
    problems: Problems,
) -> None:
    for spec in specs:
        if spec.name not in budget["services"]:
            problems.error(
                codes.NO_BUDGET, f"services.{spec.name}", "the budget has no such service", "budget the definition that is compiled"
            )
        for volume, storage in spec.storage.items():
            if able.storage_classes and storage.storage_class not in able.storage_classes:
                problems.error(
                    codes.NO_STORAGE_CLASS,
                    f"services.{spec.name}.{BUDGET_KEY}.storage.{volume}.class",
                    f"the host has no storage class {shown(storage.storage_class)}",
                    suggestion(storage.storage_class, able.storage_classes),
                )
        _check_cpuset(spec.name, services[spec.name] or {}, problems)


def _check_cpuset(name: str, service: Mapping[str, Any], problems: Problems) -> None:
    try:
        read_cores(str(service.get("cpuset") or ""))
    except ValueError as error:
        problems.error(codes.BAD_TEXT, f"services.{name}.cpuset", str(error), "write the cores that the service may use")


def _granted(budget: Mapping[str, Any], able: Host) -> frozenset[str]:
    """Return the credentials that there are; the host's word counts before the policy's."""
    return frozenset(budget["policy"]["credentials"]) if able.credentials is None else able.credentials


def _service(
    service: Mapping[str, Any],
    spec: ServiceSpec,
    share: Mapping[str, Any],
    running: Collection[str],
    target: str,
    able: Host,
) -> dict[str, Any]:
    compiled = {key: value for key, value in service.items() if key not in _OWNED and key != BUDGET_KEY}
    _without_owned_resources(compiled)
    if target == "swarm":
        compiled["deploy"] = swarm.deploy(compiled.get("deploy"), share)
    else:
        compiled.update(_compose_limits(share, able))
        _beside_devices(compiled)
    _slice(compiled, spec.tier, swarm.able(able) if target == "swarm" else able)
    _io(compiled, share, target, able)
    _cpuset(compiled, share, swarm.able(able) if target == "swarm" else able)
    _ulimits(compiled, able)
    _healthcheck(compiled, able)
    _depends_on(compiled, running)
    _tuning(compiled, share["tuning"])
    if "image" in compiled:
        compiled["image"] = _image(str(compiled["image"]), able.registry_map)
    compiled[BUDGET_KEY] = _authored(service.get(BUDGET_KEY) or {}, spec)
    return compiled


def _compose_limits(share: Mapping[str, Any], able: Host) -> dict[str, Any]:
    memory, cpus = share["memory"], share["cpus"]
    limits: dict[str, Any] = {"mem_limit": compose_size(memory["limit"])}
    if able.swap_limit:
        limits["memswap_limit"] = compose_size(memory["limit"] + memory["swap"])
    if able.memory_reservation:
        limits["mem_reservation"] = compose_size(memory["reservation"])
    limits["cpu_shares"] = cpus["shares"]
    if cpus["quota"] is not None:
        limits["cpus"] = cores(cpus["quota"])
    limits["pids_limit"] = share["pids"]
    if able.oom_score_adj:
        limits["oom_score_adj"] = share["oom_score_adj"]
    return limits


def _without_owned_resources(compiled: dict[str, Any]) -> None:
    """Take out what a budget says under deploy.resources, and the mappings that this leaves empty."""
    deploy = dict(compiled.get("deploy") or {})
    resources = dict(deploy.get("resources") or {})
    if not resources:
        return
    for section, owned in _OWNED_RESOURCES.items():
        kept = {key: value for key, value in (resources.pop(section, None) or {}).items() if key not in owned}
        if kept:
            resources[section] = kept
    _replace(deploy, "resources", resources)
    _replace(compiled, "deploy", deploy)


def _beside_devices(compiled: dict[str, Any]) -> None:
    """Say the memory reservation where devices are reserved, too: Compose refuses one that stands in one of the two places only."""
    reservations = ((compiled.get("deploy") or {}).get("resources") or {}).get("reservations")
    if reservations and "mem_reservation" in compiled:
        reservations["memory"] = compiled["mem_reservation"]


def _io(compiled: dict[str, Any], share: Mapping[str, Any], target: str, able: Host) -> None:
    blkio = dict(compiled.get("blkio_config") or {})
    blkio.pop("weight", None)
    if target == "swarm":
        blkio = {}
    elif able.io_weight:
        blkio["weight"] = share["io"]["weight"]
    else:
        blkio.pop("weight_device", None)
    if able.devices is not None:
        for key in _DEVICES:
            _replace(blkio, key, _there(blkio.get(key), able.devices))
    _replace(compiled, "blkio_config", blkio)


def _there(entries: Any, devices: Mapping[str, str]) -> Any:
    """Return the settings of devices that the host has, each with the name of the disk that the kernel can hold to it."""
    if not isinstance(entries, list):
        return entries
    named = [entry for entry in entries if isinstance(entry, Mapping) and str(entry.get("path")) in devices]
    return [{**entry, "path": devices[str(entry["path"])]} for entry in named]


def _slice(compiled: dict[str, Any], tier: str, able: Host) -> None:
    """Put a service into the slice of its tier; a group that its author named stays."""
    if compiled.get("cgroup_parent") in _ours(able):
        del compiled["cgroup_parent"]
    if able.slices:
        compiled.setdefault("cgroup_parent", slice_name(able.project, tier))


def _ours(able: Host) -> set[str]:
    return {slice_name(able.project, tier) for tier in TIERS}


def _cpuset(compiled: dict[str, Any], share: Mapping[str, Any], able: Host) -> None:
    """Leave out the cores that are others'; what a service asks for among its own, it keeps."""
    count, start = share["cpus"]["cores"], share["cpus"]["first_core"]
    if not able.cpuset:
        compiled.pop("cpuset", None)
    elif count is not None:
        own = frozenset(numbered(able.core_ids, range(start, start + count)))
        compiled["cpuset"] = written_cores(read_cores(str(compiled.get("cpuset") or "")) & own or own)


def _ulimits(compiled: dict[str, Any], able: Host) -> None:
    if "ulimits" not in compiled:
        return
    ulimits = dict(compiled["ulimits"] or {})
    if not able.memlock_unlimited:
        ulimits.pop("memlock", None)
    if able.nofile_max is not None and "nofile" in ulimits:
        ulimits["nofile"] = _clamped(ulimits["nofile"], able.nofile_max)
    _replace(compiled, "ulimits", ulimits)


def _clamped(value: Any, most: int) -> Any:
    if isinstance(value, Mapping):
        return {name: _clamped(figure, most) for name, figure in value.items()}
    return most if int(value) > most or int(value) < 0 else value


def _healthcheck(compiled: dict[str, Any], able: Host) -> None:
    if not able.start_interval and isinstance(compiled.get("healthcheck"), Mapping):
        compiled["healthcheck"] = {key: value for key, value in compiled["healthcheck"].items() if key != "start_interval"}


def _depends_on(compiled: dict[str, Any], running: Collection[str]) -> None:
    depends = compiled.get("depends_on")
    if isinstance(depends, Mapping):
        _replace(compiled, "depends_on", {name: how for name, how in depends.items() if name in running})
    elif depends:
        _replace(compiled, "depends_on", [name for name in depends if name in running])


def _tuning(compiled: dict[str, Any], tuning: Mapping[str, Any]) -> None:
    if tuning["environment"]:
        compiled["environment"] = merge_environment(compiled.get("environment"), tuning["environment"])
    if tuning["arguments"] and not _unmergeable(compiled):
        words = words_of(compiled.get("command")) or list(ENGINES[tuning["engine"]].default_command)
        compiled["command"] = merge_arguments(words, tuning["arguments"])


def _unmergeable(service: Mapping[str, Any]) -> str:
    """Return why a command cannot take further arguments, or nothing."""
    for key in ("entrypoint", "command"):
        try:
            words = words_of(service.get(key))
        except ValueError:
            return f"the quotes of its {key} do not match"
        if is_shell(words):
            return f"its {key} is a script for {words[0]}"
    return ""


def _image(image: str, registries: Mapping[str, str]) -> str:
    """Return an image from where the host gets that registry's images."""
    first, slash, _unused = image.partition("/")
    named = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry = first if named else DEFAULT_REGISTRY
    if registry not in registries:
        return image
    repository = image.removeprefix(f"{first}/") if named else image if slash else f"library/{image}"
    return f"{registries[registry].rstrip('/')}/{repository}"


def _volume(volume: Any, storage: Storage, able: Host) -> dict[str, Any]:
    definition = dict(volume or {})
    if definition.get("external"):
        return definition
    device = f"{able.storage_classes[storage.storage_class].rstrip('/')}/{storage.path}"
    return {**definition, "driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": device}}


def _authored(written: Mapping[str, Any], spec: ServiceSpec) -> dict[str, Any]:
    """Return `x-budget` with each figure that another key or the policy gave, so that writing limits does not change it."""
    memory, cpus = spec.memory, spec.cpus
    authored = dict(written)
    authored["memory"] = {
        "request": compose_size(memory.request),
        "reservation": compose_size(memory.reservation),
        "swap": compose_size(memory.swap) if memory.swap else 0,
        **({"asked": compose_size(memory.asked)} if memory.asked != memory.request else {}),
        **{key: value for key, value in (written.get("memory") or {}).items() if value is not None},
    }
    authored["cpus"] = {
        "reservation": cores(cpus.reservation),
        "limit": cores(cpus.limit),
        **{key: value for key, value in (written.get("cpus") or {}).items() if value is not None},
    }
    for key, value in (("pids", spec.pids), ("io", spec.io_weight)):
        if authored.get(key) is None:
            authored[key] = value
    return authored


def _left_out(running: Mapping[str, Mapping[str, Any]], budget: Mapping[str, Any], able: Host, problems: Problems) -> None:
    """Say once for the host what none of its containers can have."""
    swap = [name for name in running if budget["services"][name]["memory"]["swap"] == 0]
    memlock = [name for name, service in running.items() if "memlock" in (service.get("ulimits") or {})]
    held = {name for name, share in budget["services"].items() if share["cpus"]["cores"] is not None}
    confined = [name for name, service in running.items() if name in held or service.get("cpuset")]
    kept = [name for name in running if held and budget["services"][name]["tier"] == "critical"]
    probes = [name for name, service in running.items() if "start_interval" in (service.get("healthcheck") or {})]
    exporter = [name for name in running if name == "node-exporter"]
    nofile = [name for name, service in running.items() if able.nofile_max is not None and _above(service, able.nofile_max)]
    absent = (
        (able.io_weight, "io_weight", list(running), "no I/O weights", "use a disk scheduler with weights, such as bfq"),
        (
            able.slices,
            "slices",
            list(running),
            "no slices, so nothing protects a reservation of memory from other groups and nothing holds the stack as a whole",
            "use cgroup v2, systemd and its cgroup driver",
        ),
        (able.memory_reservation, "memory_reservation", list(running), "no memory reservations", "enable the memory controller"),
        (
            able.swap_limit,
            "swap_limit",
            swap,
            "no limit of swap, so a container may also use swap",
            "boot with swapaccount=1, or without swap",
        ),
        (able.oom_score_adj, "oom_score_adj", list(running), "no order in which the kernel ends containers", "run the engine as root"),
        (able.cpuset, "cpuset", confined, "no choice of cores for a service", "deploy with Compose instead of to a Swarm"),
        (
            able.engine_cores or not able.cpuset,
            "engine_cores",
            kept,
            "no way to keep the engine off the critical tier's cores, where it works for whoever floods its log",
            "use cgroup v2 and systemd, and leave stack_host.plane on",
        ),
        (able.memlock_unlimited, "memlock_unlimited", memlock, "no unlimited locked memory", "raise the engine's own memlock limit"),
        (
            able.live_state,
            "live_state",
            exporter,
            "no systemd to write the services' live state, so only cAdvisor tells of kills, restarts and changed limits",
            "boot the host with systemd, and run the engine as root",
        ),
        (able.start_interval, "start_interval", probes, "no fast probes while a container starts", "use Docker Engine 25 or newer"),
        (
            not nofile,
            "nofile_max",
            nofile,
            f"no more than {able.nofile_max} open files for a process",
            "raise the engine's own nofile limit",
        ),
    )
    for able_to, key, names, what, fix in absent:
        if not able_to and names:
            since = f", since {able.reasons[key]}" if key in able.reasons else ""
            problems.info(codes.CANNOT_ENFORCE, f"host.{key}", f"the host has {what}{since}: left out for {_names(names)}", fix)
    if able.slices:
        for name, service in running.items():
            if service.get("cgroup_parent") and service["cgroup_parent"] not in _ours(able):
                message = f"{shown(service['cgroup_parent'])} lies outside of the stack's slices: its reservation protects nothing there"
                problems.warning(
                    codes.OUTSIDE_SLICES, f"services.{name}.cgroup_parent", message, "leave it out, and it gets the slice of its tier"
                )


def _above(service: Mapping[str, Any], most: int) -> bool:
    nofile = (service.get("ulimits") or {}).get("nofile")
    return nofile is not None and _clamped(nofile, most) != nofile


def _unmerged(name: str, service: Mapping[str, Any], share: Mapping[str, Any], problems: Problems) -> None:
    why = _unmergeable(service)
    if share["tuning"]["arguments"] and why:
        message = f"the tuned arguments were not merged: {why}"
        problems.warning(
            codes.NOT_MERGED, f"services.{name}.command", message, "write the command as a list that starts the program itself"
        )


def _names(names: list[str]) -> str:
    return ", ".join(sorted(names)) if len(names) <= 4 else f"{len(names)} services"


def _replace(mapping: dict[str, Any], key: str, value: Any) -> None:
    """Set a key, or take it out where nothing is left of it."""
    if value:
        mapping[key] = value
    else:
        mapping.pop(key, None)

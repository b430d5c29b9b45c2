# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compile a Compose definition and its budget to a complete definition for `docker compose` or a Swarm stack.

Only the keys that a budget speaks of are written; all others pass through. What the host cannot do is left out, and
`degradations` says so. Compiling a compiled definition changes nothing, and budgeting it gives the same budget: figures that
Compose's own keys or the policy gave are kept in `x-budget` before those keys are overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

from ..budget import codes
from ..budget.cores import numbered
from ..budget.model import Budget, Share, Tuning, VolumeShare
from ..budget.parse import BUDGET_KEY
from ..budget.policy import Policy
from ..budget.spec import way_on
from ..catalog.entrances import KEY as UI_KEY
from ..collector import without_cycles
from ..compose.arguments import is_shell, merge_arguments, merge_environment
from ..compose.entries import Ulimit
from ..compose.service import Declared
from ..compose.values import dig, mapping, parsed, text, written_words
from ..findings.accept import ACCEPTED_KEY
from ..limits import Limits
from ..problems import Finding, Problems, ordered, suggestion
from ..systemd import slice_name
from ..tiers import TIERS
from ..units import CORE, compose_size, core_list, cores, parse_core_list, parse_cpus, shown
from . import swarm
from .host import Host
from .mounts import without_copy

TARGETS = ("compose", "swarm")
DEFAULT_REGISTRY = "docker.io"

# The limits that are the Budget's alone; the others are combined with what the author wrote.
_PLAIN = tuple(limit for limit in Limits.table() if not limit.combined)
_OWNED = frozenset(key for limit in _PLAIN for key in (limit.compose, *limit.instead))
_DEVICES = ("weight_device", "device_read_bps", "device_write_bps", "device_read_iops", "device_write_iops")
_OWNED_RESOURCES = tuple((limit.resource.section, limit.resource.key) for limit in Limits.table() if limit.resource)


@without_cycles
def compile_stack(
    compose: Mapping[str, Any],
    budget: Budget,
    target: str = "compose",
    host: Host | None = None,
) -> dict[str, Any]:
    """Return a complete definition. Raises `BudgetError` when the two do not belong together."""
    problems, able = Problems(), host or Host()
    if target not in TARGETS:
        problems.error(codes.BAD_CHOICE, "target", f"{shown(target)} is none of {', '.join(TARGETS)}", suggestion(target, TARGETS))
    _check(mapping(compose.get("services")), budget, able, problems)
    problems.raise_errors()
    compiled: dict[str, Any] = _copied(dict(compose))
    for section in ("networks", "volumes", "secrets", "configs"):
        for entry in mapping(compiled.get(section)).values():
            if isinstance(entry, dict):
                entry.pop(ACCEPTED_KEY, None)
    granted = _granted(budget, able)
    # In the order of the definition, and quick to ask.
    shares = budget.services
    running = {name: None for name in compiled["services"] if shares[name].enabled and granted.issuperset(shares[name].requires)}
    compiled["services"] = {
        name: _service(compiled["services"][name] or {}, shares[name], budget.policy, running, target, able) for name in running
    }
    if target == "swarm":
        compiled = swarm.definition(compiled)
    if able.storage_classes:
        ours = {volume: storage for name in compose["services"] for volume, storage in budget.services[name].storage.items()}
        for volume, storage in ours.items():
            compiled["volumes"][volume] = _volume(compiled["volumes"][volume], storage, able)
        for service in compiled["services"].values():
            if isinstance(service.get("volumes"), list):
                service["volumes"] = without_copy(service["volumes"], ours)
    return compiled


def degradations(
    compose: Mapping[str, Any],
    budget: Budget,
    host: Host | None = None,
    target: str = "compose",
) -> list[Finding]:
    """Return what the host or the target cannot do and what is therefore left out of a definition."""
    problems, able = Problems(), host or Host()
    granted = _granted(budget, able)
    running = {}
    for name, service in compose.get("services", {}).items():
        share = budget.services[name]
        missing = sorted(set(share.requires) - granted)
        # Of a service that the budget has as off, the budget says so itself.
        if missing and share.enabled:
            message = f"the service is off, since the host has no {', '.join(missing)}; the budget holds its place"
            problems.info(codes.SERVICE_OFF, f"services.{name}", message, way_on(missing))
        elif share.enabled:
            running[name] = service or {}
    _left_out(running, budget, swarm.able(able) if target == "swarm" else able, problems)
    for name, service in running.items():
        ports = swarm.unpublishable(service) if target == "swarm" else []
        if ports:
            message = f"{len(ports)} port(s) for one address of the host are left out: a stack would open them on every address"
            problems.warning(codes.CANNOT_ENFORCE, f"services.{name}.ports", message, "reach the service through the stack's network")
        _unmerged(name, service, budget.services[name], problems)
    return list(ordered(problems.findings))


def _check(services: Mapping[str, Mapping[str, Any] | None], budget: Budget, able: Host, problems: Problems) -> None:
    for name, service in services.items():
        if name not in budget.services:
            problems.error(codes.NO_BUDGET, f"services.{name}", "the budget has no such service", "budget the definition that is compiled")
            continue
        for volume, storage in budget.services[name].storage.items():
            if able.storage_classes and storage.storage_class not in able.storage_classes:
                problems.error(
                    codes.NO_STORAGE_CLASS,
                    f"services.{name}.{BUDGET_KEY}.storage.{volume}.class",
                    f"the host has no storage class {shown(storage.storage_class)}",
                    suggestion(storage.storage_class, able.storage_classes),
                )
        _check_cpuset(name, service or {}, problems)


def _check_cpuset(name: str, service: Mapping[str, Any], problems: Problems) -> None:
    try:
        parse_core_list(str(service.get("cpuset") or ""))
    except ValueError as error:
        problems.error(codes.BAD_TEXT, f"services.{name}.cpuset", str(error), "write the cores that the service may use")


def _granted(budget: Budget, able: Host) -> frozenset[str]:
    """Return the credentials that there are; the host's word counts before the policy's."""
    return frozenset(budget.policy.credentials) if able.credentials is None else able.credentials


def _copied(value: Any) -> Any:
    """Return a document that shares nothing that can change with this one."""
    if isinstance(value, dict):
        return {key: _copied(entry) if isinstance(entry, (dict, list)) else entry for key, entry in value.items()}
    return [_copied(entry) if isinstance(entry, (dict, list)) else entry for entry in value] if isinstance(value, list) else value


def _service(service: Mapping[str, Any], share: Share, policy: Policy, running: Collection[str], target: str, able: Host) -> dict[str, Any]:
    compiled = {key: value for key, value in service.items() if key not in _OWNED and key not in (BUDGET_KEY, ACCEPTED_KEY, UI_KEY)}
    _without_owned_resources(compiled)
    if target == "swarm":
        compiled["deploy"] = swarm.deploy(compiled.get("deploy"), share)
    else:
        compiled.update(_limits(share, able))
        if able.swap_limit and share.memory.swap is None and str(service.get("memswap_limit")) == "-1":
            compiled["memswap_limit"] = service["memswap_limit"]
        _beside_devices(compiled)
    _slice(compiled, share.tier, swarm.able(able) if target == "swarm" else able)
    _io(compiled, share, target, able)
    _cpuset(compiled, share, swarm.able(able) if target == "swarm" else able)
    _ulimits(compiled, able)
    _healthcheck(compiled, able)
    _depends_on(compiled, running)
    _tuning(compiled, share.tuning)
    if "image" in compiled:
        compiled["image"] = _image(str(compiled["image"]), able.registry_map)
    compiled[BUDGET_KEY] = _authored(service, share, policy.weights[share.priority])
    return compiled


def _limits(share: Share, able: Host) -> dict[str, Any]:
    return {
        limit.compose: limit.unit.write(value)
        for limit in _PLAIN
        if (not limit.needs or getattr(able, limit.needs)) and (value := limit.of_budget(share)) is not None
    }


def _without_owned_resources(compiled: dict[str, Any]) -> None:
    """Take out what a budget says under deploy.resources, and the mappings that this leaves empty."""
    deploy = dict(mapping(compiled.get("deploy")))
    resources = dict(mapping(deploy.get("resources")))
    if not resources:
        return
    for section in dict.fromkeys(section for section, _key in _OWNED_RESOURCES):
        kept = {key: value for key, value in mapping(resources.pop(section, None)).items() if (section, key) not in _OWNED_RESOURCES}
        if kept:
            resources[section] = kept
    _replace(deploy, "resources", resources)
    _replace(compiled, "deploy", deploy)


def _beside_devices(compiled: dict[str, Any]) -> None:
    """Say the memory reservation where devices are reserved, too: Compose refuses one that stands in one of the two places only."""
    reservations = dig(compiled, "deploy", "resources", "reservations")
    if reservations and "mem_reservation" in compiled:
        reservations["memory"] = compiled["mem_reservation"]


def _io(compiled: dict[str, Any], share: Share, target: str, able: Host) -> None:
    blkio = dict(mapping(compiled.get("blkio_config")))
    blkio.pop("weight", None)
    if target == "swarm":
        blkio = {}
    elif able.io_weight:
        blkio["weight"] = share.io.weight
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
    if "cgroup_parent" in compiled and compiled["cgroup_parent"] in _ours(able):
        del compiled["cgroup_parent"]
    if able.slices:
        compiled.setdefault("cgroup_parent", slice_name(able.project, tier))


def _ours(able: Host) -> set[str]:
    return {slice_name(able.project, tier) for tier in TIERS}


def _cpuset(compiled: dict[str, Any], share: Share, able: Host) -> None:
    """Leave out the cores that are others'; what a service asks for among its own, it keeps."""
    if not able.cpuset:
        compiled.pop("cpuset", None)
    elif share.cpus.own_cores is not None:
        own = frozenset(numbered(able.core_ids, share.cpus.own_cores))
        compiled["cpuset"] = core_list(parse_core_list(str(compiled.get("cpuset") or "")) & own or own)


def _ulimits(compiled: dict[str, Any], able: Host) -> None:
    if "ulimits" not in compiled:
        return
    ulimits = dict(mapping(compiled["ulimits"]))
    if not able.memlock_unlimited:
        ulimits.pop("memlock", None)
    nofile = None if able.nofile_max is None else Ulimit.read_all(compiled).get("nofile")
    if able.nofile_max is not None and nofile is not None and nofile.exceeds(able.nofile_max):
        cut = nofile.cut(able.nofile_max)
        ulimits["nofile"] = {"soft": cut.soft, "hard": cut.hard} if isinstance(ulimits["nofile"], Mapping) else cut.hard
    _replace(compiled, "ulimits", ulimits)


def _healthcheck(compiled: dict[str, Any], able: Host) -> None:
    if not able.start_interval and isinstance(compiled.get("healthcheck"), Mapping):
        compiled["healthcheck"] = {key: value for key, value in compiled["healthcheck"].items() if key != "start_interval"}


def _depends_on(compiled: dict[str, Any], running: Collection[str]) -> None:
    depends = compiled.get("depends_on")
    if isinstance(depends, Mapping):
        _replace(compiled, "depends_on", {name: how for name, how in depends.items() if name in running})
    elif isinstance(depends, list):
        _replace(compiled, "depends_on", [name for name in depends if text(name) in running])


def _tuning(compiled: dict[str, Any], tuning: Tuning) -> None:
    if tuning.environment:
        compiled["environment"] = merge_environment(compiled.get("environment"), tuning.environment)
    if tuning.arguments and not _unmergeable(compiled):
        words = written_words(compiled.get("command")) or list(tuning.command)
        compiled["command"] = merge_arguments(words, tuning.arguments)


def _unmergeable(service: Mapping[str, Any]) -> str:
    """Return why a command cannot take further arguments, or nothing."""
    for key in ("entrypoint", "command"):
        try:
            words = written_words(service.get(key))
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


def _volume(volume: Any, storage: VolumeShare, able: Host) -> dict[str, Any]:
    definition = dict(mapping(volume))
    if definition.get("external"):
        return definition
    device = f"{able.storage_classes[storage.storage_class].rstrip('/')}/{storage.path}"
    return {**definition, "driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": device}}


def _authored(service: Mapping[str, Any], share: Share, weight: Fraction) -> dict[str, Any]:
    """Return `x-budget` with each figure that the author wrote in another key, and which settings are ours.

    Compose's own keys hold the Budget's figures from now on, and `complete` says so: reading the definition again gives the same Budget.
    """
    authored = dict(mapping(service.get(BUDGET_KEY)))
    if not authored.get("complete"):
        for path, value in _declared(service, weight):
            section, _dot, key = path.partition(".")
            if not key:
                authored.setdefault(section, value)
            elif key not in mapping(authored.get(section)):
                authored[section] = {**mapping(authored.get(section)), key: value}
    if share.tuning.arguments or share.tuning.environment:
        tuning = mapping(authored.get("tuning")) or {"tuner": share.tuning.tuner}
        authored["tuning"] = {**tuning, "tuned": sorted(share.tuning.settings)}
    return {**authored, "complete": True}


def _declared(service: Mapping[str, Any], weight: Fraction) -> Iterator[tuple[str, Any]]:
    """Yield what the author wrote in Compose's own keys, by its place in `x-budget`."""
    declared, wanted = Declared.read(service), mapping(dig(service, BUDGET_KEY, "memory"))
    if declared.memory.value and not {"request", "asked"} & set(wanted):
        yield "memory.asked", compose_size(declared.memory.value)
    if declared.reservation.value:
        yield "memory.reservation", compose_size(declared.reservation.value)
    if declared.beyond is not None:
        yield "memory.swap", compose_size(declared.beyond) if declared.beyond else 0
    if declared.cpus.value:
        yield "cpus.limit", cores(declared.cpus.value)
    if declared.cpu_reservation.value is not None:
        yield "cpus.reservation", cores(declared.cpu_reservation.value)
    elif declared.cpu_shares.value is not None:
        reservation = int(CORE * declared.cpu_shares.value / (1024 * weight))
        limit = parsed(parse_cpus, dig(service, BUDGET_KEY, "cpus", "limit")) or declared.cpus.value or reservation
        yield "cpus.reservation", cores(min(reservation, limit))
    if declared.pids.value is not None and declared.pids.value > 0:
        yield "pids", declared.pids.value
    if declared.io_weight.value is not None:
        yield "io", declared.io_weight.value


def _left_out(running: Mapping[str, Mapping[str, Any]], budget: Budget, able: Host, problems: Problems) -> None:
    """Say once for the host what none of its containers can have."""
    swap = [name for name in running if budget.services[name].memory.swap == 0]
    memlock = [name for name, service in running.items() if "memlock" in mapping(service.get("ulimits"))]
    held = {name for name, share in budget.services.items() if share.cpus.cores is not None}
    confined = [name for name, service in running.items() if name in held or service.get("cpuset")]
    kept = [name for name in running if budget.cores.kept and budget.services[name].tier == "critical"]
    probes = [name for name, service in running.items() if "start_interval" in mapping(service.get("healthcheck"))]
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
        (
            able.slices or budget.policy.memory_high == "none",
            "memory_high",
            [name for name in running if budget.services[name].tier != "critical"],
            "no slices, so nothing slows the lower tiers before memory is gone (policy.memory_high)",
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
            "use cgroup v2 and systemd, and leave stack_host.services on",
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
    nofile = Ulimit.read_all(service).get("nofile")
    return nofile is not None and nofile.exceeds(most)


def _unmerged(name: str, service: Mapping[str, Any], share: Share, problems: Problems) -> None:
    why = _unmergeable(service)
    if share.tuning.arguments and why:
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

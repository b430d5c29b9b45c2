# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Compose definition that would make the containers that exist, from what the engine says of them.

What the image itself says (environment, command, user) is left out, as its author left it out; what the engine adds by itself, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..limits import Limits
from . import redact

PROJECT, SERVICE, ONEOFF, DEPENDS = (f"com.docker.compose.{name}" for name in ("project", "service", "oneoff", "depends_on"))
_SHM = 64 * 1024**2
_SECOND = 1_000_000_000

Inspected = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the engine's volumes and networks are called in their project, by their own name, what images say, by id, and the host's cores."""

    volumes: Mapping[str, str]
    networks: Mapping[str, str]
    images: Mapping[str, Mapping[str, Any]]
    cores: tuple[int, ...]


def definitions(containers: Iterable[Inspected], names: Names) -> dict[str, dict[str, Any]]:
    """Return a definition for each project; that of the empty name holds the containers of none, each as a service."""
    projects: dict[str, dict[str, Any]] = {}
    for container in sorted(containers, key=lambda container: str(container["Name"])):
        labels = container["Config"].get("Labels") or {}
        if labels.get(ONEOFF) == "True":
            continue
        project = projects.setdefault(labels.get(PROJECT, ""), {"services": {}})
        name = labels.get(SERVICE) or str(container["Name"]).lstrip("/")
        if name in project["services"]:
            replicas = project["services"][name].setdefault("deploy", {"replicas": 1})
            replicas["replicas"] += 1
        else:
            project["services"][name] = service(container, names)
            _declare(project, project["services"][name])
    return projects


def service(container: Inspected, names: Names) -> dict[str, Any]:
    """Return one container as a service of a Compose file."""
    config, host = container["Config"], container["HostConfig"]
    image = (names.images.get(str(container.get("Image", ""))) or {}).get("Config") or {}
    written: dict[str, Any] = {
        "image": config.get("Image", ""),
        **_program(config, image),
        **_limits(host, names.cores),
        **_ulimits(host),
        **_walls(host),
        "restart": _restart(host.get("RestartPolicy") or {}),
        "healthcheck": _healthcheck(config.get("Healthcheck") or {}),
        "ports": _ports(host.get("PortBindings") or {}),
        "volumes": _volumes(container, image, names),
        "tmpfs": [f"{path}:{options}" if options else path for path, options in sorted((host.get("Tmpfs") or {}).items())],
        "networks": _networks(container, names),
        "network_mode": mode if (mode := str(host.get("NetworkMode", ""))) in ("host", "none") or mode.startswith("container:") else None,
        "depends_on": _depends((config.get("Labels") or {}).get(DEPENDS, "")),
        "logging": _logging(host.get("LogConfig") or {}),
    }
    return {key: value for key, value in written.items() if value not in (None, "", [], {}, False)}


def _program(config: Inspected, image: Inspected) -> dict[str, Any]:
    inherited = dict(entry.partition("=")[::2] for entry in image.get("Env") or [])
    environment = dict(entry.partition("=")[::2] for entry in config.get("Env") or [])
    own = {name: redact.value(name, text) for name, text in environment.items() if inherited.get(name) != text}
    differs = {
        key: config.get(key) for key in ("Entrypoint", "Cmd", "User", "StopSignal", "WorkingDir") if config.get(key) != image.get(key)
    }
    grace = config.get("StopTimeout")
    return {
        "entrypoint": redact.words(differs.get("Entrypoint") or []),
        "command": redact.words(differs.get("Cmd") or []),
        "environment": own,
        "user": differs.get("User"),
        "working_dir": differs.get("WorkingDir"),
        "stop_signal": differs.get("StopSignal"),
        "stop_grace_period": None if grace is None else f"{grace}s",
    }


def _limits(host: Inspected, cores: Collection[int]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for limit, value in limits_of(host, cores).items():
        if value in (limit.none, 0, limit.kernel_default):
            continue
        # The engine itself holds twice the memory where the author says nothing of swap.
        if limit.name == "memory_swap" and value == 2 * (host.get("Memory") or 0):
            continue
        *above, key = limit.compose.split(".")
        place = written
        for name in above:
            place = place.setdefault(name, {})
        place[key] = limit.unit.write(value)
    return written


def _ulimits(host: Inspected) -> dict[str, Any]:
    shm = host.get("ShmSize") or _SHM
    return {
        "oom_kill_disable": bool(host.get("OomKillDisable")),
        "shm_size": shm if shm != _SHM else None,
        "ulimits": {entry["Name"]: {"soft": entry["Soft"], "hard": entry["Hard"]} for entry in host.get("Ulimits") or []},
    }


def limits_of(host: Inspected, cores: Collection[int]) -> Limits:
    """Return the limits in a container's HostConfig, with a quota that was set by period, too; `cores` are those of the host."""
    return Limits.of_engine({**host, "NanoCpus": cpu(host) * 1_000_000}, cores)


def cpu(host: Inspected) -> int:
    """Return the CPU quota of a container in millicores, 0 for none, whichever of the engine's two ways it was set."""
    if host.get("NanoCpus"):
        return int(host["NanoCpus"]) // 1_000_000
    quota, period = host.get("CpuQuota") or 0, host.get("CpuPeriod") or 100_000
    return max(int(quota), 0) * 1000 // int(period)


def _walls(host: Inspected) -> dict[str, Any]:
    # The engine adds these to `privileged` and to a shared process namespace.
    options = [option for option in host.get("SecurityOpt") or [] if option != "label=disable"]
    ipc = str(host.get("IpcMode") or "")
    return {
        "privileged": bool(host.get("Privileged")),
        "cap_add": list(host.get("CapAdd") or []),
        "cap_drop": list(host.get("CapDrop") or []),
        "security_opt": options,
        "read_only": bool(host.get("ReadonlyRootfs")),
        "init": bool(host.get("Init")),
        "pid": host.get("PidMode"),
        "ipc": ipc if ipc == "host" else None,
        "userns_mode": host.get("UsernsMode"),
        "sysctls": dict(host.get("Sysctls") or {}),
        "devices": [
            f"{device['PathOnHost']}:{device['PathInContainer']}:{device['CgroupPermissions']}" for device in host.get("Devices") or []
        ],
        "cgroup_parent": host.get("CgroupParent"),
    }


def _restart(policy: Inspected) -> str:
    """Return the restart policy; "no" is what the engine holds where nothing is written, too."""
    name, most = str(policy.get("Name") or ""), policy.get("MaximumRetryCount") or 0
    if name == "no":
        return ""
    return f"{name}:{most}" if name == "on-failure" and most else name


def _healthcheck(check: Inspected) -> dict[str, Any]:
    test = check.get("Test") or []
    if not test:
        return {}
    if test == ["NONE"]:
        return {"disable": True}
    times = {name: check.get(key) for name, key in _TIMES}
    return {
        "test": redact.words(test),
        **{name: f"{span / _SECOND:g}s" for name, span in times.items() if span},
        **({"retries": check["Retries"]} if check.get("Retries") else {}),
    }


_TIMES = (("interval", "Interval"), ("timeout", "Timeout"), ("start_period", "StartPeriod"), ("start_interval", "StartInterval"))


def _ports(bindings: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for inside, outside in sorted(bindings.items()):
        target, _slash, protocol = inside.partition("/")
        for binding in outside or []:
            port = {"target": int(target.partition("-")[0]), "published": str(binding.get("HostPort") or ""), "protocol": protocol or "tcp"}
            address = binding.get("HostIp") or ""
            found.append({**({"host_ip": address} if address else {}), **port})
    return found


def _volumes(container: Inspected, image: Inspected, names: Names) -> list[dict[str, Any]]:
    found = []
    anonymous = image.get("Volumes") or {}
    for mount in sorted(container.get("Mounts") or [], key=lambda mount: str(mount.get("Destination"))):
        kind, target = mount.get("Type"), mount.get("Destination", "")
        entry: dict[str, Any] = {"type": kind, "target": target}
        if kind == "bind":
            entry["source"] = mount.get("Source", "")
        elif kind == "volume":
            own = str(mount.get("Name", ""))
            if len(own) == 64 and target in anonymous:
                # The engine made it, since the image declares a volume and nothing was mounted there.
                continue
            if len(own) != 64:
                entry["source"] = names.volumes.get(own, own)
        else:
            continue
        found.append({**entry, **({"read_only": True} if mount.get("RW") is False else {})})
    return found


def _networks(container: Inspected, names: Names) -> list[str]:
    attached = sorted((container.get("NetworkSettings") or {}).get("Networks") or {})
    return [names.networks.get(name, name) for name in attached if name not in ("bridge", "host", "none")]


def _depends(label: str) -> dict[str, Any]:
    found = {}
    for entry in filter(None, label.split(",")):
        name, condition, *_restart = [*entry.split(":"), "service_started"]
        found[name] = {"condition": condition}
    return found


def _logging(config: Inspected) -> dict[str, Any]:
    if not config.get("Type"):
        return {}
    options = {name: redact.value(name, str(text)) for name, text in (config.get("Config") or {}).items()}
    return {"driver": config["Type"], **({"options": options} if options else {})}


def _declare(project: dict[str, Any], written: Mapping[str, Any]) -> None:
    for mount in written.get("volumes", []):
        if mount["type"] == "volume" and mount.get("source"):
            project.setdefault("volumes", {})[mount["source"]] = {}
    for network in written.get("networks", []):
        project.setdefault("networks", {})[network] = {}

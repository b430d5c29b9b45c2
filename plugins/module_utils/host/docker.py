# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Docker Engine and Compose on a host are and are set to."""

from __future__ import annotations

import json
import shutil
from typing import Any

from ..engine.client import Engine, EngineError
from .run import Run, output
from .tree import Tree

DAEMON_CONFIG = "/etc/docker/daemon.json"


def describe(tree: Tree, socket: str, project: str, run: Run) -> dict[str, Any]:
    """Tell what the engine and Compose are.

    Returns `installed`, `running`, `error`, `version`, `api_version`, `compose_version`, `root`, `cgroup_driver` (`systemd`,
    `cgroupfs` or `none`), `cgroup_version`, `storage_driver`, `runtime` (the default one), `firewall_backend` (`iptables`,
    `nftables`; empty before Engine 29), `security_options`, `warnings`, `live_restore`, `logging_driver`, `rootless`,
    `daemon_config` (as on disk), `networks`, `volumes` (the directory of each of the project's), `containers` (how many of
    the project run) and `ports` (those that they hold) and
    `published` (`address`, `port`, `protocol` of every container's). `run` runs a command and returns its exit code and what it printed.
    """
    found: dict[str, Any] = {
        "installed": shutil.which("dockerd") is not None,
        "running": False,
        "error": "",
        "version": "",
        "api_version": "",
        "compose_version": _compose_version(run),
        "root": "/var/lib/docker",
        "cgroup_driver": "",
        "cgroup_version": "",
        "storage_driver": "",
        "runtime": "",
        "firewall_backend": "",
        "security_options": [],
        "warnings": [],
        "live_restore": False,
        "logging_driver": "",
        "rootless": False,
        "daemon_config": _daemon_config(tree),
        "networks": [],
        "volumes": {},
        "containers": 0,
        "ports": [],
        "published": [],
    }
    engine = Engine(socket)
    try:
        version = engine.get("/version")
        info = engine.get("/info")
        networks = engine.get("/networks")
        volumes = engine.get("/volumes", filters={"label": [f"com.docker.compose.project={project}"]})["Volumes"] or []
        everything = engine.get("/containers/json")
        containers = [entry for entry in everything if (entry["Labels"] or {}).get("com.docker.compose.project") == project]
    except EngineError as error:
        return found | {"error": str(error)}
    return found | {
        "installed": True,
        "running": True,
        "version": version.get("Version", ""),
        "api_version": version.get("ApiVersion", ""),
        "root": info.get("DockerRootDir", "/var/lib/docker"),
        "cgroup_driver": info.get("CgroupDriver", ""),
        "cgroup_version": info.get("CgroupVersion", ""),
        "storage_driver": info.get("Driver", ""),
        "runtime": info.get("DefaultRuntime", ""),
        "firewall_backend": (info.get("FirewallBackend") or {}).get("Driver", ""),
        "security_options": info.get("SecurityOptions") or [],
        "warnings": info.get("Warnings") or [],
        "live_restore": bool(info.get("LiveRestoreEnabled")),
        "logging_driver": info.get("LoggingDriver", ""),
        "rootless": any("rootless" in option for option in info.get("SecurityOptions") or []),
        "networks": sorted((_network(network) for network in networks), key=lambda network: str(network["name"])),
        "volumes": {(volume["Labels"] or {}).get("com.docker.compose.volume", ""): _place(volume) for volume in volumes},
        "containers": len(containers),
        "published": _published(everything),
        "ports": sorted(
            {port["PublicPort"] for container in containers for port in container.get("Ports") or [] if port.get("PublicPort")}
        ),
    }


def _network(network: dict[str, Any]) -> dict[str, Any]:
    configs = (network.get("IPAM") or {}).get("Config") or []
    return {"name": network["Name"], "subnets": [config["Subnet"] for config in configs if config.get("Subnet")]}


def _published(containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ports = [port for container in containers for port in container.get("Ports") or [] if port.get("PublicPort")]
    found = {(port.get("IP", "0.0.0.0"), port["PublicPort"], port["Type"]) for port in ports}
    return [{"address": address, "port": number, "protocol": protocol} for address, number, protocol in sorted(found)]


def _place(volume: dict[str, Any]) -> str:
    return str((volume.get("Options") or {}).get("device") or volume["Mountpoint"])


def _daemon_config(tree: Tree) -> dict[str, Any]:
    text = tree.text(DAEMON_CONFIG)
    if not text:
        return {}
    try:
        loaded = json.loads(text)
    except ValueError:
        return {"_invalid": text}
    return loaded if isinstance(loaded, dict) else {"_invalid": text}


def _compose_version(run: Run) -> str:
    code, printed = output(run, ["docker", "compose", "version", "--short"])
    return printed.strip().lstrip("v") if code == 0 else ""

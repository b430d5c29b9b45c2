# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Docker Engine and Compose on a host are and are set to."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ..engine.cgroup import Group
from ..engine.client import Engine as Client
from ..engine.client import EngineError
from ..engine.container import LABEL_PREFIX, PinnedImage, digest_of, familiar
from ..engine.usage import sampled
from .facts import DeployedContainer, Engine, EngineNetwork, LocalImage, Published, RunningContainer
from .root import Root, Run, output

DAEMON_CONFIG = "/etc/docker/daemon.json"
_LABEL = "com.docker.compose."
_RUNNING = ("running", "paused", "restarting")


def describe(root: Root, socket: str, project: str, project_src: str, run: Run, pins: Iterable[PinnedImage] = ()) -> Engine:
    """Return what the engine and Compose are; `run` runs a command and returns its exit code and what it printed.

    Of a tag that is pinned and names another image by now, it is asked when that was set.
    """
    config, invalid = daemon_config(root)
    found = Engine(
        installed=shutil.which("dockerd") is not None,
        compose_version=_compose_version(run),
        daemon_config=config,
        daemon_config_invalid=invalid,
    )
    engine = Client(socket)
    try:
        version = engine.get("/version")
        info = engine.get("/info")
        networks = engine.get("/networks")
        volumes = engine.get("/volumes", filters={"label": [f"{_LABEL}project={project}"]})["Volumes"] or []
        listed = engine.get("/containers/json", all="true")
        running = [entry for entry in listed if entry.get("State", "running") in _RUNNING]
        containers = [_measured(_container(entry), str(entry.get("Id", "")), engine, project, root) for entry in running]
        images = _listed(engine, pins)
    except EngineError as error:
        return replace(found, error=str(error), hung=error.hung)
    finally:
        engine.close()
    return replace(
        found,
        installed=True,
        running=True,
        version=version.get("Version", ""),
        api_version=version.get("ApiVersion", ""),
        root=info.get("DockerRootDir", found.root),
        cgroup_driver=info.get("CgroupDriver", ""),
        cgroup_version=info.get("CgroupVersion", ""),
        storage_driver=info.get("Driver", ""),
        runtime=info.get("DefaultRuntime", ""),
        firewall_backend=(info.get("FirewallBackend") or {}).get("Driver", ""),
        security_options=tuple(info.get("SecurityOptions") or ()),
        warnings=tuple(info.get("Warnings") or ()),
        live_restore=bool(info.get("LiveRestoreEnabled")),
        logging_driver=info.get("LoggingDriver", ""),
        rootless=any("rootless" in option for option in info.get("SecurityOptions") or ()),
        networks=tuple(sorted((_network(network) for network in networks), key=lambda network: network.name)),
        volumes={(volume["Labels"] or {}).get(f"{_LABEL}volume", ""): _directory(volume) for volume in volumes},
        containers=tuple(sorted(containers, key=lambda container: container.name)),
        images=images,
        deployed=tuple(sorted(_deployed(listed, project, project_src, root), key=lambda container: container.name)),
    )


def _network(network: Mapping[str, Any]) -> EngineNetwork:
    configs = (network.get("IPAM") or {}).get("Config") or []
    return EngineNetwork(name=network["Name"], subnets=tuple(config["Subnet"] for config in configs if config.get("Subnet")))


def _container(container: Mapping[str, Any]) -> RunningContainer:
    labels = container["Labels"] or {}
    return RunningContainer(
        name=(container.get("Names") or [str(container.get("Id", ""))[:12]])[0].lstrip("/"),
        project=labels.get(f"{_LABEL}project", ""),
        service=labels.get(f"{_LABEL}service", ""),
        published=_published(container.get("Ports") or ()),
    )


def _deployed(listed: Iterable[Mapping[str, Any]], project: str, project_src: str, root: Root) -> Iterator[DeployedContainer]:
    own = os.path.realpath(root.path(project_src))
    for entry in listed:
        labels, known = entry["Labels"] or {}, _container(entry)
        ours = any(label.startswith(LABEL_PREFIX) for label in labels)
        if ours or (project and known.project == project):
            directory = labels.get(f"{_LABEL}project.working_dir", "")
            same = bool(directory) and os.path.realpath(root.path(directory)) == own
            yield DeployedContainer(
                name=known.name,
                project=known.project,
                service=known.service,
                image=str(entry.get("Image", "")),
                directory=project_src if same else directory,
                ours=ours,
            )


def _listed(engine: Client, pins: Iterable[PinnedImage]) -> dict[str, LocalImage]:
    """Return the images by tag; none where the engine does not list them in time: the run goes on without them."""
    try:
        images = {name: image for entry in engine.get("/images/json") for name, image in _images(entry)}
    except EngineError:
        return {}
    return images | {name: replace(images[name], tagged=_tagged(engine, name)) for name in _moved(images, pins)}


def _images(entry: Mapping[str, Any]) -> Iterator[tuple[str, LocalImage]]:
    """Yield an image under each of its tags."""
    for name in entry.get("RepoTags") or ():
        if not name.startswith("<none>"):
            yield name, LocalImage(id=entry["Id"], digest=digest_of(name, entry.get("RepoDigests") or ()))


def _moved(images: Mapping[str, LocalImage], pins: Iterable[PinnedImage]) -> Iterator[str]:
    for pin in pins:
        name = familiar(pin.reference)
        if name in images and images[name].id != pin.id:
            yield name


def _tagged(engine: Client, name: str) -> str:
    try:
        found = engine.get(f"/images/{quote(name)}/json")
    except EngineError:
        # It went meanwhile.
        return ""
    return str((found.get("Metadata") or {}).get("LastTagTime") or "")[:19]


def _measured(container: RunningContainer, key: str, engine: Client, project: str, root: Root) -> RunningContainer:
    """Return another project's container with its memory; our own have their figures from the Budget."""
    if container.project == project:
        return container
    try:
        inspected = engine.get(f"/containers/{key}/json")
    except EngineError as error:
        if error.status != 404:
            raise
        # It ended meanwhile.
        return container
    pid = (inspected.get("State") or {}).get("Pid") or 0
    group = Group.of(pid, within=key, proc=root.path("/proc"), cgroups=root.path("/sys/fs/cgroup")) if pid else None
    limit = (inspected.get("HostConfig") or {}).get("Memory") or 0
    used = sampled(group).get("working_set") if group else None
    # One that the engine restarts again and again publishes nothing at the moment, and will again.
    published = container.published
    if (inspected.get("State") or {}).get("Status") == "restarting":
        published = published or _published(_bound((inspected.get("HostConfig") or {}).get("PortBindings") or {}))
    return replace(container, published=published, memory_limit=limit, memory=used or 0, unseen=used is None and pid > 0)


def _published(ports: Iterable[Mapping[str, Any]]) -> tuple[Published, ...]:
    found = {(port.get("IP", "0.0.0.0"), port["PublicPort"], port["Type"]) for port in ports if port.get("PublicPort")}
    return tuple(Published(address=address, port=number, protocol=protocol) for address, number, protocol in sorted(found))


def _bound(bindings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the ports that a container is to publish, as the engine lists those that are; without a number the engine chooses one each time."""
    for inside, outside in bindings.items():
        for binding in outside or ():
            if str(binding.get("HostPort") or "").isdigit():
                yield {
                    "IP": binding.get("HostIp") or "0.0.0.0",
                    "PublicPort": int(binding["HostPort"]),
                    "Type": inside.partition("/")[2] or "tcp",
                }


def _directory(volume: Mapping[str, Any]) -> str:
    return str((volume.get("Options") or {}).get("device") or volume["Mountpoint"])


def daemon_config(root: Root) -> tuple[Mapping[str, Any], bool]:
    """Return the engine's configuration file, empty where there is none, and whether it is not valid JSON."""
    text = root.text(DAEMON_CONFIG)
    if not text:
        return {}, False
    try:
        loaded = json.loads(text)
    except ValueError:
        return {}, True
    return (loaded, False) if isinstance(loaded, dict) else ({}, True)


def _compose_version(run: Run) -> str:
    code, printed = output(run, ["docker", "compose", "version", "--short"])
    return printed.strip().lstrip("v") if code == 0 else ""

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release made of a compiled Compose definition and its Budget."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..budget.reload import KEY, Reload
from ..compose.project import Project
from ..compose.service import Service
from ..compose.values import COMPLETED, HEALTHY, dig, mapping, seconds, text, whole
from ..deploy.release import DataFormat, LiveState, Release, ReleasedService, digest, fingerprint
from ..deploy.replace import FailureAction, Update
from ..engine.container import LABEL_PREFIX
from ..images.data_format import data_version
from ..images.name import ImageName
from ..images.table import facts_of
from ..limits import Limits
from ..units import mib_up

# What the engine can change on a running container; a change of these keys alone recreates nothing.
_IN_PLACE = frozenset(limit.compose for limit in Limits.table() if limit.in_place)
# How many containers there are, and how they are replaced, is no part of any one of them.
_OF_ALL = frozenset({"replicas", "update_config", "rollback_config"})
# The proxy of the catalog looks a name up again after a second.
_PAUSE = 2.0
_FAILURE_ACTIONS: dict[str, FailureAction] = {"pause": "pause", "rollback": "rollback"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A release, and the Compose definition with each service's labels."""

    release: Release
    compose: dict[str, Any]


def build(compose: Mapping[str, Any], budget: Mapping[str, Any], config: Mapping[str, str], live_state: LiveState | None = None) -> Built:
    """Make a release of a compiled Compose definition.

    `config` maps paths relative to the project directory (`config/redis/redis.conf`) to contents.
    """
    definition = copy.deepcopy(dict(compose))
    project, services = Project.read(definition), {}
    awaited = {entry.name for one in project.services.values() for entry in one.depends_on if entry.condition == COMPLETED}
    for name, service in definition.get("services", {}).items():
        read, share = project.services[name], budget["services"][name]
        reload = Reload.read(dig(service, "x-budget", KEY))
        reloadable = {path: fingerprint(config[path]) for path in _reloadable(read, reload, config)}
        parts = _parts(read, project, {path: content for path, content in config.items() if path not in reloadable})
        services[name] = ReleasedService(
            tier=share["tier"],
            image=read.image,
            definition=digest(parts),
            parts=parts,
            limits=Limits.of_compose(service),
            probe=read.probe is not None,
            replicas=share.get("replicas", 1),
            secrets=tuple(sorted(_secret_files(read, project))),
            follows=tuple(sorted(entry.name for entry in read.depends_on if entry.restart)),
            after=_after(read, project, share),
            ends=_ends(read),
            awaited=_ends(read) and name in awaited,
            by_compose=_by_compose(read, project),
            data=_data(read),
            update=_update(read, project, budget),
            reload=reload if reloadable else None,
            reloadable=reloadable,
        )
        service["labels"] = {
            **read.labels,
            LABEL_PREFIX + "tier": share["tier"],
            LABEL_PREFIX + "priority": share["priority"],
            LABEL_PREFIX + "definition": services[name].definition,
        }
    volumes = {name: volume.device for name, volume in project.volumes.items() if volume.device}
    return Built(release=Release(services=services, volumes=volumes, live_state=live_state), compose=definition)


def _parts(service: Service, project: Project, config: Mapping[str, str]) -> dict[str, Any]:
    """Return all that needs a new container, flat, so that a plan can name what changes."""
    mounted = {name for name, _at in service.uses("volumes")}
    written = {key: value for key, value in service.raw.items() if key not in (*_IN_PLACE, "environment", "labels", "deploy", "scale")}
    deploy = {key: value for key, value in mapping(service.raw.get("deploy")).items() if key not in _OF_ALL}
    return {
        **({"deploy": deploy} if deploy else {}),
        **{key: value for key, value in written.items() if not key.startswith("x-")},
        **{f"environment.{key}": value for key, value in service.environment.items()},
        **{f"labels.{key}": value for key, value in service.labels.items()},
        **{f"volume {name}": volume for name, volume in mapping(project.raw.get("volumes")).items() if name in mounted},
        **{path: fingerprint(content) for path, content in config.items() if path.startswith(f"config/{service.name}/")},
        "networks of the stack": project.raw.get("networks") or {},
    }


def _after(service: Service, project: Project, share: Mapping[str, Any]) -> dict[str, str]:
    """Return what a service is started after: what it names, and every server that it says it opens connections to."""
    servers = {name: HEALTHY for name in mapping(share.get("connections")) if name in project.services and name != service.name}
    return dict(sorted({**servers, **service.after()}.items()))


def _reloadable(service: Service, reload: Reload | None, config: Mapping[str, str]) -> Iterator[str]:
    """Yield the configuration files that the program of a service reads again when it is told to.

    A file that is mounted by itself is none of them: it is replaced by rename, and the container keeps the old one.
    """
    home = f"config/{service.name}/"
    mounted = {mount.source.removeprefix("./").rstrip("/") for mount in service.mounts if mount.kind == "bind"}
    for path in config if reload else ():
        directories = {path[:end] for end, letter in enumerate(path) if letter == "/"}
        if path.startswith(home) and reload and reload.reads(path.removeprefix(home)) and path not in mounted and directories & mounted:
            yield path


def _ends(service: Service) -> bool:
    return service.restart.partition(":")[0] in ("no", "on-failure") and service.probe is None


def _data(service: Service) -> DataFormat | None:
    """Return the format of a known database's data, `None` where it keeps none in a volume or a directory."""
    facts = facts_of(ImageName.parse(service.image), service.entrypoint, service.command)
    version = data_version(facts)
    places = [
        mount.source or mount.target
        for mount in service.mounts
        if mount.kind in ("volume", "bind") and not mount.read_only and _holds(mount.target, facts.data)
    ]
    # An anonymous volume lies where only its container knows.
    named = all(mount.source for mount in service.mounts if (mount.source or mount.target) in places)
    mark = facts.data_marks[0] if facts.oldest_data == "own" and facts.data_marks and named else ""
    return DataFormat(program=facts.kind, version=version, places=tuple(places), mark=mark) if version and places else None


def _update(service: Service, project: Project, budget: Mapping[str, Any]) -> Update:
    """Return what may be done with a service's containers when they are replaced."""
    wish = mapping(dig(service.raw, "deploy", "update_config"))
    parallelism = whole(wish.get("parallelism"))
    # 0 is all at once: as many as leave one to serve.
    at_once = max(1, service.replicas - 1 if parallelism == 0 else parallelism or 1)
    limit, left = (
        int(dig(budget, "services", service.name, "memory", "limit") or 0),
        int(dig(budget, "totals", "unallocated", "memory") or 0),
    )
    asked = text(wish.get("order")) == "start-first"
    obstacles = list(_obstacles(service))
    if limit > left and not obstacles:
        obstacles.append(
            f"a second container needs {mib_up(limit)}, and {max(left, 0) >> 20} MiB of the pool are not allocated: stack_policy.surge.memory keeps some"
        )
    return Update(
        asked=asked,
        obstacles=tuple(obstacles),
        together=_together(service, project),
        at_once=max(1, min(at_once, left // limit)) if asked and limit else at_once,
        pause=max(_PAUSE, seconds(wish.get("delay")) or 0.0),
        watch=seconds(wish.get("monitor")),
        on_failure=_FAILURE_ACTIONS.get(text(wish.get("failure_action")), ""),
        unheeded=tuple(_unheeded(service, wish)),
    )


def _unheeded(service: Service, wish: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an author wants of a replacement that no run does."""
    if text(wish.get("failure_action")) == "continue":
        yield "update_config.failure_action: continue is not obeyed, a release comes up whole or fails"
    if wish.get("max_failure_ratio"):
        yield "update_config.max_failure_ratio is not obeyed, one container that fails is a failure"
    if dig(service.raw, "deploy", "rollback_config"):
        yield "rollback_config is not obeyed, the way back is made as any deploy"


def _together(service: Service, project: Project) -> str:
    """Return why the containers of a service cannot be replaced one after another, empty where they can."""
    if _ends(service):
        return "it is a job"
    if _by_compose(service, project):
        return "only Compose can start it"
    if _data(service) is not None:
        return "it is a database, whose versions must not share their data"
    sharing = sorted(name for name, other in project.services.items() if service.name in other.shares_with())
    return f"{sharing[0]} uses what is its container's own" if sharing else ""


def _obstacles(service: Service) -> Iterator[str]:
    """Yield what keeps a second container of a service from running beside the first, on whatever host."""
    for port in service.ports:
        if port.published:
            yield f"it publishes port {port.published} of {port.address or 'all addresses'}"
    if service.raw.get("container_name"):
        yield f"its container is always called {text(service.raw['container_name'])}"
    if text(service.raw.get("network_mode")) == "host":
        yield "it uses the host's network"
    addresses = (mapping(network) for network in mapping(service.raw.get("networks")).values())
    if service.raw.get("mac_address") or any(
        entry.get(key) for entry in addresses for key in ("ipv4_address", "ipv6_address", "mac_address")
    ):
        yield "its address is fixed"
    for mount in service.mounts:
        if mount.kind != "tmpfs" and not mount.read_only:
            yield f"it may write to {mount.source or mount.target}"
    if service.probe is None:
        yield "it has no healthcheck that tells when a new container can serve"


def _holds(target: str, data: tuple[str, ...]) -> bool:
    """Tell whether a mount may hold data at one of these paths; where none is known, any may."""
    return not data or any(f"{path}/".startswith(f"{target}/") or f"{target}/".startswith(f"{path}/") for path in data)


def _by_compose(service: Service, project: Project) -> bool:
    """Tell whether Compose does more than start the container: it runs hooks, and writes content that is in no file of the host."""
    declared = (
        (project.secrets.get(entry.source) for entry in service.secrets),
        (project.configs.get(entry.source) for entry in service.configs),
    )
    copied = any(entry is not None and entry.by_compose for entries in declared for entry in entries)
    return copied or service.has_start_hooks or not service.has_container


def _secret_files(service: Service, project: Project) -> Iterator[str]:
    """Yield the files of a service's secrets, relative to the project directory."""
    for entry in service.secrets:
        secret = project.secrets.get(entry.source)
        if secret is not None and secret.file:
            yield secret.file.removeprefix("./")

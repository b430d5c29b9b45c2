# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at a Docker host once: every container of the engine, its cgroup, its disk, and the host itself. Changes nothing."""

from __future__ import annotations

import os
import platform
import stat
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..compose.entries import of_system
from ..compose.values import seconds as seconds_of
from ..engine.container import seconds
from ..engine.usage import rates, usage
from ..host import cgroups, machine, network
from ..host.docker import daemon_config
from ..host.mounts import holder, mounts
from ..host.root import Root, Run
from ..limits import KernelLimits
from . import redact
from .ask import Answers, Asked, Inspected, Unknown, volume_sizes
from .definition import PROJECT, SERVICE, definitions, limits_of
from .model import FORMAT, Audit, EngineSeen, Machine, Mounted, Port, Seen, Size, Use, Victim, Volume, Window
from .sizes import Counter
from .sockets import Sockets
from .victims import HOST, victims
from .watch import Watch, group_of

# The shortest time over which a share of the processor means something.
SHORTEST = 0.5
_DAEMON = ("default-address-pools", "default-ulimits", "log-driver", "log-opts")
_STOPPED = ("created", "exited", "dead", "removing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do: for how long to wait for each answer of the engine, to count sizes, and to watch, how often (all in seconds)."""

    timeout: float = 10.0
    sizes: float = 2.0
    watch: float = 0.0
    interval: float = 5.0

    @classmethod
    def read(cls, written: Mapping[str, str]) -> Order:
        """Read durations such as `10m`. Raises `ValueError` naming all that are wrong."""
        read = {name: seconds_of(text) for name, text in written.items()}
        wrong = [
            f"audit_{name}: expected a duration such as 30s or 10m, got '{written[name]}'" for name, span in read.items() if span is None
        ]
        least = {"interval": 1.0, "timeout": 1.0}
        wrong += [
            f"audit_{name}: expected {least[name]:g} s or more, got '{written[name]}'"
            for name, span in read.items()
            if span is not None and span < least.get(name, 0.0)
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return cls(**{name: span for name, span in read.items() if span is not None})


def look(
    sockets: Sockets,
    order: Order,
    run: Run,
    *,
    root: str = "/",
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> Audit:
    """Return what there is. Raises `EngineError` where the engine does not answer within the timeout; `root` is `/` outside of tests."""
    begun = clock()
    tree, unknown = Root(root), Unknown()
    asked = Asked(sockets.chosen, order.timeout, unknown)
    try:
        inspected = asked.containers()
        facts = asked.facts(inspected)
    finally:
        asked.close()
    first = _Read(inspected, tree, clock())
    counter = Counter(order.sizes)
    volumes = _with_told(_volumes(inspected, facts, tree, counter), lambda: volume_sizes(sockets.chosen, counter.left, facts.version))
    disk = {str(container["Id"]): _disk(container, tree, counter) for container in inspected}
    windows: Mapping[str, Window] = {}
    if order.watch:
        watched = Watch(sockets.chosen, inspected, tree, timeout=order.timeout)
        windows = watched.run(order.watch, order.interval, pause=pause)
        inspected, first = watched.inspected, _Read(watched.inspected, tree, clock())
    pause(max(0.0, SHORTEST - (clock() - first.at)))
    host = _machine(tree, run)
    worst = victims({str(container["Id"]) for container in inspected}, host.memory + host.swap, proc=tree.path("/proc"))
    now, cores = clock(), machine.core_ids()
    second = _Read(inspected, tree, now)
    containers = tuple(
        _seen(
            container,
            cores,
            first.use(second, container, now),
            windows.get(str(container["Id"])),
            worst,
            disk.get(str(container["Id"]), (None, None)),
        )
        for container in inspected
    )
    return Audit(
        format=FORMAT,
        when=now,
        took=round(clock() - begun, 3),
        watched=order.watch,
        machine=replace(host, victims=worst.get(HOST, ())),
        engine=_engine(facts, sockets, tree),
        containers=containers,
        volumes=volumes,
        definitions=definitions(inspected, facts.names),
        unknown=tuple(unknown.sentences),
    )


class _Read:
    """One read of all cgroups."""

    def __init__(self, inspected: Iterable[Inspected], tree: Root, at: float) -> None:
        self.at = at
        self._figures: dict[str, dict[str, Any]] = {}
        self._limits: dict[str, int | None] = {}
        for container in inspected:
            group = group_of(container, tree)
            if group:
                self._figures[str(container["Id"])] = usage(group)
                enforced = KernelLimits.read(group.version, group.read).values.get("memory")
                self._limits[str(container["Id"])] = enforced if isinstance(enforced, int) else None

    def use(self, later: _Read, container: Inspected, now: float) -> Use:
        """Return the figures of the later read, and the rates between the two."""
        identifier = str(container["Id"])
        figures = later._figures.get(identifier)
        if not figures:
            return Use()
        age = now - seconds(container["State"].get("StartedAt", ""))
        told = figures | rates(self._figures.get(identifier, {}), figures, later.at - self.at, age)
        names = (
            "memory",
            "working_set",
            "memory_peak",
            "memory_at_limit",
            "oom_kills",
            "pids",
            "cpu",
            "cpu_average",
            "throttled_share",
            "pressure",
        )
        return Use(kernel_limit=later._limits.get(identifier), **{name: told[name] for name in names if name in told})


def _seen(
    container: Inspected,
    cores: Collection[int],
    use: Use,
    window: Window | None,
    worst: Mapping[str, tuple[Victim, ...]],
    disk: tuple[Size | None, Size | None],
) -> Seen:
    state, host = container["State"], container["HostConfig"]
    labels = container["Config"].get("Labels") or {}
    health = state.get("Health") or {}
    return Seen(
        id=str(container["Id"]),
        name=str(container["Name"]).lstrip("/"),
        project=labels.get(PROJECT, ""),
        service=labels.get(SERVICE, "") if labels.get(PROJECT) else "",
        image=str(container["Config"].get("Image", "")),
        state=str(state.get("Status", "")),
        health=str(health.get("Status", "none")),
        health_output=_last_probe(health),
        exit_code=int(state.get("ExitCode") or 0),
        oom_killed=bool(state.get("OOMKilled")),
        restarts=int(container.get("RestartCount") or 0),
        restart_policy=str((host.get("RestartPolicy") or {}).get("Name") or "no"),
        # The engine writes the year 1 for what has not happened.
        created=max(0.0, seconds(container.get("Created", ""))),
        started=max(0.0, seconds(state.get("StartedAt", ""))),
        finished=max(0.0, seconds(state.get("FinishedAt", ""))),
        network_mode=str(host.get("NetworkMode", "")),
        limits=limits_of(host, cores),
        use=use,
        window=window,
        victim=next(iter(worst.get(str(container["Id"]), ())), None),
        mounts=tuple(_mounts(container)),
        ports=tuple(_ports(container)),
        log=disk[0],
        writable=disk[1],
    )


def _last_probe(health: Mapping[str, Any]) -> str:
    log = health.get("Log") or []
    # Hidden before it is cut: half a URL does not look like one.
    return redact.told(" ".join(str(log[-1].get("Output", "")).split()))[:200] if log else ""


def _mounts(container: Inspected) -> Iterable[Mounted]:
    for mount in container.get("Mounts") or []:
        kind = str(mount.get("Type", ""))
        source = mount.get("Name") if kind == "volume" else mount.get("Source")
        yield Mounted(kind=kind, source=str(source or ""), target=str(mount.get("Destination", "")), read_only=mount.get("RW") is False)


def _ports(container: Inspected) -> Iterable[Port]:
    """Yield the ports as they are bound now, or as they would be where the container does not run."""
    live = (container.get("NetworkSettings") or {}).get("Ports") or {}
    stopped = container["State"].get("Status") in _STOPPED
    for inside, outside in sorted((container["HostConfig"].get("PortBindings") or {} if stopped else live).items()):
        target, _slash, protocol = inside.partition("/")
        for binding in outside or []:
            yield Port(
                address=str(binding.get("HostIp") or "0.0.0.0"),
                port=int(binding.get("HostPort") or 0),
                protocol=protocol or "tcp",
                target=int(target.partition("-")[0]),
            )


def _disk(container: Inspected, tree: Root, counter: Counter) -> tuple[Size | None, Size | None]:
    """Return what a container's log and its own layer take."""
    hostname = str(container.get("HostnamePath") or container.get("ResolvConfPath") or "")
    log = None
    if hostname:
        home = tree.path(str(Path(hostname).parent))
        try:
            logs = [*home.glob("*-json.log*"), *home.glob("local-logs/*")]
        except OSError:
            logs = []
        log = counter.files(logs) if logs else Size(bytes=0, complete=True) if os.access(home, os.R_OK) else None
    upper = ((container.get("GraphDriver") or {}).get("Data") or {}).get("UpperDir")
    return log, counter.directory(tree.path(str(upper))) if upper else None


def _volumes(inspected: Iterable[Inspected], facts: Answers, tree: Root, counter: Counter) -> tuple[Volume, ...]:
    """Return named volumes and mounted directories; the system's own places are not counted."""
    mounted = [mount for container in inspected for mount in _mounts(container)]
    names = {mount.source for mount in mounted if mount.kind == "volume"}
    found: dict[str, Volume] = {}
    for volume in sorted(facts.volumes, key=lambda volume: str(volume["Name"])):
        options = volume.get("Options") or {}
        path = str(options.get("device") or volume.get("Mountpoint") or "")
        name = str(volume["Name"])
        remote = options.get("type", "none") not in ("none", "") and not path.startswith("/")
        size = None if remote or not path else counter.directory(tree.path(path))
        found[path or name] = Volume(kind="volume", name=name, path=path, size=size, used=name in names)
    for source in sorted({mount.source for mount in mounted if mount.kind == "bind"}):
        place = tree.path(source)
        if source in found or of_system(source) or _is_directory(place) is False:
            continue
        found[source] = Volume(kind="bind", name=source, path=source, size=counter.directory(place), used=True)
    return tuple(found.values())


def _is_directory(place: Path) -> bool | None:
    """Tell whether a directory is there, `None` where this user may not look."""
    try:
        return stat.S_ISDIR(place.stat().st_mode)
    except PermissionError:
        return None
    except OSError:
        return False


def _with_told(volumes: tuple[Volume, ...], ask: Callable[[], Mapping[str, int]]) -> tuple[Volume, ...]:
    """Return volumes with the engine's own count for those that may not be looked into; it is asked only where there are any."""
    if all(volume.size or volume.kind != "volume" for volume in volumes):
        return volumes
    told = ask()
    return tuple(
        replace(volume, size=Size(bytes=told[volume.name], complete=True))
        if volume.size is None and volume.kind == "volume" and volume.name in told
        else volume
        for volume in volumes
    )


def _machine(tree: Root, run: Run) -> Machine:
    memory = machine.memory(tree)
    fire = network.firewall(tree, run)
    names = [name for name, there in (("ufw", fire.ufw), ("firewalld", fire.firewalld)) if there]
    root = os.geteuid() == 0
    return Machine(
        hostname=platform.node(),
        kernel=platform.release(),
        root=root,
        cgroup_version=cgroups.cgroup(tree).version,
        cores=len(machine.core_ids()),
        memory=memory.total,
        available=memory.available,
        swap=memory.swap_total,
        swap_free=memory.swap_free,
        pressure={kind: share for kind, text in machine.pressure(tree).items() if (share := _some_60(text)) is not None},
        firewalls=tuple(names),
        own_rules=bool(fire.table) if root else None,
        victims=(),
    )


def _some_60(text: str) -> float | None:
    for line in text.splitlines():
        kind, *figures = line.split()
        if kind == "some":
            return float(dict(figure.split("=") for figure in figures)["avg60"]) / 100
    return None


def _engine(facts: Answers, sockets: Sockets, tree: Root) -> EngineSeen:
    root = str(facts.info.get("DockerRootDir") or "/var/lib/docker")
    place = tree.path(root)
    # Not by a method of `Path`, which raises where this user may not look.
    while not os.path.exists(place) and place != place.parent:  # noqa: PTH110
        place = place.parent
    try:
        room = os.statvfs(place)
        size, free = room.f_blocks * room.f_frsize, room.f_bavail * room.f_frsize
    except OSError:
        size, free = None, None
    layers = facts.disk_use.get("LayersSize")
    cache = facts.disk_use.get("BuildCache")
    used = {str(identifier) for identifier, image in facts.names.images.items() if image}
    return EngineSeen(
        socket=sockets.chosen,
        version=str(facts.version.get("Version", "")),
        root=root,
        storage_driver=str(facts.info.get("Driver", "")),
        logging_driver=str(facts.info.get("LoggingDriver", "")),
        rootless=any("rootless" in option for option in facts.info.get("SecurityOptions") or []),
        # The rest of the file may hold passwords, as a proxy's address does.
        daemon={key: value for key, value in daemon_config(tree)[0].items() if key in _DAEMON},
        others=sockets.others,
        disk_mount=holder(mounts(tree), root).at,
        disk_size=size,
        disk_free=free,
        images=len(facts.images),
        # Images share layers: their sizes do not add up to what they take, only the engine's own count does.
        image_bytes=Size(bytes=int(layers), complete=True) if layers is not None else None,
        unused_images=sum(str(image.get("Id")) not in used for image in facts.images),
        build_cache=None if cache is None else sum(int(entry.get("Size") or 0) for entry in cache),
    )

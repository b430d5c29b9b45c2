# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes, disks and I/O."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import dig, mapping, sequence, text
from ...images.facts import Facts
from ..data import data_paths
from ..rule import Book, Hit, listed
from ..service import Service
from ..stack import Stack

BOOK = Book("Storage and I/O")

_VOLUMES = "Docker documentation, volumes"
_THROTTLES = ("device_read_bps", "device_write_bps", "device_read_iops", "device_write_iops", "weight_device")
_TRANSIENT = ("/var/log", "/tmp", "/var/tmp", "/run")


@BOOK.service(
    "ZB170",
    "error",
    "PostgreSQL 18 with its volume at the old path",
    why="From 18 on the image keeps each major version in a directory of its own below /var/lib/postgresql, and refuses to start with a mount at "
    "/var/lib/postgresql/data.",
    fix="mount the volume at /var/lib/postgresql; bring older data over with pg_upgrade or a dump",
    source="docker-library/postgres, docker-entrypoint.sh",
)
def _postgres_path(service: Service, _stack: Stack) -> Iterator[Hit]:
    facts = service.facts
    if facts.old_data and facts.version and not any(name in service.environment for name in facts.data_variables):
        for mount in service.mounts:
            if mount.target.rstrip("/") == facts.old_data:
                tag = f" ('{service.image.tag or 'latest'}' is {facts.version[0]})" if service.image.is_newest() else ""
                yield Hit(at=mount.where, message=f"PostgreSQL {facts.version[0]} does not start with a mount at {mount.target}{tag}")


@BOOK.service(
    "ZB171",
    "warning",
    "Data that are lost with the container",
    why="Nothing is mounted where the program keeps its data, so they are in the container or in an anonymous volume: "
    "recreating the container loses them or leaves them behind.",
    fix="mount a named volume there",
    source=_VOLUMES,
)
def _no_volume(service: Service, _stack: Stack) -> Iterator[Hit]:
    facts = service.facts
    # A mount at the path of earlier versions is ZB170's.
    if facts.old_data and any(mount.target.rstrip("/") == facts.old_data for mount in service.mounts):
        return
    name = facts.kind or service.image.repository.rpartition("/")[2]
    for path in data_paths(service):
        mount = service.mount_over(path)
        # Parts of it that are mounted are what the author keeps.
        if mount is None and any(other.target.startswith(f"{path}/") for other in service.mounts):
            continue
        if mount is None:
            fix = f"set {facts.data_advice} and mount a named volume there" if facts.data_advice and path in _of_image(facts) else ""
            if fix and facts.takes_over and not any(map(facts.replaces_configuration, service.variables)):
                fix += "; the first such variable replaces the whole configuration of the image, so write all of it"
            yield Hit(at="volumes", message=f"nothing is mounted at {path}, where {name} keeps its data", fix=fix)
        elif mount.kind == "tmpfs":
            yield Hit(at=mount.where, message=f"{path}, where {name} keeps its data, is in memory only")


def _of_image(facts: Facts) -> tuple[str, ...]:
    return (*facts.data, *facts.data_taken_over)


@BOOK.stack(
    "ZB172",
    "info",
    "A volume that is a directory of the host",
    why="The directory must exist with the right owner before the first start, Compose offers to recreate the volume without "
    "its data whenever these options change, and nothing gets faster: named volumes are directories outside of the layered "
    "file system already.",
    fix="leave the options out, or let x-budget.storage create the directory",
    source="docker/compose, reconcile.go; Docker documentation, volumes",
)
def _bound_volume(stack: Stack) -> Iterator[Hit]:
    made = {name for service in stack.services.values() for name in mapping(dig(service.data, "x-budget", "storage"))}
    for name, volume in stack.section("volumes").items():
        device = text(dig(volume, "driver_opts", "device"))
        if device.startswith("/") and "bind" in text(dig(volume, "driver_opts", "o")) and name not in made:
            yield Hit(at=f"volumes.{name}.driver_opts", message=f"{device} must be there before the first start")


@BOOK.stack(
    "ZB173",
    "warning",
    "Data where files are cleaned up",
    why="Log rotation, clean-up jobs and a reboot treat these directories as theirs.",
    fix="keep data under a directory of their own, such as /srv",
    source="Filesystem Hierarchy Standard",
)
def _transient_place(stack: Stack) -> Iterator[Hit]:
    for name, volume in stack.section("volumes").items():
        device = text(dig(volume, "driver_opts", "device"))
        if device.startswith(tuple(f"{place}/" for place in _TRANSIENT)):
            yield Hit(at=f"volumes.{name}.driver_opts.device", message=f"{device} is no place for data")
    for service in stack.services.values():
        for path in service.facts.data:
            mount = service.mount_over(path)
            if mount and mount.kind == "bind" and mount.source.startswith(tuple(f"{place}/" for place in _TRANSIENT)):
                yield Hit(at=f"services.{service.name}.{mount.where}", message=f"{mount.source} is no place for data")


@BOOK.service(
    "ZB174",
    "warning",
    "An I/O weight without effect",
    why="Weights act only where the disk's scheduler is BFQ or the kernel's iocost is on. NVMe and virtio disks have neither by default.",
    fix="choose the bfq scheduler for the disk, or leave the weight out",
    source="kernel documentation, cgroup v2 io.weight; systemd pull request 13335",
)
def _idle_weight(service: Service, stack: Stack) -> Iterator[Hit]:
    weight = mapping(service.data.get("blkio_config")).get("weight")
    if weight is not None and stack.can("io_weight") is not True:
        known = (
            "this host's disks have no scheduler that reads it"
            if stack.can("io_weight") is False
            else "most hosts' disks have no scheduler that reads it"
        )
        yield Hit(at="blkio_config.weight", message=f"the weight {text(weight)} does nothing: {known}")


@BOOK.service(
    "ZB175",
    "warning",
    "A disk that the host does not have",
    why="Docker looks the device up when it starts the container, and does not start it when it is not there; so what is compiled here leaves the "
    "setting out. Virtual machines often have /dev/vda or /dev/sda.",
    fix="name the device that holds the data (findmnt shows it), or leave the throttle out",
    source="moby, daemon_unix.go",
)
def _absent_device(service: Service, stack: Stack) -> Iterator[Hit]:
    have = [mapping(device) for device in sequence(stack.host.get("block_devices"))]
    names = {text(name) for device in have for name in (device.get("path"), *sequence(device.get("by_id")), *sequence(device.get("links")))}
    names |= set(mapping(dig(stack.host, "capabilities", "devices")))
    disks = sorted(text(device.get("path")) for device in have if device.get("type") in (None, "disk", "dm", "md"))
    for at, path in _devices(service):
        if have and path not in names:
            yield Hit(at=at, message=f"the host has no {path}; it has {', '.join(disks)}")


@BOOK.service(
    "ZB176",
    "info",
    "A throttle on a service's disk",
    why="A rate is a ceiling even when the disk is idle, so it slows the service that should be preferred; and the device must "
    "have this name on every host.",
    fix="throttle background work instead",
    source="kernel documentation, cgroup v2 io.max",
)
def _throttled_disk(service: Service, _stack: Stack) -> Iterator[Hit]:
    for at, path in _devices(service):
        yield Hit(at=at, message=f"{service.name} is slowed on {path} even when the disk is idle")


@BOOK.service(
    "ZB177",
    "info",
    "PostgreSQL with Docker's shared memory of 64 MiB",
    why="Parallel queries and index builds share memory through /dev/shm; a large one ends with 'could not resize shared memory segment'.",
    fix="write shm_size: 256m; it counts towards the memory limit",
    source="docker-library/postgres documentation",
)
def _small_shm(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "postgres" and not service.written.declared.shm.at and service.mount_over("/dev/shm") is None:
        yield Hit(at="", message="it shares 64 MiB between parallel workers")


@BOOK.stack(
    "ZB178",
    "info",
    "Unlimited container logs",
    why="Docker's json-file driver keeps all output of a container: one verbose service fills the disk.",
    fix="write log-driver: local in daemon.json, or logging: {options: {max-size: 10m, max-file: '3'}} for each service",
    source="Docker documentation, logging drivers",
)
def _endless_logs(stack: Stack) -> Iterator[Hit]:
    daemon = mapping(dig(stack.host, "engine", "daemon_config"))
    if daemon.get("log-driver", "json-file") != "json-file" or dig(daemon, "log-opts", "max-size"):
        return
    endless = [service.name for service in stack.services.values() if not _capped(service)]
    if endless:
        yield Hit(at="services", message=f"the logs of {listed(endless)} may grow without end")


def _devices(service: Service) -> Iterator[tuple[str, str]]:
    for key in _THROTTLES:
        for position, entry in enumerate(sequence(mapping(service.data.get("blkio_config")).get(key))):
            path = text(mapping(entry).get("path"))
            if path:
                yield f"blkio_config.{key}[{position}].path", path


def _capped(service: Service) -> bool:
    logging = mapping(service.data.get("logging"))
    return logging.get("driver", "json-file") != "json-file" or bool(dig(logging, "options", "max-size"))

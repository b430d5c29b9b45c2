# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has: facts only. What follows from them is decided on the controller (`host_prep/`, `preflight/`).

Every value has a default that means "the host has none of it, or does not show it": empty, zero or false. Sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..engine.container import PinnedImage
from ..typed import OPTIONAL, dump_fields, load_fields
from .slices import SliceState

ModuleState = Literal["loaded", "loadable", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """The distribution, as os-release(5) names it."""

    id: str = ""
    version: str = ""
    codename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Memory and swap. `total` is the smaller of the RAM and the limit of the host's own control group."""

    total: int = 0
    available: int = 0
    swap_total: int = 0
    swap_free: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The most that one container may be given of `nofile` (count) and `memlock` (bytes), where -1 means unlimited.

    `can_raise` tells whether the host may raise them. `pids` and `files` are the most processes and threads, and open files, of all
    together; 0 where the kernel does not tell.
    """

    nofile: int = 0
    memlock: int = 0
    can_raise: bool = False
    pids: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cgroup:
    """The control groups: `version` 1 or 2, the controllers, and whether weights of I/O and a limit of swap exist."""

    version: int = 1
    controllers: tuple[str, ...] = ()
    io_weight: bool = False
    bfq_weight: bool = False
    swap_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A port of the host that the engine publishes: `protocol` is tcp, udp or sctp."""

    address: str
    port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningContainer:
    """A container that runs; `project` and `service` are Compose's, empty for one that was started otherwise.

    `memory_limit` and `memory` (what it uses, without page cache that the kernel can drop) are bytes and are read for other projects' containers
    only: 0 where there is no limit, or where it was not read. `unseen` tells of such a container that what it uses could not be read.
    """

    name: str
    project: str = ""
    service: str = ""
    published: tuple[Published, ...] = ()
    memory_limit: int = 0
    memory: int = 0
    unseen: bool = field(default=False, metadata=OPTIONAL)

    @property
    def title(self) -> str:
        """Return the name, with the project where it has one."""
        return f"{self.name} of {self.project}" if self.project else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedContainer:
    """A container of our project or of a release of ours, running or not: its image as written, and the directory that Compose made it from.

    `ours` tells whether a release of ours made it. A directory that is the project's own by another path has the project's own path.
    """

    name: str
    project: str
    service: str
    image: str
    directory: str
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalImage:
    """An image on the host: its id, the digest that its registry knows (empty where it was made here), and when its tag was set.

    `tagged` is empty for a tag that names what our release remembers of it.
    """

    id: str
    digest: str = ""
    tagged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineNetwork:
    """A network of the engine."""

    name: str
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The Docker Engine and Compose. `error` says why it does not answer, `hung` whether it is there all the same.

    `cgroup_driver` is systemd, cgroupfs or none, `firewall_backend` iptables or nftables (empty before Engine 29), `daemon_config` the
    daemon.json on disk, `daemon_config_invalid` whether that is not a JSON mapping, `volumes` the directory of each of the project's
    volumes, `containers` are all that run, of every project, `deployed` those of our project and of releases of ours, running or not,
    `images` those on the host by tag, as the engine writes it, without docker.io/library.
    """

    installed: bool = False
    running: bool = False
    error: str = ""
    hung: bool = False
    version: str = ""
    api_version: str = ""
    compose_version: str = ""
    root: str = "/var/lib/docker"
    cgroup_driver: str = ""
    cgroup_version: str = ""
    storage_driver: str = ""
    runtime: str = ""
    firewall_backend: str = ""
    security_options: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    live_restore: bool = False
    logging_driver: str = ""
    rootless: bool = False
    daemon_config: Mapping[str, Any] = field(default_factory=dict)
    daemon_config_invalid: bool = False
    networks: tuple[EngineNetwork, ...] = ()
    volumes: Mapping[str, str] = field(default_factory=dict)
    containers: tuple[RunningContainer, ...] = ()
    deployed: tuple[DeployedContainer, ...] = ()
    images: Mapping[str, LocalImage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The filesystem that holds a path.

    `usable` is its size without what is kept for root. `block` is the kernel's name of the device that holds it (of the whole disk
    where that is a partition), `disks` are those that carry it in the end, below mappings and arrays; of them are `rotational`,
    `scheduler` and `schedulers`, `None` and none where the device cannot be seen.
    """

    mount: str = "/"
    device: str = ""
    filesystem: str = ""
    options: str = ""
    size: int = 0
    usable: int = 0
    free: int = 0
    inodes_free: int = 0
    block: str = ""
    disks: tuple[str, ...] = ()
    rotational: bool | None = None
    scheduler: str | None = None
    schedulers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what tells filesystems apart: two mounts of one device are one. Empty where nothing is known of it."""
        if not self.usable:
            return ""
        return self.device if self.device.startswith("/dev/") else self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDevice:
    """A disk or partition that has a size, what was found on it, and who uses it.

    `path` is its name in /dev, `number` `major:minor`, `by_id` its names in /dev/disk/by-id, `links` its other names in /dev,
    `id_serial` the serial as udev writes it, `parent` the disk of a partition, `scheduler` the one in force, `schedulers` those that
    the kernel offers. `ambivalent` is true where blkid found too many different things, `probed` where it could be read at all: what was
    not probed is not known to be empty. `swap`: the kernel swaps to it. `busy`: something holds it, even where we cannot see it. `root`:
    the system itself is on it, on a part of it, or on what is built of it.
    """

    name: str
    path: str
    number: str = ""
    by_id: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    id_serial: str = ""
    type: Literal["disk", "part", "loop", "dm", "md", "zram", "ram", "rom"] = "disk"
    parent: str = ""
    size: int = 0
    rotational: bool = False
    removable: bool = False
    read_only: bool = False
    serial: str = ""
    model: str = ""
    scheduler: str | None = None
    schedulers: tuple[str, ...] = ()
    probed: bool = False
    ambivalent: bool = False
    busy: bool = False
    signature: str = ""
    usage: str = ""
    partition_table: str = ""
    filesystem: str = ""
    uuid: str = ""
    label: str = ""
    partitions: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    slaves: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    swap: bool = False
    root: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return all of its names in /dev."""
        return (self.path, *self.by_id, *self.links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Io:
    """What makes I/O weights work: the state of the module `bfq`, and whether the kernel has io.cost (`cost`).

    `cost_devices` are the numbers (`major:minor`) of the devices where io.cost is on, `udev` tells whether udev runs, so that a choice of
    scheduler outlives a boot, `sysfs_writable` whether a scheduler can be chosen at all.
    """

    bfq: ModuleState = "absent"
    cost: bool = False
    cost_devices: tuple[str, ...] = ()
    udev: bool = False
    sysfs_writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapArea:
    """One line of proc_swaps(5)."""

    path: str
    type: str = ""
    size: int = 0
    used: int = 0
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """What the host swaps to, and whether it could swap to compressed memory."""

    areas: tuple[SwapArea, ...] = ()
    zram: ModuleState = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """The backend of `iptables` (nf_tables, legacy, or empty), which other firewalls there are, and the digest of our own loaded rules."""

    iptables: str = ""
    nft: bool = False
    ufw: bool = False
    firewalld: bool = False
    table: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Whether the clock is synchronized (`None` where the kernel does not tell), and the service that sets it."""

    synchronized: bool | None = None
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HugePages:
    """The settings of transparent huge pages, as text, empty where the kernel has none."""

    enabled: str = ""
    defrag: str = ""
    max_ptes_none: str = ""
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerSettings:
    """The values that kernel settings had before a run of ours set them first."""

    sysctl: Mapping[str, str] = field(default_factory=dict)
    huge_pages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An IPv4 network that the host routes, the default route left out."""

    subnet: str
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A TCP address and port that a program listens on."""

    address: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What wipefs(8) finds on a device."""

    type: str
    uuid: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDevice:
    """The device of a storage class.

    `block` is `None` where it is not a block device. `signatures` is `None` where they could not be read; `blank` tells whether both ends are
    zeros, `None` where that was not read.
    """

    exists: bool = False
    block: BlockDevice | None = None
    signatures: tuple[Signature, ...] | None = None
    blank: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MountPoint:
    """Where a storage class is mounted: the device that is mounted there, whether a symbolic link leads there, and a file that lies there."""

    source: str = ""
    link: bool = False
    holds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassState:
    """What a host has of a storage class with a device.

    `unit` is the text of its mount unit, `enabled` whether that is mounted at boot, `intent` the size of the device that a killed run
    was formatting (0: none), `tool` whether the program that makes the file system is installed.
    """

    device: ClassDevice = ClassDevice()
    target: MountPoint = MountPoint()
    unit: str = ""
    enabled: bool = False
    intent: int = 0
    tool: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathState:
    """What lies at a path: nothing (`kind` is empty), a file, a directory, a link or something else, with owner, group and octal mode.

    `text` is the content of a file that is text and at most 64 KiB, else `None`.
    """

    kind: Literal["", "file", "directory", "link", "other"] = ""
    owner: int = 0
    group: int = 0
    mode: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredSecret:
    """A value that is not the one that services were given: whether only white space around it differs, and a file that still holds the given one."""

    spaces: bool = False
    held_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecrets:
    """The secrets that lie on a host, without their values.

    `store` is the directory of the values, `values` says of each by name why it cannot be used, empty where it can. `files` are those that
    services read and that hold anything, relative to the project directory, `mounted` those that the release mounts, `None` where there is none. `altered`
    are by name the values that are not those that services were given, `chosen` the operator's values of which the same is true, `unfinished`
    the one whose rotation was interrupted.
    """

    store: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    mounted: tuple[str, ...] | None = None
    altered: Mapping[str, AlteredSecret] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    unfinished: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeContent:
    """What a volume holds: anything at all (`used`), and the files that name the format of its data, with their text."""

    used: bool = False
    formats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a host has.

    `root` tells whether it was asked as root, `project` is the Compose project that counts as ours, `machine` is the host's own id, made from its
    machine-id(5), which itself stays there. By name or path: `pressure` (the PSI
    lines of cpu, memory and io), `disks` (the filesystem of each path that was asked for), `slices` (by tier, "" is the whole),
    `storage` (by storage class), `volumes` (the directory of each of the project's volumes), `contents` (what those and directories of `files` hold),
    `files` (what lies at each path that was asked for), `sysctl` (empty where the kernel does not have it), `backups` (by volume and state, how many
    seconds old the data of its newest backup are), `drills` (how many seconds the last drill of each volume took), `failed_backups` (why the last backup or
    drill of a volume failed), `pins` (by service, what the tag of its image named when our release first took it), `ran` (the digests that releases which
    are kept remember). `sysctl_fixed` names those
    that cannot be set from here, `uplinks` the interfaces of the default routes.
    """

    root: bool = False
    project: str = ""
    hostname: str = ""
    machine: str = ""
    kernel: str = ""
    distribution: Distribution = Distribution()
    systemd: bool = False
    virtualization: str = "unknown"
    memory: Memory = Memory()
    core_ids: tuple[int, ...] = ()
    ceilings: Ceilings = Ceilings()
    pressure: Mapping[str, str] = field(default_factory=dict)
    cgroup: Cgroup = Cgroup()
    engine: Engine = Engine()
    disks: Mapping[str, Disk] = field(default_factory=dict)
    block_devices: tuple[BlockDevice, ...] = ()
    io: Io = Io()
    swap: Swap = Swap()
    slices: Mapping[str, SliceState] = field(default_factory=dict)
    firewall: Firewall = Firewall()
    clock: Clock = Clock()
    storage: Mapping[str, ClassState] = field(default_factory=dict)
    huge_pages: HugePages = HugePages()
    former: FormerSettings = FormerSettings()
    routes: tuple[Route, ...] = ()
    uplinks: tuple[str, ...] = ()
    listening: tuple[Listener, ...] = ()
    volumes: Mapping[str, str] = field(default_factory=dict)
    contents: Mapping[str, VolumeContent] = field(default_factory=dict)
    secrets: StoredSecrets = StoredSecrets()
    files: Mapping[str, PathState] = field(default_factory=dict)
    backups: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    drills: Mapping[str, float] = field(default_factory=dict)
    failed_backups: Mapping[str, str] = field(default_factory=dict)
    pins: Mapping[str, PinnedImage] = field(default_factory=dict)
    ran: tuple[str, ...] = ()
    sysctl: Mapping[str, str] = field(default_factory=dict)
    sysctl_fixed: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[RunningContainer, ...]:
        """Return the containers of our project that run."""
        return tuple(one for one in self.engine.containers if self.project and one.project == self.project)

    @property
    def neighbours(self) -> tuple[RunningContainer, ...]:
        """Return the running containers that are not of our project: other projects' and single ones."""
        return tuple(one for one in self.engine.containers if self.project and one.project != self.project)

    @property
    def published(self) -> tuple[Published, ...]:
        """Return every port that the engine publishes, each once, in order."""
        found = {port for one in self.engine.containers for port in one.published}
        return tuple(sorted(found, key=lambda port: (port.address, port.port, port.protocol)))

    def file(self, path: str) -> PathState:
        """Return what lies at a path; nothing where the host was not asked for it."""
        return self.files.get(path, PathState())

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with the number of `cores`."""
        return {**dump_fields(self), "cores": len(self.core_ids)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Facts:
        """Return what `to_dict` made plain. Raises `ValueError` with the path of what is wrong."""
        return load_fields(cls, {key: value for key, value in data.items() if key != "cores"})

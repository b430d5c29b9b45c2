# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a Compose definition as services with complete figures.

A figure comes from `x-budget` where it is written there, else from Compose's own keys, else from the policy's defaults. What
`x-budget` says of a service is the last word on it; a Compose limit is a wish, like `asked`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from . import codes
from .model import PRIORITIES, TIERS, CpuSpec, MemorySpec, Policy, ServiceSpec, Storage, TuningSpec
from .problems import Problems, suggestion
from .reader import Reader
from .tune.engine import Room
from .tune.registry import ENGINES
from .units import CORE, MIB, compose_size, mib, plain_number, shown

BUDGET_KEY = "x-budget"
KEYS = ("tier", "priority", "memory", "cpus", "pids", "files", "io", "batch", "tuning", "storage", "connections", "requires")
DEFAULT_TIER = "workflow"
DOCKERS_LEAST = 6 * MIB
_MOST_SHARES = 262_144
_MOST_FILES = 2**31 - 1
_MEMORY_KEYS = ("floor", "reservation", "request", "asked", "swap")


def parse_stack(compose: object, policy: Policy, problems: Problems) -> tuple[ServiceSpec, ...]:
    """Return the services of a Compose definition, sorted by name."""
    top = Reader(compose, "", problems)
    services = top.section("services")
    if isinstance(compose, Mapping) and not top.has("services"):
        problems.error(codes.MISSING_KEY, "services", "the Compose definition has no services", "write services: {name: {image: …}}")
    volumes = frozenset(top.section("volumes").names())
    clients = _clients(compose)
    return tuple(_Service(services.section(name), name, policy, volumes, clients.get(name, 0)).parse() for name in services.names())


def _clients(compose: object) -> dict[str, int]:
    """Return, by server, how many connections all services open to it; what is wrong with them is told where they are read."""
    services = Reader(compose, "", Problems()).section("services")
    clients: dict[str, int] = {}
    for name in services.names():
        service = services.section(name)
        for server, figure in _connections(service.section(BUDGET_KEY)).items():
            clients[server] = clients.get(server, 0) + figure * _replicas(service)
    return clients


def _connections(budget: Reader) -> Mapping[str, int]:
    reader = budget.section("connections")
    return {server: reader.count(server, 0, 1, 1_000_000) for server in reader.names()}


def _replicas(service: Reader) -> int:
    deploy = service.section("deploy")
    if deploy.raw("mode") == "global":
        return 1
    if deploy.has("replicas"):
        return deploy.count("replicas", 1, 0, 10_000)
    return service.count("scale", 1, 0, 10_000)


def least_memory(tuning: TuningSpec | None, cpus: CpuSpec, pids: int, clients: int = 0) -> int:
    """Return the memory below which a service's tuning engine cannot keep its promises, in whole MiB."""
    if tuning is None:
        return 0
    room = Room(limit=0, cpus=cpus.limit, pids=pids, params=tuning.params, clients=clients)
    return -(-ENGINES[tuning.engine].least(room) // MIB) * MIB


@dataclass(slots=True)
class _Service:
    """Reads one service; `sources` fills up on the way."""

    compose: Reader
    name: str
    policy: Policy
    volumes: frozenset[str]
    clients: int
    sources: dict[str, str] = field(default_factory=dict)

    def parse(self) -> ServiceSpec:
        self._suspect()
        budget = self.compose.section(BUDGET_KEY, KEYS)
        deploy = self.compose.section("deploy")
        resources = deploy.section("resources")
        limits, reservations = resources.section("limits"), resources.section("reservations")
        tier = budget.choice("tier", DEFAULT_TIER, TIERS)
        priority = budget.choice("priority", TIERS[tier].priority, PRIORITIES)
        tuning, pids = self._tuning(budget), self._pids(budget, limits)
        cpus = self._cpus(budget.section("cpus", ("reservation", "limit")), limits, reservations, self.policy.weights[priority])
        least = least_memory(tuning, cpus, pids, self.clients)
        return ServiceSpec(
            name=self.name,
            image=self.compose.text("image", ""),
            tier=tier,
            priority=priority,
            replicas=_replicas(self.compose),
            memory=self._memory(budget.section("memory", _MEMORY_KEYS), limits, reservations, least),
            cpus=cpus,
            pids=pids,
            files=self._files(budget),
            io_weight=self._io(budget, tier),
            batch=budget.flag("batch", False),
            tuning=tuning,
            storage=self._storage(budget.section("storage")),
            connections=_connections(budget),
            clients=self.clients,
            depends_on=self._depends_on(),
            requires=budget.words("requires"),
            sources=self.sources,
        )

    def _suspect(self) -> None:
        """Tell what looks like x-budget and is not; other extensions are none of our business."""
        for name in self.compose.names():
            written = name.replace("_", "-")
            if name == BUDGET_KEY or not written.startswith("x-"):
                continue
            if suggestion(written, (BUDGET_KEY,)) == f"write {BUDGET_KEY}":
                problems = self.compose.problems
                problems.warning(codes.SUSPECT_KEY, self.compose.at(name), f"{shown(name)} is not read", f"write {BUDGET_KEY}")

    def _memory(self, written: Reader, limits: Reader, reservations: Reader, least: int) -> MemorySpec:
        defaults, problems, shm = self.policy.defaults, written.problems, self._shm()
        wish, wish_source = self._wish(limits)
        floor = written.size("floor", 0)
        reservation, reservation_source = self._memory_reservation(written, reservations)
        request, asked = written.size("request", 0), written.size("asked", 0)
        if request:
            self.sources["memory.request"] = f"{BUDGET_KEY}.memory.request"
            if floor > request:
                problems.error(
                    codes.FLOOR_ABOVE_REQUEST,
                    written.at("floor"),
                    f"the floor {mib(floor)} is above the request {mib(request)}",
                    "lower the floor or raise the request",
                )
            asked = asked or request
        elif asked or wish:
            self.sources["memory.request"] = f"{BUDGET_KEY}.memory.asked" if asked else wish_source
            asked = asked or wish
            request = max(asked, floor)
        else:
            self.sources["memory.request"] = "policy.defaults.memory.request"
            asked = request = max(defaults.request, floor, reservation, least, shm)
        self.sources["memory.floor"] = f"{BUDGET_KEY}.memory.floor"
        if not floor and not written.bad("floor"):
            self.sources["memory.floor"] = "policy.defaults.memory.floor" if defaults.floor >= least else "what its tuning engine needs"
            floor = min(max(defaults.floor, least), request)
        floor = self._floor_for_shm(floor, request, shm, bool(written.has("floor")))
        if asked < floor:
            problems.info(
                codes.ASKED_BELOW_FLOOR,
                written.at("asked") if written.has("asked") else f"{self.compose.path}.{wish_source}",
                f"asked {mib(asked)} is below the floor {mib(floor)} that the service needs, so its request is {mib(request)}",
                f"ask for {mib(floor)} or more",
            )
        if reservation > request:
            problems.error(
                codes.RESERVATION_ABOVE_LIMIT,
                f"{self.compose.path}.{reservation_source}",
                f"the reservation {mib(reservation)} is above the request {mib(request)}",
                "lower the reservation or raise the request",
            )
        for name, size in (("floor", floor), ("reservation", reservation)):
            if 0 < size < DOCKERS_LEAST:
                message = f"a {name} of {mib(size)} is below the least that Docker takes"
                problems.error(codes.BELOW_DOCKERS_LEAST, written.at(name), message, f"write {compose_size(DOCKERS_LEAST)} or more")
        if not reservation:
            reservation, self.sources["memory.reservation"] = floor, "the floor"
        return MemorySpec(floor=floor, reservation=reservation, request=request, asked=asked, swap=self._swap(written), shm=shm)

    def _shm(self) -> int:
        self.sources["memory.shm"] = "shm_size" if self.compose.has("shm_size") else "the engine's own default"
        return self.compose.size("shm_size", 0, allow_zero=True)

    def _floor_for_shm(self, floor: int, request: int, shm: int, written: bool) -> int:
        """Return a floor that holds what may be written to /dev/shm, which is charged to the service's memory."""
        problems = self.compose.problems
        if shm <= floor:
            return floor
        if shm > request:
            message = f"a shm_size of {mib(shm)} is above the {mib(request)} that the service may use"
            problems.error(codes.SHM_ABOVE_LIMIT, self.compose.at("shm_size"), message, f"write {compose_size(request)} or less")
            return floor
        if written:
            message = f"the floor {mib(floor)} does not hold a shm_size of {mib(shm)}, so it is raised to it"
            fix = f"write a floor of {compose_size(shm)} or more, or a smaller shm_size"
            problems.info(codes.FLOOR_BELOW_SHM, f"{self.compose.path}.{BUDGET_KEY}.memory.floor", message, fix)
        self.sources["memory.floor"] = "shm_size"
        return shm

    def _wish(self, limits: Reader) -> tuple[int, str]:
        """Return the memory limit that Compose's own keys state."""
        for reader, name, source in ((self.compose, "mem_limit", "mem_limit"), (limits, "memory", "deploy.resources.limits.memory")):
            size = reader.size(name, 0, allow_zero=True)
            if size:
                return size, source
        return 0, ""

    def _memory_reservation(self, written: Reader, reservations: Reader) -> tuple[int, str]:
        sources = (
            (written, "reservation", f"{BUDGET_KEY}.memory.reservation"),
            (self.compose, "mem_reservation", "mem_reservation"),
            (reservations, "memory", "deploy.resources.reservations.memory"),
        )
        for reader, name, source in sources:
            size = reader.size(name, 0, allow_zero=reader is not written)
            if size:
                self.sources["memory.reservation"] = source
                return size, source
        return 0, ""

    def _swap(self, written: Reader) -> int:
        if written.has("swap"):
            self.sources["memory.swap"] = f"{BUDGET_KEY}.memory.swap"
            return written.size("swap", 0, allow_zero=True)
        self.sources["memory.swap"] = "default"
        limit = self.compose.raw("mem_limit")
        if not self.compose.has("memswap_limit") or limit is None or str(self.compose.raw("memswap_limit")) == "-1":
            return 0
        self.sources["memory.swap"] = "memswap_limit less mem_limit"
        both, memory = self.compose.size("memswap_limit", 0, allow_zero=True), self.compose.size("mem_limit", 0, allow_zero=True)
        return max(0, both - memory)

    def _cpus(self, written: Reader, limits: Reader, reservations: Reader, weight: Fraction) -> CpuSpec:
        defaults = self.policy.defaults
        limit, reservation = written.cpus("limit", 0), written.cpus("reservation", -1, allow_zero=True)
        self.sources["cpus.limit"] = f"{BUDGET_KEY}.cpus.limit"
        self.sources["cpus.reservation"] = f"{BUDGET_KEY}.cpus.reservation"
        for reader, name, source in ((self.compose, "cpus", "cpus"), (limits, "cpus", "deploy.resources.limits.cpus")):
            if not limit:
                limit = reader.cpus(name, 0, allow_zero=True)
                self.sources["cpus.limit"] = source
        if reservation < 0:
            reservation = reservations.cpus("cpus", -1, allow_zero=True)
            self.sources["cpus.reservation"] = "deploy.resources.reservations.cpus"
        if reservation < 0 and self.compose.has("cpu_shares"):
            shares = self.compose.count("cpu_shares", 0, 0, _MOST_SHARES)
            reservation = int(CORE * shares / (1024 * weight))
            self.sources["cpus.reservation"] = f"cpu_shares, 1024 x {plain_number(weight)} for a core"
            reservation = min(reservation, limit) if limit else reservation
        if not limit:
            limit, self.sources["cpus.limit"] = max(defaults.cpu_limit, reservation), "policy.defaults.cpus.limit"
        if reservation < 0:
            reservation, self.sources["cpus.reservation"] = min(defaults.cpu_reservation, limit), "policy.defaults.cpus.reservation"
        if reservation > limit and not written.bad("limit"):
            written.problems.error(
                codes.RESERVATION_ABOVE_LIMIT,
                written.at("reservation"),
                f"the reservation of {reservation} millicores is above the limit of {limit}",
                "lower the reservation or raise the limit",
            )
        return CpuSpec(reservation=reservation, limit=limit)

    def _pids(self, budget: Reader, limits: Reader) -> int:
        for reader, name, source in (
            (budget, "pids", f"{BUDGET_KEY}.pids"),
            (self.compose, "pids_limit", "pids_limit"),
            (limits, "pids", "deploy.resources.limits.pids"),
        ):
            unlimited = reader is not budget and str(reader.raw(name)) in ("-1", "0")
            if reader.has(name) and not unlimited:
                self.sources["pids"] = source
                return reader.count(name, self.policy.defaults.pids, 1, 4_194_304)
        self.sources["pids"] = "policy.defaults.pids"
        return self.policy.defaults.pids

    def _files(self, budget: Reader) -> int:
        default = self.policy.defaults.files
        if budget.has("files"):
            self.sources["files"] = f"{BUDGET_KEY}.files"
            return budget.count("files", default, 1)
        nofile = self.compose.section("ulimits").raw("nofile")
        hard = nofile.get("hard") if isinstance(nofile, Mapping) else nofile
        if str(hard).isascii() and str(hard).isdigit() and 0 < int(str(hard)) <= _MOST_FILES:
            self.sources["files"] = "ulimits.nofile"
            return int(str(hard))
        self.sources["files"] = "policy.defaults.files"
        return default

    def _depends_on(self) -> tuple[str, ...]:
        depends = self.compose.raw("depends_on")
        return tuple(sorted(str(name) for name in depends)) if isinstance(depends, (list, tuple, Mapping)) else ()

    def _io(self, budget: Reader, tier: str) -> int:
        default, blkio = TIERS[tier].io_weight, self.compose.section("blkio_config")
        if budget.has("io") or not blkio.has("weight"):
            self.sources["io.weight"] = f"{BUDGET_KEY}.io" if budget.has("io") else f"tier {tier}"
            return budget.count("io", default, 10, 1000)
        self.sources["io.weight"] = "blkio_config.weight"
        return blkio.count("weight", default, 10, 1000)

    def _tuning(self, budget: Reader) -> TuningSpec | None:
        if not budget.has("tuning"):
            return None
        loose = budget.section("tuning")
        if not loose.has("engine"):
            fix = f"write engine: and one of {', '.join(sorted(ENGINES))}"
            loose.problems.error(codes.MISSING_KEY, loose.at("engine"), "no tuning engine is named", fix)
            return None
        name = loose.choice("engine", "", ENGINES)
        if not name:
            return None
        engine = ENGINES[name]
        return TuningSpec(engine=name, params=engine.read(budget.section("tuning", ("engine", *engine.keys))))

    def _storage(self, reader: Reader) -> Mapping[str, Storage]:
        entries = {}
        for volume in reader.names():
            entry = reader.section(volume, ("class", "path", "owner", "group", "mode", "size", "floor"))
            if volume not in self.volumes:
                message = f"the stack declares no volume {shown(volume)}"
                fix = suggestion(volume, self.volumes) if self.volumes else f"declare it under volumes: {{{volume}: {{}}}}"
                reader.problems.error(codes.UNKNOWN_VOLUME, reader.at(volume), message, fix)
            size = entry.size("size", 0)
            entries[volume] = Storage(
                storage_class=entry.text("class", "hot"),
                path=self._relative(entry, volume.removesuffix("_data")),
                owner=entry.count("owner", 0, 0),
                group=entry.count("group", 0, 0),
                mode=self._mode(entry),
                size=size,
                floor=self._volume_floor(entry, size),
            )
        return entries

    def _volume_floor(self, entry: Reader, size: int) -> int:
        """Return the least that will do for a volume: all of its size where nothing else is said."""
        floor = entry.size("floor", size)
        if floor <= size or entry.bad("size"):
            return floor
        message = f"the floor {mib(floor)} is above the size {mib(size)}" if size else "a floor without a size"
        entry.problems.error(
            codes.FLOOR_ABOVE_REQUEST, entry.at("floor"), message, "write the size that it may grow to, at least the floor"
        )
        return size

    def _relative(self, entry: Reader, default: str) -> str:
        path = entry.text("path", default)
        if path.startswith("/") or ".." in path.split("/"):
            entry.problems.error(
                codes.BAD_TEXT, entry.at("path"), f"{shown(path)} leaves the storage class", "write a path relative to the class"
            )
        return path

    def _mode(self, entry: Reader) -> str:
        mode = entry.raw("mode")
        if mode is None:
            return "0700"
        text = str(mode)
        if isinstance(mode, str) and len(text) in (3, 4) and set(text) <= set("01234567"):
            return text.zfill(4)
        entry.problems.error(codes.BAD_TEXT, entry.at("mode"), f"{shown(mode)} is no mode", 'write a quoted octal mode such as "0700"')
        return "0700"

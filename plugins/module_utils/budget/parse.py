# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a Compose definition as services with complete figures.

A figure comes from `x-budget` where it is written there, else from Compose's own keys, else from what is known of the service
(`budget.knowledge`), else from the policy's defaults. What `x-budget` says is the last word; a limit in Compose's own keys is a demand,
like `asked`. Where `x-budget.complete` says so, Compose's own limits are a budget's and nobody's demand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from ..compose.reader import Reader
from ..compose.service import Service
from ..compose.values import COMPLETED, dig, mapping, text
from ..problems import Problems, suggestion
from ..tiers import PRIORITIES, TIERS
from ..units import CORE, MIB, compose_size, mib, plain_number, shown
from . import codes
from .capacity import Capacity
from .knowledge import BLIND, UNKNOWN_PROGRAM, Insight, Knowledge, know
from .policy import Policy
from .reload import KEY as RELOAD
from .reload import faults
from .spec import CpuSpec, Evidence, MemorySpec, ServiceSpec, Storage, TuningSpec, Value, running
from .tune.registry import TUNERS
from .tune.tuner import Room

BUDGET_KEY = "x-budget"
KEYS = (
    "tier",
    "priority",
    "memory",
    "cpus",
    "pids",
    "files",
    "io",
    "batch",
    "tuning",
    "storage",
    "backup",
    "connections",
    "reload",
    "requires",
    "route",
    "complete",
)
DEFAULT_TIER = "workflow"
DOCKERS_LEAST = 6 * MIB
_MOST_SHARES = 262_144
_MOST_FILES = 2**31 - 1
MEMORY_KEYS = ("floor", "reservation", "request", "asked", "swap")
CPU_KEYS = ("reservation", "limit")
STORAGE_KEYS = ("class", "path", "owner", "group", "mode", "size", "floor")
# In place of a request: no ceiling but a fair share of what is left.
FAIR = "fair"
# In place of a tuner: its program is left as it is.
OFF = "off"
# Pids of a service of which nothing says how many it needs, until they are shared.
# Docker's own examples for a shell and a few helpers; a bomb is stopped by it as well.
_FEWEST_PIDS = 256
# The source of the least memory of a service's tuner; `check_tuners` judges it.
_TUNERS_LEAST = "what its tuner needs with the settings of its author"
_KNOWN_LEAST = "the least that its tuner works with"
_KINDS = ("declared", "configured", "observed", "known")


def parse_stack(
    compose: object, policy: Policy, problems: Problems, capacity: Capacity | None = None, insight: Insight = BLIND
) -> tuple[ServiceSpec, ...]:
    """Return the services of a Compose definition, sorted by name; `insight` is what is known beyond it."""
    top = Reader(compose, "", problems)
    services = top.section("services")
    if isinstance(compose, Mapping) and not top.has("services"):
        problems.error(codes.MISSING_KEY, "services", "the Compose definition has no services", "write services: {name: {image: …}}")
    for name in services.data:
        if not isinstance(name, str):
            problems.error(codes.BAD_TEXT, services.at(text(name) or "null"), "the service's name is not text", "put it in quotes")
    volumes = frozenset(top.section("volumes").names())
    clients, awaited = _clients(compose, policy), _awaited(services.data)
    cpus = CORE if capacity is None else capacity.cpus
    specs = tuple(
        _Service(services.section(name), name, policy, volumes, clients.get(name, 0), awaited.get(name, ()), cpus, insight).parse()
        for name in services.names()
    )
    return _with_fair_pids(specs, policy, capacity)


def _with_fair_pids(specs: tuple[ServiceSpec, ...], policy: Policy, capacity: Capacity | None) -> tuple[ServiceSpec, ...]:
    """Give services whose author bounds no processes an equal part of what is left: what evidence supports, at most the policy's default."""
    pool = None if capacity is None else policy.pool(capacity).pids
    open_specs = [spec for spec in running(specs, policy) if not spec.pids_stated]
    part = policy.defaults.pids
    if pool is not None:
        left, sharing = pool - sum(spec.pids * spec.replicas for spec in running(specs, policy) if spec.pids_stated), open_specs
        while sharing:
            part = min(policy.defaults.pids, left // sum(spec.replicas for spec in sharing))
            larger = [spec for spec in sharing if spec.pids > part]
            if not larger:
                break
            left -= sum(spec.pids * spec.replicas for spec in larger)
            sharing = [spec for spec in sharing if spec.pids <= part]
    part = max(min(_FEWEST_PIDS, policy.defaults.pids), part)
    return tuple(spec if spec.pids_stated else replace(spec, pids=max(spec.pids, part)) for spec in specs)


def _clients(compose: object, policy: Policy) -> dict[str, int]:
    """Return, by server, how many connections all services that are on open to it; what is wrong with them is told where they are read."""
    services = Reader(compose, "", Problems()).section("services")
    clients: dict[str, int] = {}
    for name, entry in services.data.items():
        if dig(entry, BUDGET_KEY, "connections") is None:
            continue
        service = services.section(name)
        budget = service.section(BUDGET_KEY)
        if not set(budget.words("requires")) <= set(policy.credentials):
            continue
        for server, figure in _connections(budget).items():
            clients[server] = clients.get(server, 0) + figure * _replicas(service)
    return clients


def _awaited(services: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return, by job, the services that start only after it ends with success; what is wrong with them is told where they are read."""
    awaited: dict[str, list[str]] = {}
    for name, entry in services.items():
        jobs = entry.get("depends_on") if isinstance(entry, (dict, Mapping)) else None
        if jobs is not None and isinstance(jobs, (dict, Mapping)):
            for job, how in jobs.items():
                if isinstance(how, (dict, Mapping)) and how.get("condition") == COMPLETED:
                    awaited.setdefault(job, []).append(name)
    return {job: tuple(sorted(names)) for job, names in awaited.items()}


def _connections(budget: Reader) -> Mapping[str, int]:
    if not budget.has("connections"):
        return {}
    reader = budget.section("connections")
    return {server: reader.count(server, 0, 1, 1_000_000) for server in reader.names()}


def _replicas(service: Reader) -> int:
    if service.has("deploy"):
        deploy = service.section("deploy")
        if deploy.raw("mode") == "global":
            return 1
        if deploy.has("replicas"):
            return deploy.count("replicas", 1, 0, 10_000)
    return service.count("scale", 1, 0, 10_000)


def least_memory(tuning: TuningSpec | None, cpus: CpuSpec, pids: int, clients: int = 0) -> int:
    """Return the memory below which a service's tuner cannot keep its promises, in whole MiB."""
    if tuning is None:
        return 0
    return _least_memory(tuning.tuner, (*tuning.params.items(),), (*tuning.written.items(),), cpus.limit, pids, clients)


# It is asked of the same tuning wherever a service is read and checked, and most services of a stack are tuned alike.
@lru_cache(maxsize=4096)
def _least_memory(
    tuner: str, params: tuple[tuple[str, Value], ...], written: tuple[tuple[str, str], ...], cpus: int, pids: int, clients: int
) -> int:
    room = Room(limit=0, cpus=cpus, pids=pids, params=dict(params), written=dict(written), clients=clients)
    return -(-TUNERS[tuner].least(room) // MIB) * MIB


@dataclass(slots=True)
class _Service:
    """Reads one service; `sources` fills up on the way. `own` are Compose's own keys, none where these are a budget's."""

    compose: Reader
    name: str
    policy: Policy
    volumes: frozenset[str]
    clients: int
    awaited_by: tuple[str, ...]
    host_cpus: int
    insight: Insight
    own: Reader = field(init=False)
    sources: dict[str, str] = field(default_factory=dict)
    complete: bool = False
    known: Knowledge = UNKNOWN_PROGRAM

    def parse(self) -> ServiceSpec:
        self._suspect()
        budget = self.compose.section(BUDGET_KEY, KEYS)
        self.complete = budget.flag("complete", False)
        limits = reservations = nothing = Reader(None, self.compose.path, self.compose.problems)
        self.own = nothing if self.complete else self.compose
        if self.own.has("deploy"):
            resources = self.own.section("deploy").section("resources")
            limits, reservations = resources.section("limits"), resources.section("reservations")
        service = Service.read(self.name, self.compose.data, self.insight.env_files)
        self.known = self._know(service, budget)
        tier = budget.choice("tier", self.known.tier if self.known.tier in TIERS else DEFAULT_TIER, TIERS)
        for key, message, fix in faults(budget.raw(RELOAD)) if budget.has(RELOAD) else ():
            budget.problems.error(codes.BAD_RELOAD, f"{budget.at(RELOAD)}{key and '.'}{key}", message, fix)
        priority = budget.choice("priority", TIERS[tier].priority, PRIORITIES)
        tuning = self._tuning(budget)
        pids, pids_stated = self._pids(budget, limits)
        cpus = self._cpus(budget.section("cpus", CPU_KEYS), limits, reservations, self.policy.weights[priority])
        least = least_memory(tuning, cpus, pids if pids_stated else 0, self.clients)
        memory = budget.section("memory", MEMORY_KEYS)
        fair = memory.raw("request") == FAIR
        floor, request = memory.size("floor", 0), 0 if fair else memory.size("request", 0)
        if min(floor or least, request or least) < least and not budget.has("tuning"):
            # What only its image suggests gives way to what its author says.
            tuning, least = None, 0
        return ServiceSpec(
            name=self.name,
            image=self.compose.text("image", ""),
            tier=tier,
            priority=priority,
            replicas=_replicas(self.compose),
            memory=self._memory(memory, floor, request, limits, reservations, least),
            cpus=cpus,
            pids=pids,
            pids_stated=pids_stated,
            files=self._files(service, budget),
            io_weight=self._io(budget, tier),
            batch=budget.flag("batch", self.known.batch),
            tuning=tuning,
            storage=self._storage(budget.section("storage")),
            connections=_connections(budget),
            clients=self.clients,
            awaited_by=self.awaited_by,
            depends_on=tuple(sorted({entry.name for entry in service.depends_on})),
            requires=budget.words("requires"),
            sources=self.sources,
        )

    def _know(self, service: Service, budget: Reader) -> Knowledge:
        tuning = mapping(budget.raw("tuning"))
        tuner = tuning.get("tuner")
        ours = tuning.get("tuned")
        return know(
            service,
            self.insight,
            tuner if isinstance(tuner, str) and tuner in TUNERS else "",
            [name for name in ours if isinstance(name, str)] if isinstance(ours, (list, tuple)) else (),
            completes=bool(self.awaited_by),
        )

    def _suspect(self) -> None:
        """Tell what looks like x-budget and is not; other extensions are none of our business."""
        for name in map(str, self.compose.data):
            if name == BUDGET_KEY or not name.startswith(("x-", "x_")):
                continue
            written = name.replace("_", "-")
            if suggestion(written, (BUDGET_KEY,)) == f"write {BUDGET_KEY}":
                problems = self.compose.problems
                problems.warning(codes.SUSPECT_KEY, self.compose.at(name), f"{shown(name)} is not read", f"write {BUDGET_KEY}")

    def _memory(self, written: Reader, stated: int, request: int, limits: Reader, reservations: Reader, least: int) -> MemorySpec:
        """Return what it needs and asks; `stated` and `request` are the floor and the request of x-budget, 0 where they are not stated."""
        problems, shm = written.problems, self._shm()
        wish, wish_source = self._wish(limits)
        reservation, reservation_source = self._memory_reservation(written, reservations)
        asked = written.size("asked", 0)
        bounded = bool(request or asked or wish) and written.raw("request") != FAIR
        evidence = self._evidence(least, reservation, reservation_source, wish)
        floor = self._floor(written, evidence, stated, request, request or asked or wish)
        if request:
            self.sources["memory.request"] = f"{BUDGET_KEY}.memory.request"
            asked = asked or request
        elif bounded:
            self.sources["memory.request"] = f"{BUDGET_KEY}.memory.asked" if asked else wish_source
            asked = asked or wish
            request = max(asked, floor)
        else:
            request = asked = self._unbounded(floor, reservation)
        self._check_asked(written, wish_source, asked, floor, request)
        if reservation > request:
            problems.error(
                codes.RESERVATION_ABOVE_LIMIT,
                f"{self.compose.path}.{reservation_source}",
                f"the reservation {mib(reservation)} is above the request {mib(request)}",
                "lower the reservation or raise the request",
            )
        for name, size in (("floor", 0 if floor == reservation else floor), ("reservation", reservation)):
            if 0 < size < DOCKERS_LEAST:
                message = f"a {name} of {mib(size)} is below the least that Docker takes"
                problems.error(codes.BELOW_DOCKERS_LEAST, written.at(name), message, f"write {compose_size(DOCKERS_LEAST)} or more")
        if not reservation:
            reservation, self.sources["memory.reservation"] = floor, "the floor"
        return MemorySpec(
            floor=floor,
            reservation=reservation,
            request=request,
            asked=asked,
            swap=self._swap(written),
            shm=shm,
            bounded=bounded,
            evidence=evidence,
            floor_is_default=not evidence and not written.has("floor"),
            at_once=self.known.at_once,
            vendor=0 if bounded else self.known.vendor,
        )

    def _evidence(self, least: int, reservation: int, reservation_source: str, wish: int) -> tuple[Evidence, ...]:
        """Return what supports a floor, the strongest first; of equals the more certain kind."""
        observed = self.insight.observed.get(self.name)
        # Below a limit of its author's it lived so far: more than that is only needed where it was killed there.
        lived = wish if wish and observed is not None and not observed.oom_kills else 0
        found = [
            replace(entry, amount=min(entry.amount, lived)) if lived and entry.kind == "observed" else entry for entry in self.known.memory
        ]
        if least:
            found.append(Evidence(kind="configured", amount=least, source=_TUNERS_LEAST))
        if reservation and not 0 < wish < reservation:
            found.append(Evidence(kind="declared", amount=reservation, source=reservation_source))
        return tuple(sorted(found, key=lambda evidence: (-evidence.amount, _KINDS.index(evidence.kind))))

    def _floor(self, written: Reader, evidence: tuple[Evidence, ...], stated: int, request: int, asked: int) -> int:
        """Return the floor: as `stated`, but never below what the service's own settings take; else the strongest evidence.

        `request` is that of x-budget, `asked` what the author asks for anywhere; 0 where nothing is said.
        """
        if stated:
            self.sources["memory.floor"] = f"{BUDGET_KEY}.memory.floor"
            if request and stated > request:
                written.problems.error(
                    codes.FLOOR_ABOVE_REQUEST,
                    written.at("floor"),
                    f"the floor {mib(stated)} is above the request {mib(request)}",
                    "lower the floor or raise the request",
                )
            configured = next((entry for entry in evidence if entry.kind == "configured" and entry.source != _TUNERS_LEAST), None)
            if configured is not None and configured.amount > stated:
                written.problems.error(
                    codes.FLOOR_BELOW_SETTINGS,
                    written.at("floor"),
                    f"the floor {mib(stated)} is below the {mib(configured.amount)} that its own settings take ({configured.source})",
                    f"write {compose_size(-(-configured.amount // MIB) * MIB)} or more, or lower that setting",
                )
            return stated
        if evidence:
            strongest = evidence[0]
            of_tuner = strongest.source == _TUNERS_LEAST and not self.known.written
            self.sources["memory.floor"] = f"known: {_KNOWN_LEAST}" if of_tuner else f"{strongest.kind}: {strongest.source}"
            # What the author says a service can use at most holds against what is only known of its image.
            amount = max(strongest.amount, DOCKERS_LEAST)
            return min(amount, request) if request and strongest.kind in ("known", "observed") else amount
        self.sources["memory.floor"] = "policy.defaults.memory.floor, since nothing is known of this service"
        return min(self.policy.defaults.floor, asked) if asked else self.policy.defaults.floor

    def _unbounded(self, floor: int, reservation: int) -> int:
        """Return what a service may use before what is left is shared without a ceiling."""
        claims = {
            "policy.defaults.memory.request": self.policy.defaults.request,
            "its settings: the sum of all that they can make it use": self.known.request,
            "twice its floor": 2 * (floor - self.known.beside) + self.known.beside,
            "its reservation": reservation,
            "known: what its vendor asks for": self.known.vendor,
            "observed: its peak with the kernel's cache of files": self.known.peak,
        }
        source = max(claims, key=lambda source: claims[source])
        self.sources["memory.request"] = source
        return claims[source]

    def _check_asked(self, written: Reader, wish_source: str, asked: int, floor: int, request: int) -> None:
        if asked >= floor:
            return
        # Figures of x-budget come from whoever knows the floor as well; a limit in a file of the author's own was meant.
        budgets = written.has("asked") or written.has("request")
        note = written.problems.info if budgets else written.problems.warning
        note(
            codes.ASKED_BELOW_FLOOR,
            written.at("asked") if written.has("asked") else f"{self.compose.path}.{wish_source}",
            f"asked {mib(asked)} is below the floor {mib(floor)} that the service needs ({self.sources['memory.floor']}), so its request is {mib(request)}",
            f"ask for {mib(floor)} or more",
        )

    def _shm(self) -> int:
        self.sources["memory.shm"] = "shm_size" if self.compose.has("shm_size") else "the engine's own default"
        return self.compose.size("shm_size", 0, allow_zero=True)

    def _wish(self, limits: Reader) -> tuple[int, str]:
        """Return the memory limit that Compose's own keys state."""
        for reader, name, source in ((self.own, "mem_limit", "mem_limit"), (limits, "memory", "deploy.resources.limits.memory")):
            size = reader.size(name, 0, allow_zero=True)
            if size:
                return size, source
        return 0, ""

    def _memory_reservation(self, written: Reader, reservations: Reader) -> tuple[int, str]:
        sources = (
            (written, "reservation", f"{BUDGET_KEY}.memory.reservation"),
            (self.own, "mem_reservation", "mem_reservation"),
            (reservations, "memory", "deploy.resources.reservations.memory"),
        )
        for reader, name, source in sources:
            size = reader.size(name, 0, allow_zero=reader is not written)
            if size:
                self.sources["memory.reservation"] = source
                return size, source
        return 0, ""

    def _swap(self, written: Reader) -> int | None:
        """Return the bytes of swap beyond the limit; nothing where the author leaves it to the engine and nothing speaks against it."""
        if written.has("swap"):
            self.sources["memory.swap"] = f"{BUDGET_KEY}.memory.swap"
            return written.size("swap", 0, allow_zero=True)
        own = self.own
        limit = own.raw("mem_limit")
        # A budget never writes it, so it is the author's.
        if str(self.compose.raw("memswap_limit")) == "-1":
            self.sources["memory.swap"] = "memswap_limit: unlimited"
            return None
        if own.has("memswap_limit") and limit is not None:
            self.sources["memory.swap"] = "memswap_limit less mem_limit"
            both, memory = own.size("memswap_limit", 0, allow_zero=True), own.size("mem_limit", 0, allow_zero=True)
            return max(0, both - memory)
        if self.known.swap is False:
            self.sources["memory.swap"] = "known: swap harms this program"
            return 0
        self.sources["memory.swap"] = "the engine's own default"
        return None

    def _cpus(self, written: Reader, limits: Reader, reservations: Reader, weight: Fraction) -> CpuSpec:
        limit, reservation = written.cpus("limit", 0), written.cpus("reservation", -1, allow_zero=True)
        self.sources["cpus.limit"] = f"{BUDGET_KEY}.cpus.limit"
        self.sources["cpus.reservation"] = f"{BUDGET_KEY}.cpus.reservation"
        for reader, name, source in ((self.own, "cpus", "cpus"), (limits, "cpus", "deploy.resources.limits.cpus")):
            if not limit:
                limit = reader.cpus(name, 0, allow_zero=True)
                self.sources["cpus.limit"] = source
        declared = bool(limit) or written.bad("limit")
        if reservation < 0:
            reservation = reservations.cpus("cpus", -1, allow_zero=True)
            self.sources["cpus.reservation"] = "deploy.resources.reservations.cpus"
        if reservation < 0 and self.own.has("cpu_shares"):
            shares = self.own.count("cpu_shares", 0, 0, _MOST_SHARES)
            reservation = int(CORE * shares / (1024 * weight))
            self.sources["cpus.reservation"] = f"cpu_shares, 1024 x {plain_number(weight)} for a core"
            reservation = min(reservation, limit) if limit else reservation
        if not declared:
            limit, self.sources["cpus.limit"] = max(self.host_cpus, reservation), "the host: nothing confines it"
        if reservation < 0:
            default = self.policy.defaults.cpu_reservation
            reservation, self.sources["cpus.reservation"] = min(default, limit), "policy.defaults.cpus.reservation"
        if reservation > limit and not written.bad("limit"):
            written.problems.error(
                codes.RESERVATION_ABOVE_LIMIT,
                written.at("reservation"),
                f"the reservation of {reservation} millicores is above the limit of {limit}",
                "lower the reservation or raise the limit",
            )
        return CpuSpec(reservation=reservation, limit=limit, declared=declared)

    def _pids(self, budget: Reader, limits: Reader) -> tuple[int, bool]:
        """Return the most processes and threads, and whether the author states it; else it is the least that evidence supports.

        Evidence of processes was seen at some load on some count of cores, or counts workers and not their threads, so it only raises
        what a service gets.
        """
        own, needed = self.own, max(self.known.pids, key=lambda evidence: evidence.amount, default=None)
        for reader, name, source in (
            (budget, "pids", f"{BUDGET_KEY}.pids"),
            (own, "pids_limit", "pids_limit"),
            (limits, "pids", "deploy.resources.limits.pids"),
        ):
            if reader.has(name) and (reader is budget or str(reader.raw(name)) not in ("-1", "0")):
                self.sources["pids"] = source
                stated = reader.count(name, self.policy.defaults.pids, 1, 4_194_304)
                if reader is budget or needed is None or needed.kind != "configured" or needed.amount <= stated:
                    return stated, True
                self.sources["pids"] = f"configured: {needed.source}"
                self.compose.problems.warning(
                    codes.PIDS_BELOW_SETTINGS,
                    f"{self.compose.path}.{source}",
                    f"{stated} processes are fewer than the {needed.amount} that its settings start ({needed.source}), which is its limit then",
                    f"write {needed.amount} or more",
                )
                return needed.amount, True
        least = "" if needed is None else f"at least {needed.amount} ({needed.kind}: {needed.source}), "
        self.sources["pids"] = f"{least}a fair part of what the kernel allows, at most policy.defaults.pids"
        return (0 if needed is None else needed.amount), False

    def _files(self, service: Service, budget: Reader) -> int:
        default = self.policy.defaults.files
        if budget.has("files"):
            self.sources["files"] = f"{BUDGET_KEY}.files"
            return budget.count("files", default, 1)
        nofile = service.ulimits.get("nofile") if self.compose.section("ulimits").data else None
        if nofile is not None and 0 < nofile.hard <= _MOST_FILES:
            self.sources["files"] = "ulimits.nofile"
            return nofile.hard
        self.sources["files"] = "policy.defaults.files"
        return default

    def _io(self, budget: Reader, tier: str) -> int:
        default, blkio = TIERS[tier].io_weight, self.compose.section("blkio_config")
        if budget.has("io") or not blkio.has("weight"):
            self.sources["io.weight"] = f"{BUDGET_KEY}.io" if budget.has("io") else f"tier {tier}"
            return budget.count("io", default, 10, 1000)
        self.sources["io.weight"] = "blkio_config.weight"
        return blkio.count("weight", default, 10, 1000)

    def _tuning(self, budget: Reader) -> TuningSpec | None:
        """Return how its program is tuned: as x-budget says, else as its image suggests."""
        if not (self.known.tuner or self.known.untuned or budget.has("tuning")):
            return None
        loose = budget.section("tuning")
        if budget.raw("tuning") == OFF:
            return None
        if budget.has("tuning") and not loose.has("tuner"):
            fix = f"write tuner: and one of {', '.join(sorted(TUNERS))}"
            loose.problems.error(codes.MISSING_KEY, loose.at("tuner"), "no tuner is named", fix)
            return None
        name = loose.choice("tuner", self.known.tuner, TUNERS)
        if self.known.untuned and not loose.has("tuner"):
            budget.problems.info(
                codes.LEFT_UNTUNED,
                self.compose.path,
                f"its program is left as it is: {self.known.untuned}",
                f"write {BUDGET_KEY}.tuning where nothing there sets its memory",
            )
        if not name:
            return None
        tuner = TUNERS[name]
        params = tuner.read(budget.section("tuning", ("tuner", "tuned", *tuner.keys)))
        return TuningSpec(tuner=name, params=params, written=self.known.written, command=self.known.command)

    def _storage(self, reader: Reader) -> Mapping[str, Storage]:
        entries = {}
        for volume in reader.names():
            entry = reader.section(volume, STORAGE_KEYS)
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
        if path.startswith("/") or ".." in path.split("/") or not path.strip("./"):
            entry.problems.error(
                codes.BAD_TEXT, entry.at("path"), f"{shown(path)} is not below the storage class", "write a relative path without .."
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

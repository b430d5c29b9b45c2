# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between a release and the containers that run, and the least that makes them the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ..engine.container import Container, is_of
from ..tiers import TIERS
from ..typed import OPTIONAL, dump_fields, load_fields
from .release import ReleasedService, reached
from .replace import Replacement

# From the mildest to the most disturbing; a service's action is the worst of its differences.
NONE, WAIT, UPDATE, RELOAD, START, RECREATE, CREATE = "none", "wait", "update", "reload", "start", "recreate", "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is otherwise than released: `key` says what, by its path."""

    key: str
    desired: Any
    live: Any

    @property
    def limit(self) -> str:
        """Return the name of the limit that differs, empty where the difference is not one of limits."""
        area, _dot, name = self.key.partition(".")
        return name if area in ("limits", "kernel") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChange:
    """What is to be done about a service, and why; `replacement` is how its containers are replaced where they are, or have to be after all."""

    action: str
    differences: tuple[Difference, ...] = ()
    replacement: Replacement | None = field(default=None, metadata=OPTIONAL)

    @property
    def by_steps(self) -> bool:
        """Tell whether its containers are replaced one after another."""
        return self.action == RECREATE and self.replacement is not None and self.replacement.manner != "stop-first"

    def recreated(self, because: Difference) -> ServiceChange:
        """Return the change that also makes a new container."""
        return replace(self, action=RECREATE, differences=(*self.differences, because))


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChange:
    """The services of a tier to start (`deploy`), those of them to `recreate`, whose `limits` to change in place, to `wait` for, and to `reload`."""

    deploy: tuple[str, ...]
    recreate: tuple[str, ...]
    limits: tuple[str, ...]
    wait: tuple[str, ...]
    reload: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

    def only(self, names: Collection[str]) -> TierChange:
        """Return what of it is about some services."""
        return TierChange(**{one.name: tuple(name for name in getattr(self, one.name) if name in names) for one in fields(self)})

    def __bool__(self) -> bool:
        return bool(self.deploy or self.limits or self.wait or self.reload)

    @property
    def renewed(self) -> tuple[str, ...]:
        """Return the services that are started or read another configuration, after which they may fall sick."""
        return tuple(sorted({*self.deploy, *self.reload}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a run has to do: by service and by tier.

    `create` are the services of any tier that have no container, `orphans` those that run and are in no release. `order` is that of the tiers,
    `turn` that of the services with anything to do where they are taken one by one: each after those that it depends on.
    """

    services: Mapping[str, ServiceChange]
    tiers: Mapping[str, TierChange]
    create: tuple[str, ...]
    orphans: tuple[str, ...]
    order: tuple[str, ...] = field(default=tuple(TIERS), metadata=OPTIONAL)
    turn: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

    @property
    def busy(self) -> list[str]:
        """Return the tiers with anything to do, in their order."""
        return [tier for tier in self.order if self.tiers[tier]]

    @property
    def touched(self) -> dict[str, tuple[str, ...]]:
        """Return the services whose containers are made, started, replaced, reloaded or given other limits, by tier, in their order."""
        place = {name: at for at, name in enumerate(self.turn)}
        found = {
            tier: tuple(sorted({*self.tiers[tier].renewed, *self.tiers[tier].limits}, key=lambda name: (place.get(name, len(place)), name)))
            for tier in self.order
        }
        return {tier: names for tier, names in found.items() if names}

    @property
    def differs(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.orphans) or any(change.action != NONE for change in self.services.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with what follows from it."""
        return {**dump_fields(self), "busy": self.busy, "differs": self.differs}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Changes:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        found = load_fields(cls, {key: value for key, value in data.items() if key not in ("busy", "differs")})
        for name, tiers in (("tiers", found.tiers), ("order", found.order)):
            if sorted(tiers) != sorted(TIERS):
                raise ValueError(f"{name}: expected {', '.join(TIERS)}, got {', '.join(tiers) or 'none'}")
        return found


_STALE = Difference(key="secrets", desired="as written", live="older than the files")


def compare(
    services: Mapping[str, ReleasedService],
    containers: Iterable[Container],
    *,
    stale: Iterable[str] = (),
    unread: Mapping[str, tuple[Difference, ...]] | None = None,
    released: Mapping[str, ReleasedService] | None = None,
) -> Changes:
    """Compare a release's services with containers.

    `stale` names services whose secrets are newer than their container, `unread` by service the files that its program can read again and has not read as
    they are released. `released` are the services of the release that lies on the host, from which a difference in definition is named part by part.
    """
    running: dict[str, list[Container]] = {}
    for container in containers:
        running.setdefault(container.service, []).append(container)
    stale = set(stale)
    found = {
        name: _service(
            desired, running.get(name, []), stale=name in stale, unread=(unread or {}).get(name, ()), before=(released or {}).get(name)
        )
        for name, desired in services.items()
    }
    _follow(services, found, _left_behind(services, running))
    return _changes(services, found, tuple(sorted(name for name in running if name not in services)))


def with_secrets(changes: Changes, services: Mapping[str, ReleasedService], written: Iterable[str]) -> Changes:
    """Return the changes as they are once files of secrets were written, each given by its path: what mounts one is recreated."""
    paths, found = list(written), dict(changes.services)
    for name, desired in services.items():
        mounted = any(path.endswith(f"/{secret}") for secret in desired.secrets for path in paths)
        if mounted and found[name].action != CREATE and _STALE not in found[name].differences:
            found[name] = found[name].recreated(_STALE)
    _follow(services, found, ())
    return _changes(services, found, changes.orphans)


def outdated(
    services: Mapping[str, ReleasedService], containers: Iterable[Container], name: str, *, is_stale: Callable[[Container], bool]
) -> list[Container]:
    """Return the containers of a service that are not as released, or started before the container of a service that they follow was made."""
    desired, running = services[name], list(containers)
    made = max((container.created for container in running if container.service in desired.follows), default=0.0)
    return [
        container
        for container in running
        if container.service == name
        and (
            0.0 < container.started < made
            or any(_container(desired, container, stale=is_stale(container), before=None)[kind] for kind in (RECREATE, UPDATE))
        )
    ]


def waves(
    services: Mapping[str, ReleasedService], together: Collection[str], by_steps: Collection[str]
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield in which order services are touched: those that come up together, then those whose containers are replaced step by step, and again.

    Each comes after all that it is started after or follows, unless they wait for each other.
    """
    names = {*together, *by_steps}
    before = {name: dict.fromkeys((*services[name].after, *services[name].follows), "") if name in services else {} for name in services}
    left = {name: reached(before, name) & names - {name} for name in names}
    while left:
        stepped = left.keys() & set(by_steps)
        now = sorted(name for name in left.keys() - stepped if not left[name] & stepped)
        stepping = sorted(name for name in stepped if not left[name] & left.keys() - set(now)) or sorted(stepped)[:1]
        yield now, stepping
        for name in (*now, *stepping):
            del left[name]


def _changes(services: Mapping[str, ReleasedService], found: Mapping[str, ServiceChange], orphans: tuple[str, ...]) -> Changes:
    return Changes(
        services=found,
        tiers={tier: _tier({name: change for name, change in found.items() if services[name].tier == tier}) for tier in TIERS},
        create=tuple(sorted(name for name in found if found[name].action == CREATE)),
        orphans=orphans,
        order=_order(services, found),
        turn=tuple(_turn(services, {name for name, change in found.items() if change.action != NONE})),
    )


def _turn(services: Mapping[str, ReleasedService], touched: Collection[str]) -> Iterator[str]:
    for _together, stepping in waves(services, (), touched):
        yield from stepping


def _order(services: Mapping[str, ReleasedService], found: Mapping[str, ServiceChange]) -> tuple[str, ...]:
    """Return the order of the tiers: the critical one is last where a stack runs and nothing that is touched has to come after a tier before it.

    Where the new containers of a lesser tier fail, the critical one was not touched then.
    """
    tiers = tuple(TIERS)
    touched = {name for name in found if found[name].action != NONE}
    if any(found[name].action in (CREATE, START) for name in touched):
        return tiers
    after = {name: dict.fromkeys((*desired.after, *desired.follows), "") for name, desired in services.items()}
    for name in touched:
        earlier = tiers[: tiers.index(services[name].tier)]
        if any(leader in touched and services[leader].tier in earlier for leader in reached(after, name)):
            return tiers
    return tiers[::-1]


def _tier(services: Mapping[str, ServiceChange]) -> TierChange:
    wanted = {"deploy": (START, RECREATE, CREATE), "recreate": (RECREATE,), "limits": (UPDATE,), "wait": (WAIT,), "reload": (RELOAD,)}
    chosen = {key: {name for name, change in services.items() if change.action in actions} for key, actions in wanted.items()}
    # Other limits come with it: a program reads its settings for them.
    chosen["limits"] |= {name for name in chosen["reload"] if any(difference.limit for difference in services[name].differences)}
    return TierChange(**{key: tuple(sorted(names)) for key, names in chosen.items()})


def _left_behind(services: Mapping[str, ReleasedService], running: Mapping[str, Sequence[Container]]) -> Iterator[tuple[str, str]]:
    """Yield each service that was started before the container of a service that it follows was made, as a killed run leaves it, after that one."""
    for name, desired in services.items():
        for leader in desired.follows:
            made = max((container.created for container in running.get(leader, ())), default=0.0)
            if any(0.0 < container.started < made for container in running.get(name, ())):
                yield leader, name


def _follow(services: Mapping[str, ReleasedService], found: dict[str, ServiceChange], left_behind: Iterable[tuple[str, str]]) -> None:
    """Recreate what has to follow a service that gets a new container, or got one, and what follows that."""
    renewed = [name for name in found if found[name].action in (RECREATE, CREATE)]
    renewed += [name for leader, name in left_behind if _renew(services[name], found, leader, name)]
    while renewed:
        leader = renewed.pop()
        renewed += [name for name, desired in services.items() if leader in desired.follows and _renew(desired, found, leader, name)]


def _renew(desired: ReleasedService, found: dict[str, ServiceChange], leader: str, name: str) -> bool:
    """Recreate a service that follows another, unless it gets a new start anyway; tell whether it is so."""
    # Of several containers only those that never ran are started.
    if found[name].action in (RECREATE, CREATE) or (found[name].action == START and desired.replicas == 1):
        return False
    difference = Difference(key=f"depends_on.{leader}", desired="started after it", live="started before it")
    found[name] = found[name].recreated(difference)
    return True


def _service(
    desired: ReleasedService,
    containers: list[Container],
    *,
    stale: bool,
    unread: tuple[Difference, ...],
    before: ReleasedService | None,
) -> ServiceChange:
    if not containers and desired.replicas:
        return ServiceChange(action=CREATE, differences=(Difference(key="container", desired="running", live="absent"),))
    found: dict[str, list[Difference]] = {RECREATE: [], START: [], RELOAD: [*unread], UPDATE: [], WAIT: []}
    if len(containers) != desired.replicas:
        found[RECREATE].append(Difference(key="replicas", desired=desired.replicas, live=len(containers)))
    for container in containers:
        for action, its in _container(desired, container, stale=stale, before=before).items():
            found[action] += its
    if found[START] and (found[UPDATE] or found[RELOAD]):
        # It never ran: a new container costs no more than changing this one.
        found[RECREATE] += found.pop(UPDATE)
    return ServiceChange(
        action=next((action for action in found if found[action]), NONE),
        differences=tuple(difference for its in found.values() for difference in its),
        replacement=Replacement.of(desired.update, containers, desired.replicas),
    )


def _container(
    desired: ReleasedService, container: Container, *, stale: bool, before: ReleasedService | None
) -> dict[str, list[Difference]]:
    """Return how one container differs, by the action that each difference asks for."""
    recreate: list[Difference] = []
    start: list[Difference] = []
    update: list[Difference] = []
    waiting: list[Difference] = []
    definition = container.labels.get("definition", "none")
    if definition != desired.definition:
        recreate.extend(_definition(desired, definition, before))
    if not is_of(container.image, desired.image):
        recreate.append(Difference(key="image", desired=desired.image, live=container.image))
    if stale:
        recreate.append(_STALE)
    health = Difference(key="health", desired="healthy", live=container.health)
    if container.state == "created":
        start.append(Difference(key="state", desired="running", live="never started"))
    elif container.state != "running" and not desired.is_done(container):
        recreate.append(Difference(key="state", desired="running", live=container.state))
    elif desired.probe and container.health == "unhealthy":
        recreate.append(health)
    elif desired.probe and container.health != "healthy":
        waiting.append(health)
    elif desired.awaited and container.state == "running":
        waiting.append(Difference(key="state", desired="ended", live="running"))
    for area, found in (("limits", desired.limits.differing(container.limits)), ("kernel", container.kernel.differing(desired.limits))):
        for limit, wanted, live in found:
            in_place = limit.changes_in_place(getattr(desired.limits, limit.name))
            (update if in_place else recreate).append(Difference(key=f"{area}.{limit.name}", desired=wanted, live=live))
    return {RECREATE: recreate, START: start, UPDATE: update, WAIT: waiting}


def _definition(desired: ReleasedService, live: str, before: ReleasedService | None) -> list[Difference]:
    if before is None or before.definition != live:
        return [Difference(key="definition", desired=desired.definition[:12], live=live[:12])]
    parts, old = desired.parts, before.parts
    return [
        Difference(key=key, desired=parts.get(key), live=old.get(key)) for key in sorted({*parts, *old}) if parts.get(key) != old.get(key)
    ]

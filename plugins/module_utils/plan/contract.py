# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as a file that a run can be held to: what it was made of, what was seen, and every action, for each host.

No secret is in it. What may hold one (an environment variable, a rendered file, a credential of the operator) is there as a hash that is keyed with the
host's own id, which is not in the file; secrets that are made on the host are not there at all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ..deploy.changes import Difference
from ..deploy.release import ReleasedService
from ..deploy.released_files import FileDigest
from ..engine.container import Container, is_of
from ..host.run_log import Downtime
from ..host_prep.changes import NOTHING, HostChange
from ..limits import KernelLimits, Limits
from ..typed import OPTIONAL, dump, dump_fields, load_fields
from .plan import ContainerChange, Plan

FORMAT = 1
LIFETIME = timedelta(hours=24)

Area = Literal["host", "secret", "release", "container", "hook"]
Impact = Literal["none", "as stated", "data move", "in place", "reload", "started", "recreated", "new", "removed"]

STAMP = "%Y-%m-%dT%H:%M:%SZ"
# Differences whose values are figures or words of ours; every other one may show what an author wrote, a password among it.
_OPEN = ("limits.", "kernel.", "depends_on.")
_OPEN_WHOLE = frozenset({"container", "replicas", "state", "health", "image", "secrets"})
_VERBS = {
    "in place": "change limits",
    "reload": "reload",
    "started": "start",
    "recreated": "recreate",
    "new": "create",
    "removed": "remove",
}


class ContractError(Exception):
    """A plan file cannot be used; the text is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Makes the hashes of one host, from an id that only the host itself tells."""

    machine: str

    @property
    def identity(self) -> str:
        """Return what the machine is recognised by; the key does not follow from it."""
        return self.hash("machine")

    def hash(self, value: Any) -> str:
        """Return the keyed hash of plain data."""
        return hmac.new(self.machine.encode(), _canonical(value), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The image of a service: the reference that is asked for, and the id that it stands for on this host, empty where that is not known yet."""

    reference: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the plan was made of.

    `capacity` is what the budget shares, `files` the release's files (the Budget is one of them), `host` all that is wanted of the host itself,
    `secrets` how secrets are made, `credentials` the operator's own values, `hooks` those of the stack; hashes are keyed.
    """

    capacity: Mapping[str, Any]
    files: Mapping[str, str]
    host: str
    secrets: str
    credentials: Mapping[str, str]
    images: Mapping[str, Image]
    hooks: str = field(default="", metadata=OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A container as it was seen. A health that only waits for its probe is no state of its own."""

    service: str
    number: int
    image: str
    image_id: str
    definition: str
    state: str
    limits: Limits
    kernel: KernelLimits

    @classmethod
    def of(cls, container: Container) -> Seen:
        """Return what a plan remembers of a container."""
        return cls(
            service=container.service,
            number=container.number,
            image=container.image,
            image_id=container.image_id,
            definition=container.labels.get("definition", "none"),
            state="unhealthy" if container.state == "running" and container.health == "unhealthy" else container.state,
            limits=container.limits,
            kernel=container.kernel,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of the host: the versions of Docker Engine and Compose, empty where there is none, and the containers of the stack."""

    engine: str
    compose: str
    containers: tuple[Seen, ...]

    @property
    def digest(self) -> str:
        """Return one hash of all that was seen."""
        return hashlib.sha256(_canonical(dump_fields(self))).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with its digest."""
        return {**dump_fields(self), "digest": self.digest}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Observed:
        """Return what `to_dict` made plain. Raises `ValueError`."""
        return load_fields(cls, {key: entry for key, entry in data.items() if key != "digest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that a run does: to what, because of which differences, and what that does to what runs.

    `effect` says it in words where the impact is `as stated`, and how a container is replaced.
    """

    area: Area
    subject: str
    change: str
    impact: Impact
    effect: str
    causes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPlan:
    """The plan of one host.

    `machine` is what it is recognised by, `assumed` a sentence about what could not be asked, `missing` what the plan cannot tell.
    `downtimes` are how long services that are recreated were away in earlier runs; a run that differs in them alone is the planned one.
    """

    host: str
    machine: str
    verdict: str
    assumed: str
    inputs: Inputs
    observed: Observed
    actions: tuple[Action, ...]
    missing: tuple[str, ...]
    downtimes: Mapping[str, Downtime] = field(default_factory=dict, metadata=OPTIONAL)

    @property
    def containers(self) -> dict[str, Action]:
        """Return the actions on containers by service."""
        return {action.subject: action for action in self.actions if action.area == "container"}

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dump_fields(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> HostPlan:
        """Return what `to_dict` made plain. Raises `ValueError`, and `ContractError` with the reason why there is none."""
        if "refused" in data:
            raise ContractError(str(data["refused"]))
        return load_fields(cls, data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A plan file: the plans of all hosts of one run, to be applied once and until it expires."""

    format: int
    collection: str
    made: str
    expires: str
    nonce: str
    hosts: Mapping[str, HostPlan]

    @classmethod
    def of(cls, plans: Iterable[HostPlan], *, collection: str, nonce: str, now: datetime) -> Contract:
        """Return the contract of these plans, made now."""
        made = now.astimezone(UTC)
        return cls(
            format=FORMAT,
            collection=collection,
            made=made.strftime(STAMP),
            expires=(made + LIFETIME).strftime(STAMP),
            nonce=nonce,
            hosts={plan.host: plan for plan in plans},
        )

    def text(self) -> str:
        """Return the document: the same contract gives the same bytes, and its last key tells whether it is whole."""
        plain = dump_fields(self)
        return json.dumps({**plain, "sum": _sum(plain)}, sort_keys=True, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def parse(cls, text: bytes, *, collection: str) -> Contract:
        """Return what a document holds. Raises `ContractError` for one that this version of the collection did not write just so."""
        try:
            plain = json.loads(text, parse_constant=_no_constant)
        except RecursionError:
            raise ContractError("it is nested too deeply to be a plan file; make the plan again") from None
        except UnicodeDecodeError:
            raise ContractError("it is not text; make the plan again") from None
        except ValueError as error:
            raise ContractError(f"it is not valid JSON ({error}), so it is cut off or was edited; make the plan again") from None
        if not isinstance(plain, dict) or "format" not in plain:
            raise ContractError("it is no plan file; ansible-playbook ziggie.stack.plan -e plan_file=FILE writes one")
        if plain["format"] != FORMAT or isinstance(plain["format"], bool):
            raise ContractError(f"it has format {plain['format']!r:.40}, and this collection reads format {FORMAT}; make the plan again")
        if plain.get("collection") != collection:
            raise ContractError(
                f"it was made by version {plain.get('collection')!r:.40} of the collection, and this is {collection!r}; make the plan again"
            )
        total = plain.pop("sum", None)
        try:
            found = load_fields(cls, plain)
            found.expired(datetime.now(UTC))
        except (ValueError, OverflowError) as error:
            raise ContractError(f"{error}; it was edited, so make the plan again") from None
        if total != _sum(plain):
            raise ContractError("it is not as it was written; make the plan again instead of editing it")
        return found

    def expired(self, now: datetime) -> str:
        """Return why the contract does not hold at a time, empty where it does. Raises `ValueError` for a time that cannot be read."""
        made, expires = _time(self.made, "made"), _time(self.expires, "expires")
        if now >= expires:
            return f"it expired at {self.expires}; make the plan again"
        if now < made - timedelta(minutes=5):
            return f"it was made at {self.made}, and here it is {now.strftime(STAMP)}; set the clock, or make the plan again"
        return ""

    def objection(self, run: Iterable[str], alive: Iterable[str], now: datetime) -> str:
        """Return why the contract is not one for this run, empty where it is; `alive` are those hosts of it that have not failed."""
        planned, asked, left = set(self.hosts), set(run), set(alive)
        if planned != asked:
            return (
                f"it is a plan for {_names(planned)}, and this run is for {_names(asked)}; "
                "run it with the inventory and the --limit that the plan was made with"
            )
        if left != planned:
            return f"{_names(planned - left)} failed before it was compared, and a plan is applied to all of its hosts or to none"
        return self.expired(now)


def host_plan(
    plan: Plan,
    *,
    key: Key,
    wanted: Mapping[str, Any],
    services: Mapping[str, ReleasedService],
    files: Iterable[FileDigest],
    containers: Iterable[Container],
    secrets: Iterable[str],
    recipes: Any,
    credentials: Mapping[str, Any],
    hooks: Any = (),
    versions: tuple[str, str],
) -> HostPlan:
    """Return the contract's part of one host.

    `wanted` is all that is wanted of the host as plain data, `secrets` the files of secrets that a run writes, `recipes` how they are made, `hooks` those of
    the stack as plain data, `versions` are those of Docker Engine and Compose. Raises `ContractError` where no run can be held to this plan.
    """
    reason = _unfit(plan, key)
    if reason:
        raise ContractError(reason)
    seen = tuple(sorted((Seen.of(one) for one in containers), key=lambda one: (one.service, one.number)))
    images = {name: Image(reference=one.image, id=_id(name, one.image, seen)) for name, one in sorted(services.items())}
    unknown = sorted(name for name, image in images.items() if not image.id)
    away = {one.service: one.downtime for one in plan.changed if one.downtime}
    unmeasured = sorted(one.service for one in plan.changed if one.goes_away and not one.downtime)
    return HostPlan(
        host=plan.host,
        machine=key.identity,
        verdict=plan.verdict,
        assumed=plan.assumed,
        inputs=Inputs(
            capacity=dump(plan.budget.capacity) if plan.budget else {},
            files={one.path: key.hash([one.sha256, one.mode]) for one in sorted(files, key=lambda one: one.path)},
            host=key.hash(wanted),
            secrets=key.hash(recipes),
            credentials={name: key.hash(str(value)) for name, value in sorted(credentials.items())},
            images=images,
            hooks=key.hash(hooks) if hooks else "",
        ),
        observed=Observed(engine=versions[0], compose=versions[1], containers=seen),
        actions=tuple(_actions(plan, secrets, key)),
        downtimes=away,
        missing=(
            *([f"image id of {', '.join(unknown)}: not on the host, so the tag decides when it is pulled"] if unknown else []),
            *([f"downtime of {', '.join(unmeasured)}: no earlier run has measured it"] if unmeasured else []),
        ),
    )


def _unfit(plan: Plan, key: Key) -> str:
    if not plan.asked:
        return f"{plan.host} is an imagined host, which no run can be held to; leave plan_capacity out"
    if plan.verdict == "infeasible":
        return f"the plan of {plan.host} is infeasible; fix its problems first"
    if plan.containers is None:
        return f"the Docker engine of {plan.host} is installed and does not run, so nothing was compared; start it (systemctl start docker)"
    if not key.machine:
        return f"{plan.host} has no /etc/machine-id to be recognised by; make one (systemd-machine-id-setup)"
    return ""


def _actions(plan: Plan, secrets: Iterable[str], key: Key) -> Iterator[Action]:
    """Yield what a run does, in its order."""
    for change in plan.host_changes:
        yield _host(change, key)
    for path in secrets:
        yield Action(area="secret", subject=path, change="write", impact="none", effect="", causes=())
    for file in plan.files or ():
        yield Action(area="release", subject=file.path, change=file.action, impact="none", effect="", causes=())
    for container in plan.changed:
        yield _container(container, key)
    for hook in plan.hooks:
        effect = f"{hook.moment}: {hook.what}"
        yield Action(area="hook", subject=hook.path, change="run", impact="as stated", effect=effect, causes=())


def _host(change: HostChange, key: Key) -> Action:
    impact: Impact = "data move" if change.kind == "data" else "none" if change.effect == NOTHING else "as stated"
    causes = (
        Difference(key=change.kind, desired=change.after, live=change.before),
        *([Difference(key="content", desired=key.hash(list(change.diff)), live="")] if change.diff else []),
    )
    return Action(area="host", subject=change.subject, change=change.kind, impact=impact, effect=change.effect, causes=causes)


def _container(change: ContainerChange, key: Key) -> Action:
    return Action(
        area="container",
        subject=change.service,
        change=_VERBS[change.impact],
        impact=change.impact,
        effect=str(change.replacement) if change.replacement else "",
        causes=tuple(_closed(difference, key) for difference in change.differences),
    )


def is_hidden(difference: Difference) -> bool:
    """Tell whether a plan file has only the hashes of a difference's values."""
    return not (difference.key in _OPEN_WHOLE or difference.key.startswith(_OPEN))


def _closed(difference: Difference, key: Key) -> Difference:
    """Return a difference without values that may be secret."""
    if is_hidden(difference):
        return replace(difference, desired=_hidden(difference.desired, key), live=_hidden(difference.live, key))
    return difference


def _hidden(value: Any, key: Key) -> str | None:
    return None if value is None else f"keyed hash {key.hash(value)[:12]}"


def _id(service: str, reference: str, seen: Iterable[Seen]) -> str:
    """Return what a reference stands for: the digest that it names, or the image of the containers that run it."""
    _name, _at, digest = reference.partition("@")
    return digest or next((one.image_id for one in seen if one.service == service and is_of(one.image, reference)), "")


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sum(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(plain)).hexdigest()


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a figure")


def _time(text: str, path: str) -> datetime:
    try:
        return datetime.strptime(text, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{path}: expected a time such as 2026-11-30T12:00:00Z, got {text!r:.40}") from None


def _names(hosts: Iterable[str]) -> str:
    return ", ".join(sorted(hosts)) or "no host"

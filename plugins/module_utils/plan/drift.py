# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is otherwise than a plan file says, in sentences: first what was seen, then what was wanted, then the actions that follow from both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..deploy.changes import Difference
from ..typed import dump
from ..units import mib
from .contract import Action, HostPlan, Inputs, Seen, is_hidden

# How many differences are told; the first ones explain the others.
MOST = 5

_LONGEST = 60


def differences(planned: HostPlan, now: HostPlan) -> list[str]:
    """Return what differs between the plan of a file and the plan that is made now, the causes first."""
    if planned.machine != now.machine:
        return [
            f"it was made for another machine than this {planned.host}: the machine's id was {planned.machine[:12]}, and is {now.machine[:12]}"
        ]
    return list(
        dict.fromkeys(
            [
                *_observed(planned, now),
                *_inputs(planned.inputs, now.inputs),
                *_images(planned.inputs, now.inputs),
                *_actions(planned, now),
            ]
        )
    )


def deviations(planned: HostPlan, now: HostPlan) -> list[str]:
    """Return what would go beyond a plan that is being carried out: another release than planned, or an action on a container that is not in it."""
    return [
        *_inputs(planned.inputs, now.inputs),
        *(
            _action(planned.containers.get(action.subject), action, action.subject)
            for action in now.actions
            if action.area == "container" and not _listed(planned, action)
        ),
    ]


def told(found: list[str]) -> str:
    """Return the first differences as lines."""
    more = len(found) - MOST
    return "\n".join([*(f"- {one}." for one in found[:MOST]), *([f"- and {more} more."] if more > 0 else [])])


def _listed(planned: HostPlan, action: Action) -> bool:
    same = planned.containers.get(action.subject)
    return same is not None and same.impact == action.impact


def _observed(planned: HostPlan, now: HostPlan) -> Iterator[str]:
    if bool(planned.assumed) != bool(now.assumed):
        was, is_ = ("did not run" if planned.assumed else "ran"), ("does not run" if now.assumed else "runs")
        yield f"the Docker engine {was} when the plan was made, and {is_} now"
    for name, before, after in (
        ("Docker Engine", planned.observed.engine, now.observed.engine),
        ("Docker Compose", planned.observed.compose, now.observed.compose),
    ):
        if before != after:
            yield f"{name} was {before or 'absent'} when the plan was made, and is {after or 'absent'} now"
    seen, sees = _by_container(planned.observed.containers), _by_container(now.observed.containers)
    for one in sorted({*seen, *sees}):
        yield from _container(_title(one, seen, sees), seen.get(one), sees.get(one))


def _container(title: str, before: Seen | None, after: Seen | None) -> Iterator[str]:
    if before is None or after is None:
        yield f"{title} has {'a' if before is None else 'no'} container now, and had {'none' if before is None else 'one'} when the plan was made"
        return
    for name, was, is_ in _fields(before, after):
        yield f"{title}: {name} was {was} when the plan was made, and is {is_} now"


def _fields(before: Seen, after: Seen) -> Iterator[tuple[str, str, str]]:
    for name in ("state", "image", "image_id", "definition"):
        was, is_ = getattr(before, name), getattr(after, name)
        if was != is_:
            yield name.replace("_", " "), _shown(was), _shown(is_)
    told_already = set()
    for area, one, other in (("limits", before.limits, after.limits), ("kernel", before.kernel, after.kernel)):
        was_, is__ = dump(one), dump(other)
        for name in sorted({*was_, *is__}):
            if was_.get(name) != is__.get(name) and name not in told_already:
                told_already.add(name)
                yield f"{area}.{name}", _figure(name, was_.get(name)), _figure(name, is__.get(name))


def _inputs(planned: Inputs, now: Inputs) -> Iterator[str]:
    for name in sorted({*planned.capacity, *now.capacity}):
        was, is_ = planned.capacity.get(name), now.capacity.get(name)
        if was != is_:
            yield f"the budget shared {name} {_figure(name, was)} when the plan was made, and would share {_figure(name, is_)} now"
    if planned.host != now.host:
        yield "what is wanted of the host itself is otherwise than planned: its files, directories or settings in the inventory"
    if planned.secrets != now.secrets:
        yield "how secrets are made is otherwise than planned: the catalog or an override changed"
    if planned.hooks != now.hooks:
        yield "stack_hooks is otherwise than planned"
    for name in _differing(planned.credentials, now.credentials):
        yield f"stack_credentials.{name} {_presence(name, planned.credentials, now.credentials, 'has another value than planned')}"
    for path in _differing(planned.files, now.files):
        how = _presence(path, planned.files, now.files, "is rendered otherwise than planned")
        yield f"the release's file {path} {how}: the inventory, the catalog or the host's figures changed"


def _images(planned: Inputs, now: Inputs) -> Iterator[str]:
    for name in _differing(planned.images, now.images):
        if name in planned.images and name in now.images:
            yield f"the image of {name} was {_image(planned, name)} when the plan was made, and is {_image(now, name)} now"


def _actions(planned: HostPlan, now: HostPlan) -> Iterator[str]:
    before, after = _by_subject(planned), _by_subject(now)
    for subject in dict.fromkeys([*before, *after]):
        if before.get(subject) != after.get(subject):
            yield _action(before.get(subject), after.get(subject), subject[1])
    if list(before) != list(after) and set(before) == set(after):
        yield "the actions are the same as planned, and their order is another"


def _action(planned: Action | None, now: Action | None, subject: str) -> str:
    before, after = _does(planned, subject), _does(now, subject) if now else "nothing is to be done about it"
    if before == after:
        return f"the plan says {before}; now it is the same by another cause, or with a value of which the plan has the hash alone"
    return f"the plan says {before}; now {after}"


def _does(action: Action | None, subject: str) -> str:
    if action is None:
        return f"nothing of {subject}"
    if action.area == "host":
        first = action.causes[0]
        return f"the {action.change} {subject} of the host is changed ({_shown(first.live)} -> {_shown(first.desired)}; {_shown(action.effect)})"
    what = {"secret": f"the secret's file {subject}", "release": f"the file {subject}", "hook": f"the hook {subject}"}.get(
        action.area, subject
    )
    return f"{what} is {_WORDS[action.impact if action.area == 'container' else action.change]}{_because(action.causes)}"


_WORDS: Mapping[str, str] = {
    "in place": "changed in place",
    "reload": "reloaded",
    "started": "started",
    "recreated": "recreated",
    "new": "made",
    "removed": "removed",
    "write": "written",
    "remove": "removed",
    "run": "run",
}


def _because(causes: Iterable[Difference]) -> str:
    """Return the first cause, and how many more there are."""
    listed = list(causes)
    if not listed:
        return ""
    first, more = listed[0], len(listed) - 1
    figures = "" if is_hidden(first) else f"{_figure(first.key, first.live)} -> {_figure(first.key, first.desired)}"
    shown = ", ".join(part for part in (figures, f"and {more} more" if more else "") if part)
    return f" because of {first.key}{f' ({shown})' if shown else ''}"


def _by_container(containers: Iterable[Seen]) -> dict[tuple[str, int], Seen]:
    return {(one.service, one.number): one for one in containers}


def _title(which: tuple[str, int], *sides: Mapping[tuple[str, int], Seen]) -> str:
    several = any(sum(service == which[0] for service, _number in side) > 1 for side in sides)
    return f"{which[0]}/{which[1]}" if several else which[0]


def _by_subject(plan: HostPlan) -> dict[tuple[str, str, str], Action]:
    return {(action.area, action.subject, action.change if action.area == "host" else ""): action for action in plan.actions}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _presence(name: str, before: Mapping[str, Any], after: Mapping[str, Any], otherwise: str) -> str:
    return "is not in the plan" if name not in before else "is in the plan and no longer there" if name not in after else otherwise


def _image(inputs: Inputs, name: str) -> str:
    image = inputs.images[name]
    return f"{image.reference} ({_shown(image.id or 'not on the host')})"


def _figure(name: str, value: Any) -> str:
    is_memory = name.rpartition(".")[2].startswith("memory") and isinstance(value, int) and not isinstance(value, bool)
    return mib(value) if is_memory and value > 0 else _shown(value)


def _shown(value: Any) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release carried out, tier by tier: limits changed in place, containers made, started and waited for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from ..engine.client import Engine, EngineError
from ..engine.container import Container
from ..engine.logs import last_lines, secrets_in
from ..engine.unknown_tasks import end_unknown_tasks
from . import compose, released_files
from .changes import Changes, TierChange, outdated, waves
from .compose import Made, MakeError, add, alone, make
from .health import Witness, explain, tell
from .hooks import Hooks
from .look import ApplyError, Done, Look, Target
from .reconfigure import Reconfigure
from .remove import remove_containers
from .replace import Step, next_step
from .start import Outcome, bring_up
from .watch import seconds_of
from .watch import watch as watch_them

# What of a log is read for a sentence.
_LAST = 20


def apply(
    target: Target,
    tiers: Iterable[str],
    *,
    changes: Changes | None = None,
    look: Look | None = None,
    check: bool = False,
    describe: bool = True,
    watch: float | None = None,
    hooks: Hooks | None = None,
) -> Done:
    """Bring up what differs between the release in the project directory and what runs; a tier starts when the one before it is healthy.

    Their order is that of the changes.

    Without `changes` it compares first; `look` is the one at which they were found, where that was just now. With `check` it changes nothing and says what
    it would do. After the last tier with anything to do, all that the changes start, in whatever tier, is watched for `watch` seconds, or as many as the
    service wants; with `None` nothing is. `hooks` run in their turn, but those after the deploy. Raises `ApplyError`, and `ReleaseError` where there is no
    release that can be read.
    """
    look, hooks = look or Look(target), hooks or Hooks()
    run = _Run(target, look, check=check)
    try:
        if changes is None:
            changes = look.compare()
        tiers = sorted(tiers, key=changes.order.index)
        hooks.expect(changes)
        watched = watch is not None and not check and bool(set(changes.busy[-1:]) & set(tiers))
        if watched:
            # What the tiers before these have started is watched, too.
            run.remember({name for tier in changes.tiers.values() for name in tier.renewed})
        run.done.problems = run.unopenable(changes)
        if not check:
            run.done.problems += run.refused(changes, tiers)
        for tier in tiers:
            if not run.done.problems:
                run.hooked(tier, changes, hooks)
                if watched:
                    run.remember(changes.tiers[tier].renewed)
        if watch is not None and watched and not run.done.problems:
            run.watch(watch)
        return look.end(run.done, describe=describe and not check)
    except (MakeError, EngineError) as error:
        where = f"The {run.tier} tier cannot be brought up" if run.tier else "Cannot look at the stack"
        raise ApplyError(f"{where}: {str(error).rstrip('.')}.", run.done) from error
    finally:
        look.close()


class _Run:
    """One run, and what was done so far."""

    def __init__(self, target: Target, look: Look, *, check: bool) -> None:
        self._target, self._look, self._services, self._check = target, look, look.release.services, check
        # What is watched in the end, as it was when it came up.
        self._came_up: dict[str, Container] = {}
        # Compose does one thing at a time.
        self._compose = threading.Lock()
        self._jobs = {name for name, one in self._services.items() if one.awaited}
        self._reconfigure = Reconfigure(socket=target.socket, directory=target.directory)
        self.tier = ""
        self.done = Done()

    def remember(self, names: Collection[str]) -> None:
        """Remember what the containers of some services are like now, for the watch."""
        if names:
            others = {key: one for key, one in self._came_up.items() if one.service not in names}
            self._came_up = others | {
                one.id: one for one in self._look.containers() if one.service in names and one.service in self._services
            }

    def watch(self, seconds: float) -> None:
        """Watch what was started; what falls sick is a problem."""
        sick = watch_them(self._target.socket, self._target.project, self._came_up.values(), self._services, seconds)
        if sick:
            self._look.forget()
            self.done.failed += [container.service for container in sick]
            longest = max(seconds_of(self._services[container.service], seconds) for container in sick)
            first = f"All was healthy, and then fell sick within the {longest:g} s for which a change is watched."
            self.done.problems = [first, *(tell(container, self._witness) for container in sick)]

    @property
    def _witness(self) -> Witness:
        return Witness(log=self._log, end=self._end)

    def _log(self, container: Container) -> list[str]:
        return last_lines(self._look.engine, container.id, _LAST, secrets_in(self._target.directory.parent / "secrets"))

    def _end(self, container: Container) -> str:
        try:
            ends = self._look.engine.events(container.created, time.time(), type=["container"], container=[container.id], event=["die"])
        except EngineError:
            return ""
        return str(ends[-1]["Actor"]["Attributes"].get("exitCode", "")) if ends else ""

    def hooked(self, tier: str, changes: Changes, hooks: Hooks) -> None:
        """Bring up a tier with its hooks and those of its services: where one before it fails, it is not touched."""
        self.tier, todo = tier, changes.tiers[tier]
        self.done.problems = hooks.before(tier)
        for name, names in hooks.parts(tier, {*todo.renewed, *todo.limits, *todo.wait}):
            if name and not self.done.problems:
                self.done.problems = hooks.before_service(name)
            if not self.done.problems:
                self.bring_up(todo.only(names), changes)
            if name and not self.done.problems:
                self.done.problems = hooks.after_service(name)
        if not self.done.problems:
            self.done.problems = hooks.after(tier)

    def bring_up(self, todo: TierChange, changes: Changes) -> None:
        if todo.limits:
            self._change_limits(todo.limits)
        for name in (*todo.deploy, *todo.reload):
            for difference in changes.services[name].differences:
                self.done.before += f"{name}.{difference.key}: {difference.live}\n"
                self.done.after += f"{name}.{difference.key}: {difference.desired}\n"
        if self._check:
            self.done.created += [name for name in todo.deploy if name in changes.create]
            self.done.recreated += todo.recreate
            self.done.started += todo.deploy
            self.done.reloaded += todo.reload
            return
        if todo.renewed or todo.wait:
            self._start(todo, changes)
        for name in todo.reload:
            if not self.done.problems:
                self._reload(name)

    def refused(self, changes: Changes, tiers: Iterable[str]) -> list[str]:
        """Have the programs check what they are to read again, in these tiers and in those after them, before anything is touched; return what is refused."""
        first = min(map(changes.order.index, tiers), default=len(changes.order))
        names = {name for tier in changes.order[first:] for name in changes.tiers[tier].reload}
        return [
            refusal
            for container in self._look.containers()
            if container.service in names and (refusal := self._reconfigure.refusal(container, self._services[container.service]))
        ]

    def unopenable(self, changes: Changes) -> list[str]:
        """Say of each database that is to be made or started whether its data are of a version that it does not open, before anything is touched.

        A killed upgrade leaves such data.
        """
        names = {name for tier in changes.tiers.values() for name in tier.deploy}
        return [f"{problem}." for problem in self._look.release.unopenable(self._target.directory, names, self._volume)]

    def _volume(self, name: str) -> Path | None:
        """Return where the engine has a volume, `None` where it has none of the name."""
        try:
            return Path(self._look.engine.get(f"/volumes/{self._target.project}_{name}")["Mountpoint"])
        except EngineError as error:
            if error.status != 404:
                raise
            return None

    def _reload(self, name: str) -> None:
        """Have the containers of a service read their configuration again, one after another."""
        service = self._services[name]
        for container in [one for one in self._look.containers() if one.service == name]:
            problem = self._reconfigure.reload(container, service, [one.id for one in self._look.containers()])
            if name not in self.done.reloaded:
                self.done.reloaded.append(name)
            if problem:
                self.done.problems = [f"The {self.tier} tier did not take its new configuration.", problem]
                return
        self._look.forget()

    def _change_limits(self, names: Iterable[str]) -> None:
        for container in self._look.containers():
            if container.service in names and container.service in self._services:
                wanted = self._services[container.service].limits
                self.done.before += f"{container.name}: {json.dumps(container.limits.to_dict(), sort_keys=True)}\n"
                self.done.after += f"{container.name}: {json.dumps(wanted.to_dict(), sort_keys=True)}\n"
                if not self._check:
                    self._look.engine.post(f"/containers/{container.id}/update", wanted.update(container.limits))
                self.done.limited.append(container.name)
        self._look.forget()

    def _start(self, todo: TierChange, changes: Changes) -> None:
        self._end_unknown_tasks()
        by_steps = {name for name in todo.recreate if changes.services[name].by_steps} & self._services.keys()
        together = {*todo.renewed, *todo.wait} & self._services.keys() - by_steps
        # Whatever cannot be pulled ends the run before anything is replaced.
        renew = [name for tier in changes.tiers.values() for name in tier.recreate]
        for names, stepping in waves(self._services, together, by_steps):
            self._start_together(names, recreate=[name for name in todo.recreate if name in names], create=changes.create, renew=renew)
            for name in stepping:
                if not self.done.problems:
                    self._replace(name)
            if self.done.problems:
                return

    def _start_together(self, names: Collection[str], *, recreate: Iterable[str], create: Iterable[str], renew: Iterable[str]) -> None:
        begun = time.time()
        made = self._make(create=create, recreate=recreate, renew=renew)
        if not names:
            return
        ended = self._ended(begun) if made.recreated else {}
        outcome = self._wait(names)
        self.done.down |= {
            name: round(max(0.0, outcome.up[name] - ended[name]), 1) for name in made.recreated if name in {*ended} & {*outcome.up}
        }
        left = [name for name in outcome.refused if name not in (*made.created, *made.recreated)]
        if left:
            # What an engine that was killed left of a container can be in the way of its start; a new container has nothing of it.
            self._make(create=left, recreate=left, renew=[])
            outcome = self._wait(names)
        self._note(outcome)

    def _replace(self, name: str) -> None:
        """Replace the containers of a service step by step: the next are not touched before the new ones are healthy."""
        service = self._services[name]
        self._look.forget()
        old = outdated(
            self._services,
            self._look.containers(),
            name,
            is_stale=lambda one: released_files.is_stale(service, one, self._target.directory),
        )
        condemned = {one.id for one in old}
        while True:
            new = [one for one in self._look.containers() if one.service == name and one.id not in condemned]
            if any(not one.is_up for one in new):
                self._note(self._wait([name], leave=condemned), untouched=[one for one in old if one.is_up])
                if self.done.problems:
                    return
                new = [one for one in self._look.containers() if one.service == name and one.id not in condemned]
            step = next_step(old, new, service.replicas, service.update)
            if step is None:
                return
            if new and any(one.is_up for one in old if one.id in step.remove):
                # Whoever hands requests on has to learn of the new one, before the old one goes.
                time.sleep(service.update.pause)
            self._take(name, step)
            old = [one for one in self._look.containers() if one.id in condemned]

    def _take(self, name: str, step: Step) -> None:
        target = self._target
        remove_containers(target.socket, step.remove)
        if step.make:
            with alone(target.directory, target.timeout) as lock:
                self._add(add(self._look.engine, lambda words: self._ask_compose(words, lock), target.project, name, step.make))
        elif name not in self.done.recreated:
            self.done.recreated.append(name)
        self._look.forget()

    def _note(self, outcome: Outcome, untouched: Collection[Container] = ()) -> None:
        """Note what was started, and why something is not up."""
        self.done.started += [name for name in outcome.started if name not in self.done.started]
        self._look.forget()
        if outcome.missing or outcome.refused:
            late = "" if outcome.in_time else f" within {self._target.timeout:g} s"
            why = explain(self._look.containers(), outcome.underway, outcome.refused, self._witness, self._jobs)
            self.done.failed += [*outcome.underway, *outcome.refused]
            self.done.problems = [f"The {self.tier} tier did not become healthy{late}.", *why]
            if untouched:
                names = ", ".join(sorted(one.name for one in untouched))
                self.done.problems.append(f"The others were not touched, and serve: {names}.")

    def _ended(self, since: float) -> dict[str, float]:
        """Return when containers of services ended; the engine remembers little, and what it has forgotten was not measured."""
        try:
            label = [f"com.docker.compose.project={self._target.project}"]
            ends = self._look.engine.events(since, time.time(), type=["container"], label=label, event=["die"])
        except EngineError:
            return {}
        found: dict[str, float] = {}
        for one in ends:
            if one.get("Action") == "die":
                found.setdefault(str(one["Actor"]["Attributes"].get("com.docker.compose.service", "")), int(one["timeNano"]) / 1e9)
        return found

    def _end_unknown_tasks(self) -> None:
        idle = {container.id: container.service for container in self._look.containers() if container.state != "running"}
        ended = end_unknown_tasks(self._look.engine, idle)
        if ended:
            self.done.ended += [idle[container] for container in ended]
            self._look.forget()

    def _make(self, **which: Iterable[str]) -> Made:
        target = self._target
        with alone(target.directory, target.timeout) as lock:
            made = make(
                self._look.engine,
                lambda words: self._ask_compose(words, lock),
                target.project,
                self._services,
                directory=target.directory,
                **which,
            )
        return self._add(made)

    def _add(self, made: Made) -> Made:
        self.done.created += made.created
        self.done.recreated += [name for name in made.recreated if name not in self.done.recreated]
        self.done.commands += made.commands
        return made

    def _wait(self, names: Collection[str], leave: Collection[str] = ()) -> Outcome:
        target, wanted = self._target, {name: self._services[name] for name in names}
        return bring_up(target.socket, target.project, wanted, timeout=target.timeout, start=self._start_one, ends=self._jobs, leave=leave)

    def _start_one(self, engine: Engine, service: str, container: str) -> None:
        if not self._services[service].by_compose:
            engine.post(f"/containers/{container}/start")
            return
        with self._compose:
            code, output = self._ask_compose(compose.start(service))
        if code:
            raise EngineError(compose.reason(output))

    def _ask_compose(self, words: list[str], *inherited: int) -> tuple[int, str]:
        target = self._target
        return target.run(compose.command(target.socket, target.project, str(target.directory), *words), inherited)

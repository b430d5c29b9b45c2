# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault: how it strikes a run, how it is undone, and what the run may end with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from ansible_collections.ziggie.stack.tests.faults.stack import DIRECTORY, PROGRAMS, PROJECT, ROOM, Run, engine_is_back, put
from ansible_collections.ziggie.stack.tests.integration.faults.lab import ask, until

# Services whose removal gives a run something to do, of every tier.
DISTURBED = ("redis", "postgres", "ziggie-api", "sim-studio", "flowise", "n8n", "grafana", "prometheus", "redis-exporter", "nginx")
BROKEN = "sim-studio"
# Seconds from the start of Ansible to its last request on a host with three containers to make.
_LONGEST = 9.0
# Seconds from its lock to its end.
_WORK = 3.0
LOCK = "/run/ziggie.lock"
# How many seconds each run took that was refused since another one worked on the host.
REFUSED: list[float] = []


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault: `strike` while `verb` runs, with `variables`, then `undo`.

    `disturbs` tells whether services are removed first, so that there is much to do; `before` is a command for the host before the run begins. `heals` is
    how the run itself may end: `True` where it has to come up in spite of the fault, `False` where it has to fail with the stack whole all the same, `None`
    where one more run may be needed. `strike` may return why the fault was not borne, whatever the run ended with. `seeds` is for faults of which more are
    wanted than of others, `any_verb` for one that strikes whatever verb.
    """

    name: str
    told: str
    strike: Callable[[Random, Run], str | None]
    undo: Callable[[], None] = _nothing
    verb: str = "deploy"
    variables: Mapping[str, Any] = field(default_factory=dict)
    disturbs: bool = True
    heals: bool | None = None
    before: Callable[[Random], str] | None = None
    seeds: int = 0
    any_verb: bool = False

    def chosen(self, rng: Random) -> Fault:
        """Return the fault with the verb that the seed decides, where it strikes any."""
        if not self.any_verb:
            return self
        verb, variables = rng.choice(_VERBS[:3])
        return replace(self, verb=verb, variables=variables)


def disturb(rng: Random) -> list[str]:
    """Remove three services and change a limit of a fourth behind our back; return their names."""
    *removed, drifted = rng.sample(DISTURBED, 4)
    found = {name: f"$(docker ps -aq --filter {PROJECT} --filter label=com.docker.compose.service={name})" for name in (*removed, drifted)}
    ask(f"docker rm --force {' '.join(found[name] for name in removed)} >/dev/null")
    ask(f"docker update --pids-limit {rng.randrange(300, 400)} {found[drifted]} >/dev/null")
    return [*removed, drifted]


def _moment(rng: Random, run: Run) -> None:
    run.sleep(rng.uniform(0.5, _LONGEST))


def _kill_ansible(rng: Random, run: Run) -> None:
    _moment(rng, run)
    run.kill()


def _at_work(rng: Random, run: Run) -> None:
    """Wait until the run works on the host, which it does under the lock, and then for a moment."""
    while not run.is_over and ask(f"test -s {LOCK} && echo held || true") != "held":
        time.sleep(0.1)
    run.sleep(rng.uniform(0, _WORK))


def _kill_module(rng: Random, run: Run) -> None:
    _at_work(rng, run)
    # The program of a module comes by stdin, so that it is the one Python that has no arguments.
    killed = ask(
        "for pid in $(pgrep -x 'python3.*'); do "
        "case \"$(tr '\\0' ' ' </proc/$pid/cmdline)\" in *python3' '|*python3.1[0-9]' ') kill -s KILL $pid && echo $pid;; esac; done"
    )
    run.missed = run.missed or not killed


def _kill_unit(unit: str) -> Callable[[Random, Run], None]:
    def strike(rng: Random, run: Run) -> None:
        _at_work(rng, run)
        ask(f"systemctl kill --kill-whom=main -s KILL {unit}")

    return strike


def _kill_proxies(rng: Random, run: Run) -> None:
    _at_work(rng, run)
    ask("pkill -KILL docker-proxy || true")


def _kill_service(rng: Random, run: Run) -> None:
    _at_work(rng, run)
    found = f"$(docker ps -q --filter {PROJECT} --filter label=com.docker.compose.service={rng.choice(DISTURBED)})"
    # As the kernel kills, not as an operator who wants it stopped.
    ask(f"for c in {found}; do kill -s KILL $(docker inspect -f '{{{{.State.Pid}}}}' $c) || true; done")


def _hang_engine(rng: Random, run: Run) -> None:
    _at_work(rng, run)
    ask("systemctl kill --kill-whom=main -s STOP docker")


def _engine_goes_on() -> None:
    ask("systemctl kill --kill-whom=main -s CONT docker")
    assert engine_is_back()


def _engine_restarts() -> None:
    if not engine_is_back():
        ask("systemctl restart docker")
        assert engine_is_back()


def _containerd_restarts() -> None:
    # systemd takes five seconds for it, and the engine answers meanwhile.
    until(lambda: ask("ctr version >/dev/null 2>&1 && echo up || true") == "up", "containerd is back")
    _engine_restarts()


def _command(what: str) -> Callable[[], None]:
    def undo() -> None:
        ask(what)

    return undo


# What an operator may do beside another one. A plan to rotate or to restore takes the lock as well, and changes nothing.
_VERBS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("deploy", {}),
    ("site", {}),
    ("rollback", {}),
    ("rotate", {"rotate_secret": "redis_password"}),
)


# A secret is not rotated while another run has left something to do.
_RIGHTLY = "a secret is changed in a stack that is whole"


def _second_operator(verb: str, variables: Mapping[str, Any] | None = None, latest: float = 4.0) -> Callable[[Random, Run], str]:
    def strike(rng: Random, run: Run) -> str:
        run.sleep(rng.uniform(0, latest))
        return _race(run, Run(verb, variables))

    return strike


def _race(one: Run, other: Run) -> str:
    """Let two runs end: at most one of them is refused, and names the other."""
    # Of each its own end, not that of the slower one.
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(Run.end, (one, other)))
    refused = [run for run in runs if "Another run works on this host" in run.said]
    REFUSED.extend(run.seconds for run in refused)
    if any(run.code == 0 for run in refused) or len(refused) > 1:
        return "both were refused" if len(refused) > 1 else "a run that was refused says that it succeeded"
    if any(" by " not in run.said.partition("works on this host:")[2][:60] for run in refused):
        return "the one that was refused does not say who works on the host"
    failed = next((run for run in runs if run.code != 0 and run not in refused and _RIGHTLY not in run.said), None)
    return f"one that was not refused failed: {failed.said[-300:]}" if failed else ""


def _any_two(rng: Random, run: Run) -> str:
    verb, variables = rng.choice(_VERBS)
    run.sleep(rng.uniform(0, 2))
    return _race(run, Run(verb, variables))


def _in_time(what: Callable[[Random], str]) -> Callable[[Random, Run], None]:
    def strike(rng: Random, run: Run) -> None:
        _moment(rng, run)
        ask(what(rng))

    return strike


def _wait(_rng: Random, run: Run) -> None:
    run.wait()


# What a module on the host sees of the time.
_CLOCK = """
import time
_real = time.time
time.time = lambda: _real() + ({seconds})
"""


def _clock(seconds: int) -> Callable[[Random], str]:
    """Have the clock of every module of the run be wrong, as after a jump; the machine's own is not only ours."""

    def before(_rng: Random) -> str:
        interpreter(_CLOCK.format(seconds=seconds))
        return "true"

    return before


# Every limit that an operator can change on a running container.
_LIMITS = (
    "--memory 300m --memory-swap 300m",
    "--cpu-shares 77",
    "--pids-limit 333",
    "--cpus 0.7",
    "--memory-reservation 20m",
    "--blkio-weight 11",
)


def _limits_drift(rng: Random) -> str:
    found = "$(docker ps -q --filter {project} --filter label=com.docker.compose.service={name})"
    return "; ".join(
        f"docker update {' '.join(rng.sample(_LIMITS, 3))} {found.format(project=PROJECT, name=name)} >/dev/null 2>&1 || true"
        for name in rng.sample(DISTURBED, 4)
    )


def _truncated(name: str) -> Callable[[Random], str]:
    return lambda rng: f"truncate -s {rng.randrange(0, 2000)} {DIRECTORY}/stack/{name}"


# What lies in the place of a state file: nothing readable, another type, a directory, a loop of links.
DAMAGE = ("printf x > {}", "printf '[1, \"a\"]' > {}", "rm -rf {0} && mkdir {0}", "rm -rf {0} && ln -s {0} {0}", "rm -rf {0} && mkfifo {0}")


def _damaged(name: str) -> Callable[[Random], str]:
    return lambda rng: rng.choice(DAMAGE).format(f"{DIRECTORY}/{name}")


def _filled(place: str) -> str:
    return f"{{ dd if=/dev/zero of={place}/filled bs=4k >/dev/null 2>&1 || true; }}"


def _broken(**service: Any) -> dict[str, Any]:
    return {"catalog_overrides": {"services": {BROKEN: {"entrypoint": [], **service}}}, "release_watch": 20, "stack_wait_timeout": 40}


OTHER_RELEASE = {"catalog_overrides": {"services": {BROKEN: {"environment": {"FAULT": "0"}}}}}
_UNHEALTHY = {"test": ["CMD", "false"], "interval": "1s", "timeout": "1s", "retries": 2, "start_period": "1s", "start_interval": "1s"}
_TEMPORARY = ("/tmp", "/root/.ansible")

MATRIX = (
    Fault(name="ansible-killed", told="kill -9 of ansible-playbook and all it started here", strike=_kill_ansible),
    Fault(name="module-killed", told="kill -9 of the module on the host", strike=_kill_module),
    Fault(name="dockerd-killed", told="kill -9 of dockerd", strike=_kill_unit("docker"), undo=_engine_restarts),
    Fault(name="containerd-killed", told="kill -9 of containerd", strike=_kill_unit("containerd"), undo=_containerd_restarts),
    Fault(name="proxy-killed", told="kill -9 of every docker-proxy", strike=_kill_proxies),
    Fault(name="service-killed", told="kill -9 of a service in the middle of the run", strike=_kill_service),
    Fault(
        name="engine-hung",
        told="the engine stops answering (SIGSTOP), and goes on after the run",
        strike=_hang_engine,
        undo=_engine_goes_on,
    ),
    Fault(name="two-deploys", told="two operators: deploy and deploy", strike=_second_operator("deploy")),
    Fault(name="deploy-and-site", told="two operators: deploy and site", strike=_second_operator("site")),
    Fault(name="site-and-rollback", told="two operators: site and rollback", strike=_second_operator("rollback"), verb="site"),
    Fault(
        name="two-operators",
        told="two operators: any two of deploy, site, rollback, rotate, the second up to 2 s after the first",
        strike=_any_two,
        any_verb=True,
        seeds=50,
    ),
    Fault(
        name="lock-damaged",
        told="the lock's file holds garbage, is a pipe, a loop of links",
        strike=_in_time(lambda rng: rng.choice(DAMAGE[:2] + DAMAGE[3:]).format("/run/ziggie.lock")),
        undo=_command("rm -rf /run/ziggie.lock"),
    ),
    Fault(
        name="compose-truncated",
        told="compose.yml cut off",
        before=_truncated("compose.yml"),
        strike=_wait,
        verb="site",
        disturbs=False,
        heals=True,
    ),
    Fault(
        name="release-damaged",
        told="release.json of another type, a directory, a pipe, a loop of links",
        before=_damaged("stack/release.json"),
        strike=_wait,
        verb="site",
        heals=True,
    ),
    Fault(name="budget-damaged", told="budget.json likewise", before=_damaged("stack/budget.json"), strike=_wait, verb="site", heals=True),
    Fault(
        name="current-damaged",
        told="the archive's note of the last release likewise",
        before=_damaged("releases/current"),
        strike=_wait,
        verb="site",
        heals=True,
    ),
    Fault(
        name="pending-damaged",
        told="the note of commands that an interrupted run left likewise",
        before=_damaged("host_prep.pending"),
        strike=_wait,
        verb="site",
        disturbs=False,
    ),
    Fault(
        name="given-damaged",
        told="the note of which secrets services were given likewise",
        before=_damaged("secrets/.given"),
        strike=_wait,
        undo=_command(f"[ -f {DIRECTORY}/secrets/.given ] || rm -rf {DIRECTORY}/secrets/.given"),
        verb="site",
        disturbs=False,
    ),
    Fault(
        name="limits-drift",
        told="every limit of four services changed with docker update",
        before=_limits_drift,
        strike=_wait,
        disturbs=False,
        heals=True,
    ),
    Fault(
        name="clock-ahead",
        told="the clock of the host's programs jumps a day ahead",
        before=_clock(86_400),
        variables={"ansible_python_interpreter": f"{PROGRAMS}/python"},
        strike=_wait,
        heals=True,
    ),
    Fault(
        name="clock-back",
        told="the clock of the host's programs jumps an hour back",
        before=_clock(-3600),
        variables={"ansible_python_interpreter": f"{PROGRAMS}/python"},
        strike=_wait,
        heals=True,
    ),
    Fault(name="drift", told="limits changed behind our back, services removed", strike=_wait, heals=True),
    Fault(
        name="tmp-full",
        told="no room in /tmp, nor where Ansible unpacks its modules",
        before=lambda _rng: " && ".join(
            f"mkdir -p {place} && mount -t tmpfs -o size=64k tmpfs {place} && {_filled(place)}" for place in _TEMPORARY
        ),
        strike=_wait,
        undo=_command(f"umount -l {' '.join(_TEMPORARY)}"),
    ),
    Fault(
        name="read-only",
        told="the stack's directory is read-only, and site has a file to write",
        before=lambda _rng: f"mount --bind {DIRECTORY} {DIRECTORY} && mount -o remount,ro,bind {DIRECTORY}",
        strike=_wait,
        verb="site",
        variables={"catalog_overrides": {"services": {BROKEN: {"environment": {"FAULT": "1"}}}}},
        undo=_command(f"umount -l {DIRECTORY}"),
    ),
    Fault(
        name="crashes",
        told="a new version crashes at once",
        strike=_wait,
        verb="site",
        variables=_broken(command=["false"]),
        disturbs=False,
        heals=False,
    ),
    Fault(
        name="never-healthy",
        told="a new version is never healthy",
        strike=_wait,
        verb="site",
        variables=_broken(command=["sleep", "infinity"], healthcheck=_UNHEALTHY),
        disturbs=False,
        heals=False,
    ),
    Fault(
        name="dies-after",
        told="a new version is healthy, and dies 20 s later",
        strike=_wait,
        verb="site",
        variables={
            **_broken(command=["sh", "-c", "sleep 20; exit 3"], healthcheck={**_UNHEALTHY, "test": ["CMD", "true"]}),
            "release_watch": 30,
        },
        disturbs=False,
        heals=False,
    ),
    Fault(
        name="configuration-refused",
        told="a new version does not take its configuration",
        strike=_wait,
        verb="site",
        variables={"catalog_overrides": {"services": {"pgbouncer": {"command": ["/etc/pgbouncer/no-such.ini"]}}}, "stack_wait_timeout": 40},
        disturbs=False,
        heals=False,
    ),
    Fault(
        name="no-image",
        told="the registry does not have the new version",
        strike=_wait,
        verb="site",
        variables={"catalog_overrides": {"services": {BROKEN: {"image": "docker.io/library/no-such-image:1"}}}},
        disturbs=False,
        heals=False,
    ),
)

EACH_EFFECT = Fault(
    name="module-killed-at-each-effect", told="the module is killed just before its first, second, … and last effect", strike=_wait
)

# Every effect of a module of ours on its host: a rename, a removal, a program, bytes for the engine.
_HOOK = """
import os, signal, sys

_EFFECTS = ("os.rename", "os.remove", "os.mkdir", "subprocess.Popen", "http.client.send")
_room = "/run/faults"
_left = int(open(f"{_room}/kill_at").read())


def _count(event, _arguments):
    global _left
    if event in _EFFECTS:
        _left -= 1
        if _left == 0:
            open(f"{_room}/killed", "w").write(event)
            os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(_count)
"""


# Our interpreter on the host: the hook counts in every process of Python that a run starts there.
_PYTHON = f"""#!/bin/sh
PYTHONPATH={ROOM} exec /usr/bin/python3 "$@"
"""


def interpreter(site: str) -> dict[str, Any]:
    """Have every Python that a run starts on the host begin with some code; return the variables of that run."""
    ask(f"mkdir -p {ROOM} {PROGRAMS}")
    put(f"{ROOM}/sitecustomize.py", site)
    put(f"{PROGRAMS}/python", _PYTHON, mode="755")
    return {"ansible_python_interpreter": f"{PROGRAMS}/python"}


def kill_at(effect: int) -> dict[str, Any]:
    """Have the module of the next run killed just before its so-many-th effect; return the variables of that run."""
    ask(f"mkdir -p {ROOM} && rm -f {ROOM}/killed")
    put(f"{ROOM}/kill_at", str(effect))
    return interpreter(_HOOK)


def killed_before() -> str:
    """Return the effect before which the last run's module was killed, nothing where it ended by itself."""
    return ask(f"cat {ROOM}/killed 2>/dev/null || true")

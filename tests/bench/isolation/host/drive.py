# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the experiment on the host: `drive.py facts | run | clean`. What is found goes to stdout, a line of JSON for each run.

It ends when its stdin does, so that nothing goes on when whoever started it is gone; `clean` is what the service manager runs after
it, however it ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent
sys.path.insert(0, str(BASE / "lib"))

from ansible_collections.ziggie.stack.plugins.module_utils.engine.cgroup import Group  # noqa: E402
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError  # noqa: E402
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import service  # noqa: E402
from ansible_collections.ziggie.stack.plugins.module_utils.engine.usage import usage  # noqa: E402
from ansible_collections.ziggie.stack.plugins.module_utils.host.gather import gather  # noqa: E402
from ansible_collections.ziggie.stack.plugins.module_utils.host.vault import Vault  # noqa: E402
from groups import confine_engine, engine_cpu, join_load, make_parent, parent_name, remove  # noqa: E402

PROJECT = "ziggie-isolation"
LABEL = f"label=com.docker.compose.project={PROJECT}"
STACK = BASE / "stack"
PAUSED = BASE / "paused"
# Where requests come in, as from outside.
DOOR, PORT = "nginx", "80"


def docker(*words: str, check: bool = True) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=300)
    if check and done.returncode:
        raise SystemExit(f"docker {' '.join(words)[:100]}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout.strip()


def say(kind: str, **data: Any) -> None:
    print(json.dumps({"kind": kind, **data}), flush=True)


class Arm:
    """The stack as one of the arms has it."""

    def __init__(self, name: str, plan: dict[str, Any]) -> None:
        self.name = name
        self._plan = plan
        # Where the hogs have their way, the engine is slow, too.
        self._engine = Engine(timeout=120)
        # The arms without hogs have the budget's limits.
        self._file = name if name in ("plain", "report") else "ours"

    def _compose(self, *words: str) -> str:
        return docker("compose", "-p", PROJECT, "-f", str(STACK / f"{self._file}.yml"), "--project-directory", str(STACK), *words)

    def start(self) -> None:
        """Start the services that are measured, with this arm's limits, and wait until they are healthy."""
        confine_engine(self._plan["engine_cores"] if self._file == "ours" else "")
        self._compose("up", "--detach", "--no-deps", "--wait", "--wait-timeout", "120", *self._plan["services"])

    def disturb(self, hogs: list[str]) -> None:
        if hogs:
            self._compose("up", "--detach", "--no-deps", *hogs)

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Keep every core of the machine busy, with work that gives way at once, where the arm asks for it."""
        spinners = []
        if self.name == "busy":
            order = [sys.executable, "-c", "import groups; groups.join_idle()\nwhile True: pass"]
            paths = {"PYTHONPATH": f"{BASE}:{BASE / 'lib'}"}
            spinners = [subprocess.Popen(order, env={**os.environ, **paths}) for _core in range(os.cpu_count() or 1)]
        try:
            yield
        finally:
            for spinner in spinners:
                spinner.kill()
                spinner.wait()

    def calm(self) -> None:
        hogs = docker("ps", "-aq", "--filter", LABEL, "--filter", "label=ziggie.isolation.hog").split()
        if hogs:
            docker("rm", "--force", "--volumes", *hogs)

    def containers(self) -> dict[str, dict[str, Any]]:
        return {service(container): container for container in self._engine.containers(PROJECT)}

    def address(self) -> str:
        networks = self.containers()[DOOR]["NetworkSettings"]["Networks"]
        return str(next(iter(networks.values()))["IPAddress"])


def counters(arm: Arm) -> dict[str, dict[str, Any]]:
    """Return what the kernel has counted for each container, and when the engine started it."""
    found = {}
    for name, container in arm.containers().items():
        group = Group.of(container["State"]["Pid"]) if container["State"]["Pid"] else None
        counted = usage(group) if group else {}
        found[name] = {**counted, "started": container["State"]["StartedAt"], "restarts": container.get("RestartCount", 0)}
    return found


def spent(parent: Group) -> int:
    """Return the microseconds that all containers, also those that are gone, have had of the processors."""
    return int(usage(parent).get("cpu_used", 0))


def measure(arm: Arm, parent: Group, hogs: list[str], *, seconds: float, rate: float, seed: int) -> dict[str, Any]:
    """Load the door while the hogs do what they do; return what was seen."""
    arm.start()
    address = arm.address()
    _load(address, rate, 2, seed)
    arm.disturb(hogs)
    if hogs:
        # Until they are at it.
        time.sleep(3)
    before, cpu, engine, began = counters(arm), spent(parent), engine_cpu(), time.time()
    with arm.busy():
        load = _load(address, rate, seconds, seed)
    after, cpu_after, engine_after, ended = counters(arm), spent(parent), engine_cpu(), time.time()
    died = _died(began, ended)
    arm.calm()
    watched = {name: _since(before.get(name, {}), after[name]) for name in after if name not in hogs}
    ours = sum(figures["cpu_used"] for figures in watched.values())
    return {
        "arm": arm.name,
        "load": load,
        "seconds": ended - began,
        "services": watched,
        "hogs": {name: _since(before.get(name, {}), after[name]) for name in after if name in hogs},
        "died": died,
        "hog_cpu": max(0, cpu_after - cpu - ours) / 1_000_000 / (ended - began),
        "service_cpu": ours / 1_000_000 / (ended - began),
        "engine_cpu": (engine_after - engine) / (ended - began),
    }


def _since(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    same = before.get("started") == after.get("started")
    keys = ("cpu_used", "oom_kills", "cpu_throttled_periods")
    return {key: after.get(key, 0) - (before.get(key, 0) if same else 0) for key in keys} | {"restarted": not same}


def _died(began: float, ended: float) -> dict[str, int]:
    """Return how many containers of each service were killed by the kernel or by a signal, as the engine saw it."""
    lines = docker(
        "events", "--since", f"{began:.3f}", "--until", f"{ended:.3f}", "--filter", LABEL, "--filter", "event=die", "--format", "{{json .}}"
    )
    found: dict[str, int] = {}
    for line in lines.splitlines():
        attributes = json.loads(line)["Actor"]["Attributes"]
        if attributes.get("exitCode") == "137":
            name = attributes["com.docker.compose.service"]
            found[name] = found.get(name, 0) + 1
    return found


def _load(address: str, rate: float, seconds: float, seed: int) -> dict[str, Any]:
    order = [sys.executable, str(BASE / "generator.py"), address, PORT, str(rate), str(seconds), str(seed)]
    done = subprocess.run(order, capture_output=True, text=True, check=False, preexec_fn=join_load, timeout=seconds + 60)
    if done.returncode:
        raise SystemExit(f"the load generator failed: {done.stderr.strip()[-500:]}")
    return dict(json.loads(done.stdout))


def run() -> None:
    """Do what the plan says."""
    plan = json.loads((BASE / "plan.json").read_text(encoding="utf-8"))
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    driver = docker("info", "-f", "{{.CgroupDriver}}")
    _pause()
    for directory in plan["directories"]:
        place = Path(directory["path"])
        place.mkdir(parents=True, exist_ok=True)
        os.chown(place, directory["owner"], directory["group"])
        place.chmod(int(directory["mode"], 8))
    Vault(BASE / "store", STACK / "secrets", check=False).write(plan["secrets"])
    parent = make_parent(driver, plan["parent"]["memory"], plan["parent"]["pids"])
    chance = random.Random(plan["seed"])
    for number in range(plan["rounds"]):
        order = list(plan["arms"])
        chance.shuffle(order)
        for name in order:
            hogs = [] if name in ("quiet", "busy") else plan["hogs"]
            found = measure(Arm(name, plan), parent, hogs, seconds=plan["seconds"], rate=plan["rate"], seed=chance.randrange(1 << 30))
            say("run", round=number, series="all", **found)
    for name in plan["memory_arms"]:
        for number in range(plan["memory_runs"]):
            seed = chance.randrange(1 << 30)
            found = measure(Arm(name, plan), parent, plan["leakers"], seconds=plan["memory_seconds"], rate=plan["rate"] / 4, seed=seed)
            say("run", round=number, series="memory", **found)
    say("end")


def _end_with_stdin() -> None:
    sys.stdin.read()
    # No unwinding: the service manager cleans up after whatever end.
    os._exit(3)


def _pause() -> None:
    """Halt the stack that the lab host runs otherwise: its probes are a load of their own."""
    running = docker("ps", "-q", "--filter", "label=com.docker.compose.project=ziggie", "--filter", "status=running").split()
    PAUSED.write_text("\n".join(running), encoding="ascii")
    for container in running:
        # The freezer of cgroup v1 gives up on a group in which processes begin and end, as a probe's do; the next time it does not.
        for last in (False, False, False, True):
            docker("pause", container, check=last)
            if docker("inspect", "-f", "{{.State.Paused}}", container, check=False) == "true":
                break


def clean() -> None:
    """Leave the host as it was; the hogs go first, since everything waits for them."""
    confine_engine("")
    for kind, listed, away in (
        ("container", ("ls", "-aq"), ("rm", "-f", "-v")),
        ("volume", ("ls", "-q"), ("rm", "-f")),
        ("network", ("ls", "-q"), ("rm",)),
    ):
        found = docker(kind, *listed, "--filter", LABEL, check=False).split()
        if found:
            docker(kind, *away, *found, check=False)
    with contextlib.suppress(OSError):
        for container in PAUSED.read_text(encoding="ascii").split():
            docker("unpause", container, check=False)
    driver = docker("info", "-f", "{{.CgroupDriver}}", check=False)
    for _turn in range(40):
        if remove(driver):
            break
        time.sleep(0.25)
    shutil.rmtree(BASE, ignore_errors=True)


def facts() -> None:
    """Print what the host has, and what the engine calls the parent of a container."""
    found = gather(
        socket="/var/run/docker.sock",
        project=PROJECT,
        project_src=str(STACK),
        run=lambda *_w, **_o: (1, "", ""),
    )
    driver = docker("info", "-f", "{{.CgroupDriver}}")
    print(
        json.dumps(
            {
                "facts": found.to_dict(),
                "parent": parent_name(driver),
                "cgroup": found.cgroup.version,
                "kernel": found.kernel,
                "engine": found.engine.version,
            }
        )
    )


if __name__ == "__main__":
    try:
        {"facts": facts, "run": run, "clean": clean}[sys.argv[1]]()
    except (EngineError, OSError) as error:
        raise SystemExit(f"drive: {error}") from error

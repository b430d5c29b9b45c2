# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of ours and of `docker compose` by hand, side by side in one run on one host.

Absolute seconds say little on a machine that is shared; the two sides alternate, and their ratio is what counts.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from testkit.place import ROOT, SITE_PACKAGES
from testkit.process import follow, run

HOST = os.environ.get("ZIGGIE_LAB_HOST", "ziggie-lab")
INVENTORY = os.environ.get("ZIGGIE_LAB_INVENTORY", str(ROOT / "inventories" / "lab"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))

_STACK = "/opt/ziggie/stack"
_SERVICE = "sim-studio"
_COMPOSE = f"docker compose --project-name ziggie --project-directory {_STACK} --file {_STACK}/compose.yml up --detach --wait"
# The same promise by hand: no tier starts before the one before it is healthy.
_TIERS = f"""for tier in critical workflow management; do
{_COMPOSE} --no-deps $(python3 -c "
import json
services = json.load(open('{_STACK}/release.json'))['services']
print(*[name for name in services if services[name]['tier'] == '$tier'])")
done"""
_REMOVE = "docker rm --force $(docker ps --all --quiet --filter label=com.docker.compose.project=ziggie) >/dev/null"

# Two releases that differ in one service: each side then has a change to bring about in each of its turns.
_VARIANTS = f"""
import json, pathlib, yaml
stack = pathlib.Path("{_STACK}")
compose = yaml.safe_load((stack / "compose.yml").read_text())
release = json.loads((stack / "release.json").read_text())
for variant in ("0", "1"):
    service = compose["services"]["{_SERVICE}"]
    environment = service.setdefault("environment", {{}})
    environment["BENCH"] = variant
    service["labels"]["ziggie.stack.definition"] = variant * 64
    release["services"]["{_SERVICE}"]["definition"] = variant * 64
    folder = pathlib.Path("/run/bench") / variant
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compose.yml").write_text(yaml.safe_dump(compose, sort_keys=False))
    (folder / "release.json").write_text(json.dumps(release))
"""

_CORE = """
import statistics, sys, time
from pathlib import Path
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
compose, _findings = merge(read(Path(sys.argv[1]))[0], {})
solved, compiled = [], []
for _turn in range(25):
    began = time.perf_counter()
    budget = solve(compose, {"memory": "16g", "cpus": 4}, {})
    between = time.perf_counter()
    compile_stack(compose, budget, target="compose")
    solved.append(between - began)
    compiled.append(time.perf_counter() - between)
print(f"{len(compose['services'])} services: budget {1000 * statistics.median(solved):.1f} ms, compile {1000 * statistics.median(compiled):.1f} ms")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that both sides do, what precedes each turn, and the ratio that we promise."""

    title: str
    before: Callable[[int], None]
    goal: float
    by_hand: str = _COMPOSE


class BenchError(Exception):
    """A step that both sides need did not work."""


def bench() -> int:
    """Run every case, then print the table. Nothing is asserted on time: what is promised is printed beside it."""
    try:
        for command in (["tools/engine", "ensure"], ["tools/lab", "up"], _playbook("site")):
            if HOST == "ziggie-lab" or command[0] not in ("tools/lab", "tools/engine"):
                _must(command)
        _on_host(f"cat > /run/bench.py <<'END'\n{_VARIANTS}\nEND\npython3 /run/bench.py")
        cases = (
            Case(title="nothing changed", before=lambda _turn: None, goal=0.9),
            Case(title="one service changed", before=_change, goal=1.2),
            Case(title="cold, all at once", before=lambda _turn: _on_host(_REMOVE), goal=1.15),
            Case(title="cold, tier by tier", before=lambda _turn: _on_host(_REMOVE), goal=1.15, by_hand=_TIERS),
        )
        measured = [(case, *_alternate(case)) for case in cases]
        _must(_playbook("site"))
        sites = [_timed(lambda: _must(_playbook("site"))) for _turn in range(RUNS)]
        core = run([str(SITE_PACKAGES.parents[2] / "bin" / "python"), "-c", _CORE, str(ROOT / "roles/catalog/files")]).text.strip()
    except BenchError as error:
        print(f"make: {error}")
        return 1
    print(f"\n{RUNS} turns each, in alternation; seconds: median (least to most)\n")
    print(f"{'':<22}{'by hand':>24}{'ours':>24}{'ratio':>9}{'goal':>9}")
    for case, hand, ours in measured:
        ratio = statistics.median(ours) / statistics.median(hand)
        print(f"{case.title:<22}{_shown(hand):>24}{_shown(ours):>24}{ratio:>8.2f}x{'<= ' + format(case.goal, 'g'):>9}")
    print(f"{'site.yml, no change':<22}{'':>24}{_shown(sites):>24}{'':>9}{'<= 15 s':>9}")
    print(
        f"\n{core}\nby hand: docker compose up --detach --wait, all services at once or three times, tier by tier."
        "\nours: ansible-playbook ziggie.stack.deploy, its start included; always tier by tier."
    )
    return 0


def _alternate(case: Case) -> tuple[list[float], list[float]]:
    hand, ours = [], []
    for turn in range(RUNS + 1):
        case.before(2 * turn)
        by_hand = _timed(lambda: _by_hand(case.by_hand))
        case.before(2 * turn + 1)
        by_us = _timed(lambda: _must(_playbook("deploy")))
        # The first turn warms both up.
        if turn:
            hand.append(by_hand)
            ours.append(by_us)
            print(f"  {case.title}, turn {turn}/{RUNS}: by hand {by_hand:.2f} s, ours {by_us:.2f} s", flush=True)
    return hand, ours


def _change(turn: int) -> None:
    _on_host(f"cp /run/bench/{turn % 2}/* {_STACK}/")


def _by_hand(command: str) -> None:
    # Once everything is up, Compose counts a service without a probe as a failure of --wait; the time is the same.
    done = run(["docker", "exec", HOST, "sh", "-c", command])
    if done.code and "has no healthcheck configured" not in done.text:
        raise BenchError(f"docker compose failed:\n{done.text[-2000:]}")


def _playbook(name: str) -> list[str]:
    return ["ansible-playbook", f"ziggie.stack.{name}", "--inventory", INVENTORY]


def _on_host(script: str) -> None:
    _must(["docker", "exec", HOST, "sh", "-c", script])


def _must(command: Sequence[str]) -> None:
    done = follow(command, "bench-setup") if command[0].startswith("tools/") else run(command)
    if done.code:
        raise BenchError(f"{' '.join(command)[:120]} failed:\n{done.text[-2000:]}")


def _timed(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _shown(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"

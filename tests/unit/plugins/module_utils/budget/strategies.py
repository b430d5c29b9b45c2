# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated claims, stacks, hosts and policies: whole MiB and odd bytes, single containers and replicas, every key or none."""

from __future__ import annotations

from fractions import Fraction

from ansible_collections.ziggie.stack.plugins.module_utils.budget.allocate import Claim
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import PRIORITIES, TIERS
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from hypothesis import strategies as st

NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=6)
WEIGHTS = st.sampled_from([Fraction(1), Fraction(2), Fraction(4), Fraction(3, 2), Fraction(7, 10), Fraction(100)])
FLOORS = st.one_of(st.integers(1, 40).map(lambda size: size * MIB), st.integers(1, 40 * MIB))
WAYS = st.one_of(st.just(0), st.integers(0, 60).map(lambda size: size * MIB), st.integers(0, 60 * MIB))
SPARES = st.one_of(st.integers(0, 400).map(lambda size: size * MIB), st.integers(0, 400 * MIB))


@st.composite
def claims(draw: st.DrawFn, *, most_count: int = 3) -> list[Claim]:
    """Draw what services want."""
    wanted = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=8, unique=True)):
        floor = draw(FLOORS)
        wanted.append(
            Claim(
                name=name,
                floor=floor,
                request=floor + draw(WAYS),
                weight=draw(WEIGHTS),
                rank=draw(st.integers(0, 2)),
                count=draw(st.integers(0 if most_count > 1 else 1, most_count)),
            )
        )
    return wanted


def docker_sizes(sizes: st.SearchStrategy[int]) -> st.SearchStrategy[int]:
    """Lift sizes above the least that Docker takes."""
    return sizes.map(lambda size: size + 6 * MIB)


@st.composite
def services(draw: st.DrawFn) -> dict[str, object]:
    """Draw one service, with all of its figures in x-budget, with some, or with none."""
    floor = draw(docker_sizes(FLOORS))
    request = floor + draw(WAYS)
    budget: dict[str, object] = {}
    memory: dict[str, object] = {}
    if draw(st.booleans()):
        memory = {"floor": floor, "request": request}
        if draw(st.booleans()):
            memory["reservation"] = draw(st.integers(6 * MIB, request))
        if draw(st.booleans()):
            memory["asked"] = draw(FLOORS)
        if draw(st.booleans()):
            memory["swap"] = draw(st.integers(0, 5)) * MIB
    if memory:
        budget["memory"] = memory
    for key, values in (
        ("tier", st.sampled_from(sorted(TIERS))),
        ("priority", st.sampled_from(PRIORITIES)),
        ("pids", st.integers(1, 5000)),
        ("io", st.integers(10, 1000)),
        ("files", st.integers(1, 100_000)),
        ("batch", st.booleans()),
        ("cpus", st.sampled_from([{"limit": 0.5, "reservation": "0.25"}, {"limit": 2}, {"reservation": 0.001}])),
    ):
        if draw(st.booleans()):
            budget[key] = draw(values)
    service: dict[str, object] = {"image": draw(st.sampled_from(["redis", "prom/prometheus:v3", "ghcr.io/a/b:1", "localhost/x"]))}
    if budget or draw(st.booleans()):
        service["x-budget"] = budget
    for key, values in (
        ("mem_limit", st.one_of(docker_sizes(FLOORS), st.integers(6, 900).map(lambda size: f"{size}m"))),
        ("cpus", st.sampled_from([0.5, "1.5", 3])),
        ("cpu_shares", st.integers(2, 4096)),
        ("pids_limit", st.integers(-1, 500)),
        ("environment", st.sampled_from([{"A": "b"}, ["A=b", "C"], None])),
        ("command", st.sampled_from(["serve --port 80", ["serve", "-x"], None])),
        ("deploy", st.sampled_from([{"resources": {"limits": {"memory": "64m", "cpus": "0.5"}}, "labels": {"a": "b"}}, {"replicas": 2}])),
        ("ulimits", st.sampled_from([{"nofile": 70000}, {"nofile": {"soft": 1024, "hard": 70000}, "memlock": -1}])),
        ("healthcheck", st.just({"test": ["CMD", "true"], "start_interval": "1s"})),
        ("blkio_config", st.sampled_from([{"weight": 300}, {"weight": 10, "device_read_bps": []}])),
        ("labels", st.just({"owner": "someone"})),
        ("shm_size", st.sampled_from(["4m", 6 * MIB])),
    ):
        if draw(st.integers(0, 3)) == 0:
            service[key] = draw(values)
    return service


@st.composite
def stacks(draw: st.DrawFn) -> dict[str, object]:
    """Draw a Compose definition."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    stack = {"name": "generated", "services": {name: draw(services()) for name in names}, "x-mine": {"kept": True}}
    stored = {name: draw(volumes()) for name in names if draw(st.integers(0, 2)) == 0}
    for name, volume in stored.items():
        stack["services"][name].setdefault("x-budget", {})["storage"] = {name: volume}
    return {**stack, "volumes": {name: {} for name in stored}}


@st.composite
def guarded_stacks(draw: st.DrawFn) -> dict[str, object]:
    """Draw a Compose definition of which some services need credentials."""
    stack = draw(stacks())
    for service in stack["services"].values():
        required = draw(st.sampled_from([[], [], ["token"], ["key", "token"]]))
        if required:
            service["x-budget"] = {**(service.get("x-budget") or {}), "requires": required}
    return stack


@st.composite
def volumes(draw: st.DrawFn) -> dict[str, object]:
    """Draw what a volume says: a size and a floor, a size alone, or none."""
    floor, storage_class = draw(FLOORS), {"class": draw(st.sampled_from(["hot", "log"]))}
    return draw(st.sampled_from([{}, {"size": floor}, {"size": floor + draw(WAYS), "floor": floor}])) | storage_class


CAPACITIES = st.builds(
    lambda memory, odd, cpus, cores: {"memory": memory * MIB + odd, "cpus": cpus, **cores},
    st.integers(3 * 1024, 16 * 1024),
    st.sampled_from([0, 0, 1, 12345]),
    st.sampled_from([1, 2, "4", 0.75]),
    st.sampled_from([{}, {}, {"cores": 1}, {"cores": 2}, {"cores": 13}]),
)
POLICIES = st.sampled_from(
    [
        None,
        {},
        {"weights": {"high": 8}},
        {"weights": {"high": 1.5, "medium": 1, "low": "0.5"}, "cpu_quota": "all"},
        {"margin": {"memory": 0}, "reserve": {"memory": "1g", "cpus": 0}, "cpu_quota": "none"},
        {"cpuset": "critical", "credentials": ["key", "token"]},
        {"credentials": ["token"]},
        {"cpuset": "split", "memory_high": "lower"},
    ]
)
LARGEST = 256 * GIB

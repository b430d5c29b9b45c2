# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of limits: each translation derives from it, and no other file of the core lists the limits."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils import limits as module
from ansible_collections.ziggie.stack.plugins.module_utils.limits import CORES, COUNT, File, KernelLimits, Limit, Limits, Metric
from ansible_collections.ziggie.stack.tests.unit.samples import LIMITS
from hypothesis import given
from hypothesis import strategies as st

CORE = Path(__file__).resolve().parents[4] / "plugins/module_utils"

_NUMBER = st.integers(-1, 2**62)
# Any limits at all, with the fields that there are: a new one is among them.
ANY = st.builds(Limits, **{one.name: st.sampled_from(["", "0-1,3"]) if one.default == "" else _NUMBER for one in fields(Limits)})


def test_the_sample_sets_every_limit() -> None:
    assert [limit.name for limit, value in LIMITS.items() if value == limit.none] == []


@given(limits=ANY)
def test_plain_data_and_back(limits: Limits) -> None:
    assert Limits.from_dict(limits.to_dict()) == limits


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({**Limits().to_dict(), "memory": "1g"}, "memory: expected a whole number, got '1g'"),
        ({**Limits().to_dict(), "memory": True}, "memory: expected a whole number, got True"),
        ({**Limits().to_dict(), "cpuset": 3}, "cpuset: expected a text, got 3"),
        ({**Limits().to_dict(), "energy": 3}, "energy: nothing reads this key"),
        ({key: value for key, value in Limits().to_dict().items() if key != "pids"}, "pids: this key is missing"),
    ],
)
def test_other_data_are_refused_in_a_sentence(data: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        Limits.from_dict(data)


def test_the_limits_of_a_compose_service() -> None:
    service = {
        "mem_limit": "1g",
        "memswap_limit": "1536m",
        "mem_reservation": 1048576,
        "cpu_shares": 100,
        "cpus": 0.25,
        "pids_limit": 50,
        "oom_score_adj": -300,
        "blkio_config": {"weight": 800},
        "cpuset": "0-1",
    }
    assert Limits.of_compose(service) == Limits(
        memory=1 << 30,
        memory_swap=1536 << 20,
        memory_reservation=1048576,
        cpu_shares=100,
        cpu_quota=250,
        pids=50,
        io_weight=800,
        oom_score_adj=-300,
        cpuset="0-1",
    )


@pytest.mark.parametrize(
    "service", [{}, {"pids_limit": -1, "memswap_limit": -1}, {"blkio_config": {"weight_device": []}, "pids_limit": None}]
)
def test_what_a_compose_service_does_not_limit(service: dict[str, Any]) -> None:
    assert Limits.of_compose(service) == Limits()


def test_the_limits_that_the_engine_holds() -> None:
    config = {"Memory": 1 << 28, "MemorySwap": -1, "NanoCpus": 1_500_000_000, "PidsLimit": -1, "CpusetCpus": "0-1", "OomScoreAdj": -5}
    assert Limits.of_engine(config, range(4)) == Limits(memory=1 << 28, cpu_quota=1500, cpuset="0-1", oom_score_adj=-5)
    # A list of all cores is how the engine holds no list.
    assert Limits.of_engine({"CpusetCpus": "0-1"}, range(2)).cpuset == ""


def test_an_update_asks_for_what_the_engine_can_change() -> None:
    wanted = Limits(memory=1 << 28, memory_swap=1 << 28, cpu_shares=512, cpu_quota=250, pids=100, oom_score_adj=100)
    assert wanted.update(Limits()) == {
        "Memory": 1 << 28,
        "MemorySwap": 1 << 28,
        "CpuShares": 512,
        "NanoCpus": 250_000_000,
        "PidsLimit": 100,
    }


def test_an_update_lifts_what_can_be_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3})
    assert Limits().update(Limits(memory=5, pids=7, cpuset="1")) == {"MemorySwap": -1, "PidsLimit": 0, "CpusetCpus": "0-3"}


@pytest.mark.parametrize(
    ("kernel", "found"),
    [
        ({}, {}),
        ({"memory": 1 << 20, "cpu_shares": 1024, "cpuset": "0-3", "cpu_weight": 1}, {}),
        ({"memory": 2 << 20}, {"memory": (1 << 20, 2 << 20)}),
        # Where nothing is asked, the kernel still holds a weight.
        ({"cpu_shares": 512}, {"cpu_shares": (1024, 512)}),
    ],
)
def test_what_the_kernel_holds_otherwise(kernel: dict[str, int | str], found: dict[str, tuple[int, int]]) -> None:
    assert {limit.name: (wanted, live) for limit, wanted, live in KernelLimits(values=kernel).differing(Limits(memory=1 << 20))} == found


def test_every_limit_is_asked_of_the_engine_and_written_for_compose_once() -> None:
    table = Limits.table()
    assert len({limit.engine for limit in table}) == len({limit.compose for limit in table}) == len(table) == len(fields(Limits))


@pytest.mark.parametrize("limit", Limits.table(), ids=lambda limit: limit.name)
def test_a_limit_that_is_written_is_read_as_the_same(limit: Limit) -> None:
    value = "0-1" if limit.unit is CORES else 1500
    service: dict[str, Any] = {}
    for key in reversed(limit.compose.split(".")):
        service = {key: service or limit.unit.write(value)}
    assert limit.of_compose(service) == value
    raw = value if isinstance(value, str) else value * limit.scale
    assert limit.of_engine({limit.engine: raw}, range(4)) == value


@dataclass(frozen=True, slots=True, kw_only=True)
class More(Limits):
    """The limits and one that does not exist."""

    energy: int = module._limit(
        Limit(
            unit=COUNT,
            budget=("energy.limit",),
            compose="energy_limit",
            engine="EnergyLimit",
            scale=10,
            v2=File(controller="energy", names=("energy.max",), read=lambda words: int(words[0])),
            metric=Metric(name="ziggie_service_energy", help="Made up."),
        )
    )


def test_a_new_limit_is_a_new_field() -> None:
    wanted = More.of_compose({"energy_limit": "7"})
    assert wanted == More(energy=7)
    assert More.from_dict(wanted.to_dict()) == wanted
    assert More.of_engine({"EnergyLimit": 70}, range(1)) == More(energy=7, memory_swap=0)
    assert [(limit.name, asked, held) for limit, asked, held in wanted.differing(More(energy=3))] == [("energy", 7, 3)]
    assert [limit.name for limit, _asked, _held in KernelLimits(values={"energy": 3}).differing(wanted)] == ["energy"]
    assert wanted.update(More())["EnergyLimit"] == 70
    assert More.table()[-1].of_budget(SimpleNamespace(energy=SimpleNamespace(limit=9))) == 9


def test_no_other_file_lists_the_limits() -> None:
    # Seven of the nine names, or of what the engine or Compose calls them, in one file are a list of the limits.
    names = [{getattr(limit, key) for limit in Limits.table()} for key in ("name", "engine", "compose")]
    found = {}
    for path in sorted(CORE.rglob("*.py")):
        texts = {node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)}
        most = max(len(kind & texts) for kind in names)
        if most >= 7:
            found[path.relative_to(CORE).as_posix()] = most
    # The parser reads what an author may write, each figure by rules of its own.
    assert found == {"budget/parse.py": 7, "limits.py": 9}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CONTRIBUTING and README say of the code is so: every path is there, and one limit goes the way that is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.capacity import Capacity
from ansible_collections.ziggie.stack.plugins.module_utils.budget.parse import parse_stack
from ansible_collections.ziggie.stack.plugins.module_utils.budget.policy import parse_policy
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits, Limits
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.module_utils.render.release import build

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MIB = 1 << 20
# Words in code marks that are paths: with a slash or an ending, and nothing that stands for something else.
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
ENDS = (".py", ".yml", ".md", "/")


def rows(document: str) -> Iterator[tuple[str, ...]]:
    for line in document.splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            yield tuple(cell.strip() for cell in line.strip("|").split(" | "))


def named(row: tuple[str, ...]) -> Iterator[Path]:
    """Yield the paths in a row; a name alone lies beside the one before it."""
    folder = ROOT
    for word in re.findall(r"`([^`]+)`", row[-1]):
        if not PATH.fullmatch(word) or not ("/" in word or word.endswith(ENDS)):
            continue
        near, core = folder / word, ROOT / "plugins/module_utils" / word
        path = ROOT / word if (ROOT / word).exists() else core if core.exists() else near
        folder = path if word.endswith("/") else path.parent
        yield path


OPEN = [row for row in rows(CONTRIBUTING) if len(row) == 2 and "I want to change" not in row[0]]
PATHS = sorted({path for row in OPEN if "codes.py" not in row[1] for path in named(row)})


def test_the_table_has_paths() -> None:
    assert len(PATHS) > 50


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_is_there(path: Path) -> None:
    assert path.exists()


WAY = [row for row in rows(CONTRIBUTING) if len(row) == 4 and row[0] != "station"]


@pytest.mark.parametrize("station", WAY, ids=lambda row: row[0])
def test_each_station_of_a_limit_is_in_its_file(station: tuple[str, ...]) -> None:
    file, name = (cell.strip("`") for cell in station[1:3])
    text = (ROOT / file).read_text(encoding="utf-8")
    # Functions and types are defined there; a key and the beginning of a name stand there.
    defined = name.isidentifier() and not name.endswith("_")
    assert re.search(rf"^(?:def|class) {name}\b", text, re.MULTILINE) if defined else name in text


def test_one_limit_goes_from_the_catalog_to_the_kernel() -> None:
    said = {row[0]: row[3] for row in WAY}
    stack: dict[str, Any] = yaml.safe_load((ROOT / "roles/catalog/files/services/redis.yml").read_text(encoding="utf-8"))
    memory = stack["services"]["redis"]["x-budget"]["memory"]
    assert said["catalog"] == f"`floor: {memory['floor']}`, `request: {memory['request']}`"

    capacity, policy = {"memory": "4g", "cpus": 2}, parse_policy({}, Problems())
    [spec] = parse_stack(stack, policy, Problems(), Capacity(memory=4096 * MIB, cpus=2000))
    assert said["read"] == f"floor {spec.memory.floor}, request {spec.memory.request}"

    budget = solve(stack, capacity, {})
    limit = budget.services["redis"].memory.limit
    assert said["shared"] == f"limit {limit}"
    assert budget.services["redis"].explain["memory.limit"].startswith(f"{limit // MIB} MiB")

    compiled = compile_stack(stack, budget)
    assert said["Compose"] == f"`mem_limit: {compiled['services']['redis']['mem_limit']}`"

    released = build(compiled, budget.to_dict(), {}).release.services["redis"].limits
    assert released.memory == limit

    unlimited = Limits.of_engine({}, range(2))
    assert ("memory", limit, 0) in [(row.name, wanted, held) for row, wanted, held in released.differing(unlimited)]
    asked = released.update(unlimited)
    assert f"`Memory: {asked['Memory']}`" in said["engine"]

    live = Limits.of_engine({"Memory": asked["Memory"]}, range(2))
    assert live.memory == limit
    for version, file in ((2, "memory.max"), (1, "memory.limit_in_bytes")):
        kernel = KernelLimits.read(version, lambda _controller, name, file=file: str(limit) if name == file else "")
        assert kernel.values == {"memory": limit}
        assert f"`{file}`" in said["kernel"]

    [row] = [row for row in Limits.table() if row.name == "memory"]
    assert row.metric is not None
    assert said["metric"] == f"`{row.metric.name}`"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the field cases get when they are adopted: nothing gets less than it asks for itself, and what is unknown is not invented."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB, parse_size
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt

CASES = Path(__file__).parent


class Adopted:
    """A case, adopted: each service as it was written, what the plan says of it, and the codes of the findings."""

    def __init__(self, case: str, folder: Path, memory: str, cpus: int) -> None:
        (source,) = CASES.glob(f"{case}-*")
        shutil.copytree(source, folder / "case")
        wish = Wish(capacity={"memory": memory, "cpus": cpus}, policy={}, profiles=frozenset(), accepted={}, host={})
        self.result = adopt([str(folder / "case" / "compose.yml")], wish)
        self.problems: list[str] = self.result["problems"]
        self.codes = {str(finding["code"]) for finding in self.result["findings"]}
        self.services: dict[str, Any] = {}
        for file in self.result.get("files", []):
            self.services |= yaml.safe_load(file["content"])["services"]

    def limit(self, service: str) -> int:
        """Return the memory limit that was written, in bytes."""
        return parse_size(self.services[service]["mem_limit"])

    def source(self, service: str) -> str:
        """Return where the floor comes from."""
        return str(self.result["budget"]["services"][service]["explain"]["memory.floor"])


@pytest.fixture(name="adopted")
def _adopted(tmp_path: Path) -> Any:
    return lambda case, memory, cpus: Adopted(case, tmp_path, memory, cpus)


def test_01_an_image_that_is_not_known_gets_what_is_left(adopted: Any) -> None:
    case = adopted("01", "16g", 4)
    assert case.limit("sql") >= 2000 * MIB
    assert case.limit("git") >= 4 * GIB
    assert case.limit("sql") + case.limit("git") > 13 * GIB


def test_02_a_limit_holds_the_heap_and_what_is_beside_it(adopted: Any) -> None:
    case = adopted("02", "32g", 8)
    assert case.limit("mc") >= 10 * GIB
    assert "configured: environment.MEMORY" in case.source("mc")


def test_02_where_it_does_not_fit_the_shortfall_is_exact(adopted: Any) -> None:
    (problem,) = adopted("02", "8g", 4).problems
    assert "9203.20 MiB" in problem
    assert "use a host with" in problem


def test_03_a_cache_of_the_authors_stays(adopted: Any) -> None:
    case = adopted("03", "32g", 8)
    assert case.services["cache"]["command"] == 'redis-server --maxmemory 2gb --maxmemory-policy allkeys-lru --save ""'
    assert case.limit("cache") >= 2 * GIB * 4 // 3


def test_04_sizes_of_the_authors_stay(adopted: Any) -> None:
    case = adopted("04", "64g", 16)
    assert case.services["db"]["command"].startswith(
        "postgres -c shared_buffers=8GB -c work_mem=64MB -c maintenance_work_mem=1GB -c max_parallel_workers=8"
    )
    assert case.limit("db") >= 16 * GIB


def test_05_a_database_grows_with_what_is_left(adopted: Any) -> None:
    case = adopted("05", "64g", 16)
    assert case.limit("db") > 32 * GIB
    assert "max_parallel_workers=8" in case.services["db"]["command"]


def test_06_connections_are_not_capped_below_what_clients_open(adopted: Any) -> None:
    command = adopted("06", "32g", 8).services["db"]["command"]
    assert "--maxConns" not in command or int(command[command.index("--maxConns") + 1]) >= 3000


def test_07_a_variable_of_an_env_file_is_not_overruled(adopted: Any) -> None:
    case = adopted("07", "32g", 8)
    assert "environment" not in case.services["app"]
    assert case.limit("app") >= 4 * GIB
    assert "app.env" in case.source("app")


def test_08_a_bare_runtime_says_nothing_of_its_program(adopted: Any) -> None:
    case = adopted("08", "32g", 8)
    assert min(case.limit("web"), case.limit("job")) > 10 * GIB
    assert "ZB029" in case.codes


def test_09_a_scanner_holds_its_signatures(adopted: Any) -> None:
    case = adopted("09", "16g", 4)
    assert min(case.limit("clamd"), case.limit("av")) >= 3 * GIB


def test_10_tmpfs_and_shm_are_beside_the_program(adopted: Any) -> None:
    case = adopted("10", "16g", 8)
    assert case.limit("nvr") >= (512 + 954 + 512) * MIB
    assert case.services["nvr"]["pids_limit"] >= 1000


def test_11_a_declared_limit_that_is_cut_is_said(adopted: Any) -> None:
    case = adopted("11", "8g", 4)
    assert case.limit("search") < 6 * GIB
    assert "ZB028" in case.codes


def test_12_nobody_gets_few_processes_because_nothing_is_known(adopted: Any) -> None:
    case = adopted("12", "32g", 16)
    assert min(service["pids_limit"] for service in case.services.values()) >= 4096


def test_13_what_the_author_set_of_a_model_server_stays(adopted: Any) -> None:
    case = adopted("13", "64g", 16)
    environment = {"OLLAMA_CONTEXT_LENGTH": "32768", "OLLAMA_NUM_PARALLEL": "4", "OLLAMA_MAX_LOADED_MODELS": "3"}
    assert environment.items() <= case.services["ollama"]["environment"].items()
    assert case.limit("ollama") >= 16 * GIB


def test_15_a_proxy_with_two_cpus_is_adopted(adopted: Any) -> None:
    case = adopted("15", "8g", 4)
    assert case.problems == []
    assert case.services["web"]["deploy"]["resources"]["limits"]["memory"] == "512M"


def test_18_shm_size_is_a_ceiling_and_not_a_need(adopted: Any) -> None:
    case = adopted("18", "4g", 2)
    assert case.problems == []
    assert parse_size(case.services["browser"]["mem_reservation"]) < 512 * MIB


def test_19_a_small_server_is_not_refused(adopted: Any) -> None:
    case = adopted("19", "1967m", 1)
    assert case.problems == []
    assert min(case.limit("web"), case.limit("vault")) >= 256 * MIB


def test_33_nothing_is_found_in_figures_that_nobody_wrote(adopted: Any) -> None:
    case = adopted("33", "16g", 2)
    assert not {"ZB030", "ZB034"} & case.codes
    assert not any("cpus" in service for service in case.services.values())

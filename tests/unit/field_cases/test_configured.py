# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the authors of the field cases configured: read, and the demands that follow."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.compose.project import Project
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.demand import Need, need
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.read import demands, written
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.setting import Setting, Written
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.subject import Subject
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import facts_of
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB
from ansible_collections.ziggie.stack.plugins.plugin_utils.configuration import collect

CASES = Path(__file__).parent


def read(case: str, name: str) -> tuple[Written, Need]:
    (folder,) = CASES.glob(f"{case}-*")
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.env")}
    project = Project.read(yaml.safe_load((folder / "compose.yml").read_text(encoding="utf-8")), files)
    service = project.services[name]
    image = ImageName.parse(service.image)
    configuration = collect(service, project, folder)
    subject = Subject.of(service, program=facts_of(image).kind, repository=image.repository, configuration=configuration)
    return written(subject), need(demands(subject))


def test_02_a_heap_in_the_images_own_variable_is_held_with_what_is_beside_it() -> None:
    found, needed = read("02", "mc")
    assert found.value("-Xmx") == "8G"
    assert needed.floor >= 8 * GIB * 11 // 10 + 192 * MIB
    assert needed.request >= 8 * GIB * 125 // 100


def test_03_maxmemory_is_held_with_the_share_that_the_server_takes_beside_it() -> None:
    found, needed = read("03", "cache")
    assert (found.value("maxmemory"), found.value("save")) == ("2gb", '""')
    assert needed.floor == needed.request == -(-2 * GIB * 4 // 3)


def test_04_sizes_in_the_command_are_demands_and_every_setting_is_known() -> None:
    found, needed = read("04", "db")
    values = {name: setting.value for name, setting in found.settings.items()}
    assert values == {"shared_buffers": "8GB", "work_mem": "64MB", "maintenance_work_mem": "1GB", "max_parallel_workers": "8"}
    assert needed.floor >= 8 * GIB
    assert needed.request - needed.beside >= 4 * 8 * GIB


def test_05_what_is_not_written_is_not_a_setting() -> None:
    found, needed = read("05", "db")
    assert (found.program, dict(found.settings), needed.floor) == ("postgres", {}, 0)


def test_06_connections_are_not_written() -> None:
    found, needed = read("06", "db")
    assert found.value("net.maxIncomingConnections") is None
    assert found.value("replication.replSetName") == "rs0"
    assert needed.pids == 0


def test_07_an_env_file_is_read_and_its_heap_is_held() -> None:
    found, needed = read("07", "app")
    assert found.settings["max-old-space-size"] == Setting(value="3072", where="app.env: NODE_OPTIONS")
    assert needed.floor == 4 * GIB
    assert found.unreadable == ()


def test_10_tmpfs_and_shm_come_on_top_of_the_program_and_are_not_its_floor() -> None:
    _found, needed = read("10", "nvr")
    assert needed == Need(floor=0, request=512 * MIB + 1_000_000_000, beside=512 * MIB + 1_000_000_000, pids=0)


def test_13_the_authors_settings_are_known_and_the_request_holds_them() -> None:
    found, needed = read("13", "ollama")
    assert {name: found.value(name) for name in found.settings} == {
        "OLLAMA_CONTEXT_LENGTH": "32768",
        "OLLAMA_NUM_PARALLEL": "4",
        "OLLAMA_MAX_LOADED_MODELS": "3",
    }
    assert needed.floor == 0
    assert needed.request == 512 * MIB + 3 * (2 * GIB + 4 * 32768 * 112 * 1024)


def test_18_shm_size_is_not_reserved() -> None:
    _found, needed = read("18", "browser")
    assert needed.floor == 0

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is collected beside a Compose file, and what is named as not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.project import Project
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.subject import Configuration
from ansible_collections.ziggie.stack.plugins.plugin_utils import configuration
from ansible_collections.ziggie.stack.plugins.plugin_utils.configuration import LARGEST, collect

MISSING = "does not exist where Ansible runs"


def collected(folder: Path, service: dict[str, Any], **sections: Any) -> Configuration:
    project = Project.read({"services": {"s": service}, **sections})
    return collect(project.services["s"], project, folder)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_only_configuration_files_are_opened(tmp_path: Path) -> None:
    write(tmp_path / "redis.conf", "maxmemory 1gb\n")
    write(tmp_path / "key.pem", "secret")
    write(tmp_path / "conf/a.cnf", "[mysqld]\n")
    write(tmp_path / "conf/deep/er/b.cnf", "[mysqld]\n")
    write(tmp_path / "conf/key.pem", "secret")
    volumes = ["./redis.conf:/etc/redis/redis.conf:ro", "./key.pem:/key.pem", "./conf:/etc/mysql/conf.d", "data:/var/lib/mysql"]
    found = collected(tmp_path, {"volumes": volumes})
    assert found.files == {
        "/etc/redis/redis.conf": "maxmemory 1gb\n",
        "/etc/mysql/conf.d/a.cnf": "[mysqld]\n",
        "/etc/mysql/conf.d/deep/er/b.cnf": "[mysqld]\n",
    }
    assert found.looked == ("/etc/mysql/conf.d",)
    assert found.unread == {}


def test_a_file_that_the_command_names_is_opened_whatever_it_is_called(tmp_path: Path) -> None:
    write(tmp_path / "settings", "maxmemory 1gb\n")
    found = collected(tmp_path, {"command": "redis-server /settings", "volumes": ["./settings:/settings"]})
    assert found.files == {"/settings": "maxmemory 1gb\n"}


def test_configs_are_read_from_their_file_or_their_content(tmp_path: Path) -> None:
    write(tmp_path / "r.conf", "vm_memory_high_watermark.absolute = 1GB\n")
    configs = {"my": {"content": "[mysqld]\n"}, "rabbit": {"file": "./r.conf"}, "outer": {"external": True}}
    targets = {"my": "/etc/mysql/conf.d/my.cnf", "rabbit": "/etc/rabbitmq/rabbitmq.conf", "outer": "/etc/redis/redis.conf"}
    found = collected(tmp_path, {"configs": [{"source": name, "target": target} for name, target in targets.items()]}, configs=configs)
    assert found.files == {targets["my"]: "[mysqld]\n", targets["rabbit"]: "vm_memory_high_watermark.absolute = 1GB\n"}
    assert found.unread == {targets["outer"]: "is not a file of this Compose project"}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("./none.conf", MISSING),
        ("/etc/redis.conf", "is on the host and not beside the Compose file"),
        ("~/redis.conf", "is on the host and not beside the Compose file"),
        ("${CONF}/redis.conf", "has a path with a variable that is not known"),
        ("./large.conf", "is larger than 256 KiB"),
        ("./latin.conf", "is not UTF-8 text"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(tmp_path: Path, source: str, why: str) -> None:
    write(tmp_path / "large.conf", " " * (LARGEST + 1))
    (tmp_path / "latin.conf").write_bytes(b"\xff\xfe")
    found = collected(tmp_path, {"volumes": [f"{source}:/etc/redis/redis.conf"]})
    assert (found.files, found.unread) == ({}, {"/etc/redis/redis.conf": why})


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "MOST_FILES", 2)
    monkeypatch.setattr(configuration, "MOST_ENTRIES", 4)
    for number in range(3):
        write(tmp_path / f"few/{number}.cnf", "")
    for number in range(5):
        write(tmp_path / f"many/{number}.cnf", "")
    found = collected(tmp_path, {"volumes": ["./few:/etc/mysql/conf.d", "./many:/etc/my.cnf.d"]})
    assert list(found.files) == ["/etc/mysql/conf.d/0.cnf", "/etc/mysql/conf.d/1.cnf"]
    assert found.unread == {"/etc/mysql/conf.d/2.cnf": "is beyond the first 2 files", "/etc/my.cnf.d": "holds more than 4 files"}

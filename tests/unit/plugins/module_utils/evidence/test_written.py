# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which settings count, and which configuration could not be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.service import Service
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.page import page
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.program import Values
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.read import written
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.setting import Setting
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.subject import NOTHING, Configuration, Subject
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.table import PROGRAMS

PAGE = Path(__file__).resolve().parents[5] / "docs/evidence.md"


def subject(program: str, data: dict[str, Any], configuration: Configuration = NOTHING, repository: str = "") -> Subject:
    return Subject.of(Service.read("s", data), program=program, repository=repository, configuration=configuration)


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: .venv/bin/python tools/evidence-page"


def test_every_row_names_its_documentation() -> None:
    for program in PROGRAMS:
        assert all(row.source and row.at for row in program.spellings), program.name
        assert all(rule.source and rule.formula and rule.settings for rule in program.rules), program.name
    names = [program.name for program in PROGRAMS]
    assert len(names) == len(set(names))


class Asked(dict[str, Setting]):
    """Settings that are all absent, and the names that were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default


def test_a_rule_states_every_setting_that_it_reads() -> None:
    for program in PROGRAMS:
        for rule in program.rules:
            settings = Asked()
            assert list(rule.derive(Values(settings=settings))) == [], program.name
            assert settings.names <= set(rule.settings), program.name


def test_a_command_overrules_a_file() -> None:
    files = Configuration(files={"/etc/redis/redis.conf": "maxmemory 1gb\nport 6379\n"})
    found = written(subject("redis", {"command": ["redis-server", "/etc/redis/redis.conf", "--maxmemory", "2gb"]}, files))
    assert found.settings["maxmemory"] == Setting(value="2gb", where="command[3]")
    assert found.value("port") == "6379"
    assert found.unreadable == ()


def test_a_services_own_variable_overrules_that_of_its_env_file() -> None:
    files = {"app.env": "NODE_OPTIONS=--max-old-space-size=512\nUV_THREADPOOL_SIZE=8\n"}
    data = {"env_file": "app.env"}
    given = written(Subject.of(Service.read("s", data, files), program="node"))
    assert given.settings["max-old-space-size"] == Setting(value="512", where="app.env: NODE_OPTIONS")
    own = data | {"environment": {"NODE_OPTIONS": "--max-old-space-size=256"}}
    both = written(Subject.of(Service.read("s", own, files), program="node"))
    assert both.settings["max-old-space-size"] == Setting(value="256", where="environment.NODE_OPTIONS")
    assert both.value("UV_THREADPOOL_SIZE") == "8"
    assert both.unreadable == ()


def test_a_variable_in_an_env_file_that_nothing_sets_is_not_known() -> None:
    service = Service.read("s", {"env_file": "app.env"}, {"app.env": "JAVA_OPTS=-Xmx${HEAP}\n"})
    assert list(written(Subject.of(service)).unresolved) == ["-Xmx"]


@pytest.mark.parametrize(
    ("value", "name"), [("0.8", "relative"), (".4", "relative"), ("1", "relative"), ("512MiB", "absolute"), ("1024", "absolute")]
)
def test_a_watermark_up_to_one_is_a_share(value: str, name: str) -> None:
    found = written(subject("rabbitmq", {"environment": {"RABBITMQ_VM_MEMORY_HIGH_WATERMARK": value}}))
    assert found.value(f"vm_memory_high_watermark.{name}") == value
    assert len(found.settings) == 1


@pytest.mark.parametrize(
    ("program", "repository", "data"),
    [
        ("", "bitnami/postgresql", {"environment": {"POSTGRESQL_SHARED_BUFFERS": "1GB"}}),
        ("", "example/database", {"command": "postgres -c shared_buffers=1GB"}),
        ("", "pgvector/pgvector", {"command": "-c shared_buffers=1GB"}),
        ("postgres", "example/database", {"command": "-c shared_buffers=1GB"}),
    ],
)
def test_a_program_is_known_by_its_image_or_its_command(program: str, repository: str, data: dict[str, Any]) -> None:
    found = written(subject(program, data, repository=repository))
    assert (found.program, found.value("shared_buffers")) == ("postgres", "1GB")


@pytest.mark.parametrize(
    ("program", "data", "configuration", "unreadable"),
    [
        (
            "redis",
            {"command": ["/bin/sh", "/redis-conf.sh"], "volumes": ["./redis-conf.sh:/redis-conf.sh"]},
            NOTHING,
            "/redis-conf.sh (volumes[0]) is a script that starts the program",
        ),
        (
            "redis",
            {"volumes": ["./redis.conf:/usr/local/etc/redis/redis.conf"]},
            NOTHING,
            "/usr/local/etc/redis/redis.conf (volumes[0]) was not read",
        ),
        ("redis", {"volumes": ["conf:/usr/local/etc/redis"]}, NOTHING, "/usr/local/etc/redis (volumes[0]) is in a volume"),
        (
            "redis",
            {"command": "redis-server /etc/redis.conf"},
            NOTHING,
            "/etc/redis.conf (command) is named by the command and was not read",
        ),
        (
            "postgres",
            {"command": ["-c", "config_file=/etc/postgresql.conf"]},
            NOTHING,
            "/etc/postgresql.conf (command[1]) is named by the command and was not read",
        ),
        (
            "mysql",
            {"volumes": ["./my:/etc/mysql/conf.d:ro"]},
            Configuration(unread={"/etc/mysql/conf.d": "does not exist"}),
            "/etc/mysql/conf.d (volumes[0]) does not exist",
        ),
        (
            "mysql",
            {"volumes": ["./my:/etc/mysql/conf.d"]},
            Configuration(looked=("/etc/mysql/conf.d",), unread={"/etc/mysql/conf.d/a.cnf": "is too large"}),
            "/etc/mysql/conf.d/a.cnf (volumes[0]) is too large",
        ),
        (
            "mysql",
            {"configs": [{"source": "my", "target": "/etc/mysql/conf.d/my.cnf"}]},
            NOTHING,
            "/etc/mysql/conf.d/my.cnf (configs[0]) was not read",
        ),
        ("java", {"volumes": ["./jvm.options:/x/jvm.options"]}, NOTHING, "/x/jvm.options (volumes[0]) was not read"),
    ],
)
def test_configuration_that_was_not_read_is_named(
    program: str, data: dict[str, Any], configuration: Configuration, unreadable: str
) -> None:
    assert [entry.sentence() for entry in written(subject(program, data, configuration)).unreadable] == [unreadable]


@pytest.mark.parametrize(
    ("program", "data", "configuration"),
    [
        ("redis", {"volumes": ["data:/data", "./redis.conf:/etc/redis.conf"]}, Configuration(files={"/etc/redis.conf": "save 60 1"})),
        ("mysql", {"volumes": ["./my:/etc/mysql/conf.d"]}, Configuration(looked=("/etc/mysql/conf.d",))),
        ("postgres", {"volumes": ["pg:/var/lib/postgresql/data", "./init.sql:/docker-entrypoint-initdb.d/init.sql"]}, NOTHING),
        ("redis", {"volumes": ["./my.cnf:/etc/mysql/conf.d/my.cnf"]}, NOTHING),
    ],
)
def test_what_was_read_or_is_not_configuration_is_not_named(program: str, data: dict[str, Any], configuration: Configuration) -> None:
    assert written(subject(program, data, configuration)).unreadable == ()


@pytest.mark.parametrize(
    ("program", "data", "files"),
    [
        ("redis", {"command": "redis-server --requirepass hunter2 --masterauth hunter2 --maxmemory 1gb"}, {}),
        ("redis", {}, {"/etc/redis/redis.conf": "requirepass hunter2\nuser default on >hunter2\nmaxmemory 1gb\n"}),
        ("", {"environment": {"POSTGRESQL_PASSWORD": "hunter2", "POSTGRESQL_POSTGRES_PASSWORD": "hunter2"}}, {}),
        ("kafka", {"environment": {"KAFKA_SASL_JAAS_CONFIG": "x required password=hunter2;"}}, {}),
        ("elasticsearch", {"environment": {"xpack.security.transport.ssl.keystore.secure_password": "hunter2", "a.key": "hunter2"}}, {}),
    ],
)
def test_credentials_are_not_settings(program: str, data: dict[str, Any], files: dict[str, str]) -> None:
    found = written(subject(program, data, Configuration(files=files), repository="bitnami/postgresql"))
    assert "hunter2" not in repr(found)


def test_a_file_that_the_command_names_is_read_whatever_it_is_called() -> None:
    files = Configuration(files={"/redis_conf": "maxmemory 1gb\n"})
    data = {"command": ["redis-server", "/redis_conf"], "configs": ["redis_conf"]}
    assert written(subject("redis", data, files)).value("maxmemory") == "1gb"
    assert [entry.path for entry in written(subject("redis", data)).unreadable] == ["/redis_conf"]
    assert written(subject("postgres", {"command": ["-c", "hba_file=/etc/pg_hba.conf"]})).unreadable == ()


def test_an_env_file_that_was_not_read_is_named_unless_no_variable_is_a_setting() -> None:
    data = {"env_file": ["app.env"]}
    assert [entry.sentence() for entry in written(subject("", data)).unreadable] == ["app.env (env_file[0]) was not read"]
    assert len(written(subject("postgres", data, repository="bitnami/postgresql")).unreadable) == 1
    assert written(subject("postgres", data, repository="library/postgres")).unreadable == ()

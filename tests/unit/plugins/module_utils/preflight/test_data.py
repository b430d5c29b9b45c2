# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image that does not open the data on the host is refused before anything is touched; one that does is not."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import codes
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import DeployedContainer, Engine, Facts, VolumeContent
from ansible_collections.ziggie.stack.plugins.module_utils.host.stored import MARKS
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import table
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.data import elsewhere, unopenable
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Finding


def found(image: str, formats: dict[str, str] | None = None, *, ran: str = "", command: str = "") -> list[Finding]:
    service = {"image": image, "volumes": ["data:/data"]} | ({"command": command} if command else {})
    container = DeployedContainer(name="db-1", project="ziggie", service="db", image=ran, directory="", ours=True)
    facts = Facts(
        project="ziggie",
        engine=Engine(running=True, deployed=(container,) if ran else ()),
        contents={"data": VolumeContent(used=True, formats=formats)} if formats else {},
    )
    return list(unopenable({"services": {"db": service}, "volumes": {"data": {}}}, facts, "/opt/ziggie/stack"))


@pytest.mark.parametrize(
    ("image", "formats"),
    [
        ("postgres:18", {"PG_VERSION": "17"}),
        ("postgres:16", {"PG_VERSION": "17"}),
        ("postgres:18.1-alpine@sha256:" + "0" * 64, {"18/other": "", "17/docker/PG_VERSION": "17"}),
        ("pgvector/pgvector:0.8.1-pg18", {"data/PG_VERSION": "17"}),
        ("postgres:10", {"PG_VERSION": "9.6"}),
        ("postgres:9.6", {"PG_VERSION": "9.5"}),
        ("bitnami/postgresql:18", {"data/PG_VERSION": "17"}),
        ("redis:7.2", {"dump.rdb": "REDIS0012"}),
        ("redis:7.0-alpine", {"appendonlydir/appendonly.aof.1.base.rdb": "REDIS0011"}),
        ("valkey/valkey:8.1", {"dump.rdb": "REDIS0012"}),
        ("mariadb:10.11", {"mysql_upgrade_info": "11.4.2-MariaDB"}),
    ],
)
def test_data_of_a_version_that_the_image_does_not_open_are_refused(image: str, formats: dict[str, str]) -> None:
    (one,) = found(image, formats)
    assert (one.code, one.severity, one.path) == (codes.DATA_UNREADABLE, "error", "services.db.image")
    assert "volume data, " in one.message


@pytest.mark.parametrize(
    ("image", "formats"),
    [
        ("postgres:17.11", {"PG_VERSION": "17"}),
        ("postgres:18", {"17/docker/PG_VERSION": "17", "18/docker/PG_VERSION": "18"}),
        ("postgres:9.6.24", {"PG_VERSION": "9.6"}),
        ("postgres:18", {"PG_VERSION": "damaged"}),
        ("postgres:alpha", {"PG_VERSION": "17"}),
        ("redis:8.0", {"dump.rdb": "REDIS0011"}),
        ("redis:7.0", {"dump.rdb": "damaged"}),
        ("redis:8.10", {"dump.rdb": "REDIS0015"}),
        ("valkey/valkey:9", {"dump.rdb": "VALKEY080"}),
        ("mariadb:11.8", {"mariadb_upgrade_info": "10.6.12-MariaDB"}),
        ("stranger:2", {"PG_VERSION": "17"}),
    ],
)
def test_data_that_the_image_opens_are_not(image: str, formats: dict[str, str]) -> None:
    assert found(image, formats) == []


@pytest.mark.parametrize(
    ("image", "ran", "words"),
    [
        (
            "postgres:18",
            "localhost:5000/library/postgres:17.11",
            "postgres 18 opens only data of its own version, and its data are of version 17.11",
        ),
        ("mongo:8", "mongo:6", "opens data from version 7 on"),
        ("mongo:7", "mongo:8.0.4", "does not open data of a newer version"),
        ("mongo:8.0", "mongo:8.2", "does not open data of a newer version"),
        ("mongo:5", "mongo:4.2", "opens data from version 4.4 on"),
        ("mysql:9.4", "mysql:8.0.36", "opens data from version 8.4 on"),
        ("mysql:8.4", "mysql:5.7", "opens data from version 8.0 on"),
        ("mysql:8.0", "mysql:8.4", "does not open data of a newer version"),
        ("mysql:26.7", "mysql:8.4", "opens data from version 9.7 on"),
    ],
)
def test_without_a_mark_the_image_that_ran_tells(image: str, ran: str, words: str) -> None:
    (one,) = found(image, ran=ran)
    assert words in one.message
    assert f"(written by {ran})" in one.message


@pytest.mark.parametrize(
    ("image", "ran"),
    [
        ("mongo:8", "mongo:7.0.5"),
        ("mongo:8.2", "mongo:8"),
        ("mysql:8.4", "mysql:8.0.36"),
        ("mysql:8.0.30", "mysql:8"),
        ("mysql:latest", "mysql:9.7"),
        ("mariadb:11", "mysql:9"),
        ("mongo:8", "sha256:0123"),
        ("postgres:17.11", "postgres:17.2"),
    ],
)
def test_an_upgrade_that_the_server_makes_is_none_of_it(image: str, ran: str) -> None:
    assert found(image, ran=ran) == []


def test_the_data_know_better_than_the_image_that_ran() -> None:
    assert found("postgres:17", {"PG_VERSION": "17"}, ran="postgres:18") == []


@pytest.mark.parametrize("source", ["./data", "/opt/ziggie/stack/data/", "../stack/data"])
def test_data_in_a_directory_that_is_bound_are_seen(source: str) -> None:
    compose = {"services": {"db": {"image": "postgres:18", "volumes": [f"{source}:/var/lib/postgresql/data"]}}}
    facts = Facts(contents={"/opt/ziggie/stack/data": VolumeContent(used=True, formats={"PG_VERSION": "17"})})
    (one,) = unopenable(compose, facts, "/opt/ziggie/stack")
    assert "its data are of version 17 (directory /opt/ziggie/stack/data, PG_VERSION)" in one.message


def test_a_client_opens_no_data() -> None:
    assert found("postgres:18", {"PG_VERSION": "17"}, command="pg_dump -h postgres") == []


def test_what_names_a_format_is_read_on_the_host() -> None:
    marks = {
        mark for family in table().families.values() for statement in family.statements for mark in statement.values.get("data_marks", ())
    }
    assert marks - {".base.rdb"} == set(MARKS)


def test_preflight_says_what_there_is_and_how_to_go_on() -> None:
    facts = Facts(contents={"data": VolumeContent(used=True, formats={"PG_VERSION": "17"})})
    compose = {"services": {"db": {"image": "postgres:18", "volumes": ["data:/var/lib/postgresql"]}}, "volumes": {"data": {}}}
    problems = prepare(compose, facts, Wish()).problems
    assert (
        "services.db.image: postgres 18 opens only data of its own version, and its data are of version 17 (volume data, PG_VERSION); "
        "keep version 17; to upgrade, run ziggie.stack.upgrade -e upgrade_service=db -e upgrade_to=18"
    ) in problems


def deployed(project: str, directory: str, *, ours: bool = True) -> Facts:
    container = DeployedContainer(name="db-1", project=project, service="db", image="db:1", directory=directory, ours=ours)
    return Facts(project="ziggie", engine=Engine(running=True, deployed=(container,)))


def test_a_stack_that_was_deployed_from_another_directory_is_refused() -> None:
    (one,) = elsewhere(deployed("ziggie", "/opt/ziggie/stack"), "/srv/ziggie/stack")
    assert (one.code, one.severity, one.path) == (codes.DIRECTORY_CHANGED, "error", "stack_directory")
    assert "were deployed from /opt/ziggie, where their release and their secrets are; /srv/ziggie would get new secrets" in one.message
    assert one.fix.startswith("write stack_directory: /opt/ziggie; to move it, ")
    assert "'mv /opt/ziggie /srv/ziggie'" in one.fix


def test_a_stack_that_was_deployed_as_another_project_is_refused() -> None:
    (one,) = elsewhere(deployed("former", "/opt/ziggie/stack"), "/opt/ziggie/stack")
    assert (one.code, one.severity, one.path) == (codes.PROJECT_CHANGED, "error", "stack_project")
    assert "was deployed as project former, whose volumes hold its data" in one.message
    assert one.fix.startswith("write stack_project: former, or ")


@pytest.mark.parametrize(
    ("project", "directory", "ours"),
    [
        ("ziggie", "/opt/ziggie/stack", True),
        # An adopted project ran from its author's directory, and a second stack of ours has both of its own.
        ("ziggie", "/home/me/app", False),
        ("second", "/opt/second/stack", True),
        ("ziggie", "", True),
    ],
)
def test_a_stack_where_it_belongs_is_not(project: str, directory: str, ours: bool) -> None:
    assert list(elsewhere(deployed(project, directory, ours=ours), "/opt/ziggie/stack")) == []


def test_preflight_refuses_both() -> None:
    for facts in (deployed("ziggie", "/srv/ziggie/stack"), deployed("former", "/opt/ziggie/stack")):
        assert {one.code for one in prepare({"services": {}}, facts, Wish()).findings} & {codes.DIRECTORY_CHANGED, codes.PROJECT_CHANGED}

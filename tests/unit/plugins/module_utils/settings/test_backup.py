# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator writes about backups, and what services declare of their data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.settings.backup import parse
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Retention, Source
from ansible_collections.ziggie.stack.plugins.module_utils.settings.sources import sources

SERVICES = Path(__file__).resolve().parents[5] / "roles/catalog/files/services"
LOCAL = {"url": "/srv/backup"}
FAR = {"url": "sftp:me@there:/srv/backup", "environment_file": "/root/there"}


def test_what_is_not_written_has_its_default() -> None:
    problems = Problems()
    found = parse({"repositories": [LOCAL, FAR], "retention": {"daily": 3}, "key_escrow": "~/keys/a", "memory": "128m"}, problems)
    assert problems.findings == []
    assert found.repositories == (Repository(url="/srv/backup"), Repository(url=FAR["url"], environment_file="/root/there"))
    assert (found.retention, found.at, found.memory) == (Retention(daily=3, weekly=4, monthly=6), "02:30", 128 << 20)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"repositories": []}, "stack_backup.repositories"),
        ({"repositories": "/srv/backup"}, "stack_backup.repositories"),
        ({"repositories": [{"url": "srv/backup"}]}, "stack_backup.repositories[0].url"),
        ({"repositories": [{"path": "/srv/backup"}]}, "stack_backup.repositories[0].path"),
        ({"repositories": [LOCAL], "at": "25:00"}, "stack_backup.at"),
        ({"repositories": [LOCAL], "retention": {"daily": -1}}, "stack_backup.retention.daily"),
        ({"repositories": [LOCAL], "repos": []}, "stack_backup.repos"),
        ({"repositories": [LOCAL], "drill": {"day": "Sunday"}}, "stack_backup.drill.day"),
        ({"repositories": [LOCAL], "drill": {"at": "4"}}, "stack_backup.drill.at"),
        ({"repositories": [LOCAL], "key_escrow": "keys/a"}, "stack_backup.key_escrow"),
    ],
)
def test_what_is_wrong_is_named(written: dict[str, Any], path: str) -> None:
    problems = Problems()
    parse(written, problems)
    assert path in [finding.path for finding in problems.findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("repositories", "escrow", "codes"),
    [
        ([LOCAL], "", ["ZK005", "ZK004"]),
        ([LOCAL, {"url": "/mnt/other"}], "~/key", ["ZK005"]),
        ([FAR], "~/key", ["ZK003"]),
        ([LOCAL, FAR], "~/key", []),
    ],
)
def test_one_place_and_a_key_on_the_host_only_are_warned_of(repositories: list[Any], escrow: str, codes: list[str]) -> None:
    problems = Problems()
    parse({"repositories": repositories, **({"key_escrow": escrow} if escrow else {})}, problems)
    assert [(finding.code, finding.severity) for finding in problems.findings] == [(code, "warning") for code in codes]


def stack(backup: Any, image: str = "shop/web:1", target: str = "/data") -> dict[str, Any]:
    service = {"image": image, "volumes": [f"web_data:{target}", "shared:/seen:ro"], **({"x-budget": {"backup": backup}} if backup else {})}
    return {"services": {"web": service}, "volumes": {"web_data": {}, "shared": {}}}


def test_a_volume_is_backed_up_as_its_service_declares() -> None:
    problems = Problems()
    found = sources(stack({"web_data": {"engine": "sqlite"}}), "shop", problems)
    assert (found, problems.findings) == ((Source(service="web", volume="shop_web_data", engine="sqlite"),), [])


@pytest.mark.parametrize(
    ("declared", "name"),
    [({}, "shop_web_data"), ({"name": "old"}, "old"), ({"external": True}, "web_data"), ({"external": True, "name": "old"}, "old")],
)
def test_a_volume_is_named_as_the_engine_does(declared: dict[str, Any], name: str) -> None:
    compose = {**stack({"web_data": {"engine": "files"}}), "volumes": {"web_data": declared}}
    assert [source.volume for source in sources(compose, "shop", Problems())] == [name]


def test_the_image_of_a_known_server_tells_how_its_data_are_read() -> None:
    compose = stack(None, "docker.io/library/postgres:17", "/var/lib/postgresql/data")
    assert sources(compose, "shop", Problems()) == (Source(service="web", volume="shop_web_data", engine="postgres"),)


def test_what_is_declared_holds_against_what_is_known() -> None:
    compose = stack({"web_data": {"reconstructible": "a cache"}}, "docker.io/library/redis:8", "/data")
    problems = Problems()
    assert (sources(compose, "shop", problems), problems.findings) == ((), [])


@pytest.mark.parametrize(
    ("backup", "code", "severity"),
    [
        (None, "ZK002", "warning"),
        ({"web_data": {}}, "ZK001", "error"),
        ({"web_data": {"engine": "files", "reconstructible": "a cache"}}, "ZK001", "error"),
        ({"web_data": {"engine": "tar"}}, "ZB004", "error"),
        ({"web_data": {"engine": "files", "recovery_time": "soon"}}, "ZK001", "error"),
        ({"web_data": {"reconstructible": True}}, "ZB006", "error"),
        ({"web_data": {"engine": "files"}, "shared": {"engine": "files"}}, "ZK001", "error"),
    ],
)
def test_data_without_a_backup_and_without_a_reason_are_found(backup: Any, code: str, severity: str) -> None:
    problems = Problems()
    sources(stack(backup), "shop", problems)
    assert (code, severity) in [(finding.code, finding.severity) for finding in problems.findings]


def bound(source: str, backup: Any = None, image: str = "shop/web:1", target: str = "/data") -> dict[str, Any]:
    service = {"image": image, "volumes": [f"{source}:{target}"], **({"x-budget": {"backup": backup}} if backup else {})}
    return {"services": {"web": service}}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("./data", "the data of directory /opt/shop/stack/data of the host are not backed up"),
        ("/srv/shop/", "the data of directory /srv/shop of the host are not backed up"),
        ("./config/web", ""),
        ("/srv/shop:ro", ""),
        ("/var/run/docker.sock", ""),
        ("/srv/web.sock", ""),
        ("/etc/localtime", ""),
        ("/proc", ""),
    ],
)
def test_a_directory_of_the_host_that_a_service_writes_to_is_named(source: str, told: str) -> None:
    problems = Problems()
    path, _colon, mode = source.partition(":")
    compose = bound(path, target=f"/data:{mode}" if mode else "/data")
    assert sources(compose, "shop", problems, "/opt/shop/stack") == ()
    assert [(one.code, one.severity, one.message) for one in problems.findings] == ([("ZK006", "warning", told)] if told else [])


def test_a_directory_is_backed_up_or_reconstructible_as_a_volume_is() -> None:
    problems = Problems()
    kept = bound("./data", {"./data": {"engine": "files", "recovery_point": "48h", "recovery_time": "15m"}})
    found = Source(service="web", volume="/opt/shop/stack/data", engine="files", recovery_point=172800, recovery_time=900)
    assert sources(kept, "shop", problems, "/opt/shop/stack") == (found,)
    assert sources(bound("/srv/cache", {"/srv/cache": {"reconstructible": "a cache"}}), "shop", problems) == ()
    known = bound("/etc/pg", image="docker.io/library/postgres:17", target="/var/lib/postgresql/data")
    assert [(one.volume, one.engine) for one in sources(known, "shop", problems)] == [("/etc/pg", "postgres")]
    assert problems.findings == []


def test_a_directory_that_no_tag_of_a_snapshot_can_name_is_refused() -> None:
    problems = Problems()
    sources(bound("/srv/a,b", {"/srv/a,b": {"engine": "files"}}), "shop", problems)
    assert [(one.code, one.severity) for one in problems.findings] == [("ZK001", "error")]


def test_a_promise_that_backups_once_a_day_do_not_keep_is_found() -> None:
    problems = Problems()
    [found] = sources(stack({"web_data": {"engine": "files", "recovery_point": "1h"}}), "shop", problems)
    assert found.recovery_point == 3600
    assert [(one.code, one.path) for one in problems.findings] == [("ZK007", "services.web.x-budget.backup.web_data.recovery_point")]


def test_every_volume_of_the_catalog_is_backed_up_or_reconstructible() -> None:
    compose: dict[str, Any] = {"services": {}, "volumes": {}}
    for path in sorted(SERVICES.glob("*.yml")):
        fragment = yaml.safe_load(path.read_text(encoding="utf-8"))
        compose["services"] |= fragment["services"]
        compose["volumes"] |= fragment.get("volumes") or {}
    problems = Problems()
    found = {source.service: source.engine for source in sources(compose, "ziggie", problems)}
    assert problems.findings == []
    assert (found["postgres"], found["redis"], found["mongodb"], "loki" in found) == ("postgres", "redis", "files_stopped", False)

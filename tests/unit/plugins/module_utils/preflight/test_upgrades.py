# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new image that changes data for good is refused without a fresh backup of all that it changes, and until it is acknowledged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import codes
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import DeployedContainer, Engine, Facts, VolumeContent
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.upgrades import unprotected
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Finding

HOUR = 3600
SERVICES: dict[str, Any] = {
    "n8n": {"image": "n8nio/n8n:2.42.0", "volumes": ["files:/home/node/.n8n"], "depends_on": ["pooler"]},
    "pooler": {"image": "edoburu/pgbouncer:1.24", "depends_on": ["postgres"]},
    "postgres": {"image": "postgres:17.11", "volumes": ["data:/var/lib/postgresql/data"]},
}
COMPOSE = {
    "services": {**SERVICES, "n8n": {**SERVICES["n8n"], "x-budget": {"backup": {"files": {"engine": "sqlite"}}}}},
    "volumes": {"files": {}, "data": {}},
}
RAN = {"n8n": "localhost:5000/n8nio/n8n:2.41.3", "postgres": "postgres:17.2"}
FRESH = {"shop_files": {"stored": HOUR}, "shop_data": {"stored": HOUR}}
DRILLED = {volume: {"stored": HOUR, "drilled": 2 * HOUR} for volume in FRESH}


def facts(backups: dict[str, dict[str, int]], ran: dict[str, str]) -> Facts:
    deployed = tuple(
        DeployedContainer(name=f"{name}-1", project="shop", service=name, image=image, directory="", ours=True)
        for name, image in ran.items()
    )
    return Facts(project="shop", engine=Engine(running=True, deployed=deployed), backups=backups)


def found(
    backups: dict[str, dict[str, int]],
    acknowledged: object = "",
    *,
    ran: dict[str, str] = RAN,
    compose: dict[str, Any] = COMPOSE,
    **policy: Any,
) -> list[Finding]:
    return list(unprotected(compose, facts(backups, ran), policy, acknowledged, (), "/opt/ziggie/stack"))


def test_one_that_is_protected_and_acknowledged_is_let_through() -> None:
    assert found(DRILLED, "n8n@2.42.0") == []
    assert found(DRILLED, ["grafana@13.3", "n8n@2.42.0"]) == []
    assert found(DRILLED, "grafana@13.3, n8n@2.42.0") == []


@pytest.mark.parametrize("acknowledged", ["", "n8n@2.42", "n8n@2.41.3", "postgres@2.42.0"])
def test_one_that_is_not_acknowledged_by_name_and_version_is_refused(acknowledged: str) -> None:
    (one,) = found(DRILLED, acknowledged)
    assert (one.code, one.severity, one.path) == (codes.UPGRADE_UNPROTECTED, "error", "services.n8n.image")
    assert one.sentence() == (
        "services.n8n.image: the change from localhost:5000/n8nio/n8n:2.41.3 to 2.42.0 does not go back (2.42.0 migrates its database at the start, "
        "and nothing takes that back), and it is not acknowledged; add -e upgrade_acknowledged=n8n@2.42.0; or keep localhost:5000/n8nio/n8n:2.41.3"
    )


@pytest.mark.parametrize(
    ("backups", "said"),
    [
        ({}, "no backup of volume shop_files was ever made and no backup of volume shop_data was ever made"),
        # The database behind the pooler is changed as well.
        ({"shop_files": {"stored": 0}}, "no backup of volume shop_data was ever made"),
        ({**FRESH, "shop_data": {"stored": 27 * HOUR}}, "the newest backup of volume shop_data is 27 hours old, 26 are allowed"),
        (
            {**DRILLED, "shop_data": {"stored": 0, "drilled": 72 * HOUR}},
            "the newest drilled backup of volume shop_data is 72 hours old, 26 are allowed",
        ),
        ({**FRESH, "shop_data": {"stored": -HOUR}}, "the newest backup of volume shop_data is of a time that has not come yet"),
    ],
)
def test_one_without_a_fresh_backup_of_all_that_it_changes_is_refused(backups: dict[str, dict[str, int]], said: str) -> None:
    (one,) = found(backups, "n8n@2.42.0")
    assert one.severity == "error"
    assert said in one.message
    assert one.fix.startswith("run ziggie.stack.backup; or keep ")


def test_the_operator_says_how_old_a_backup_may_be() -> None:
    assert [one.severity for one in found(DRILLED, "n8n@2.42.0", backup_hours=1)] == ["error"]
    assert [one.path for one in found(DRILLED, "n8n@2.42.0", backup_hours=0)] == ["stack_upgrade.backup_hours"]
    assert "stack_upgrade.hours" in [one.path for one in found(DRILLED, "n8n@2.42.0", hours=1)]


def test_that_no_backup_was_ever_drilled_is_said() -> None:
    assert [(one.code, one.severity) for one in found(FRESH, "n8n@2.42.0")] == [(codes.UPGRADE_UNDRILLED, "warning")] * 2


@pytest.mark.parametrize(
    "ran", [{}, {"n8n": "n8nio/n8n:2.42.5"}, {"n8n": "n8nio/n8n:mine"}, {"n8n": "sha256:1f00"}, {"other": "n8nio/n8n:1.0.0"}]
)
def test_what_goes_back_and_what_is_not_known_needs_neither(ran: dict[str, str]) -> None:
    assert found({}, ran=ran) == []


def test_data_that_nothing_backs_up_are_not_protected() -> None:
    for mount, said in (
        ("data", "the data of volume data are not backed up"),
        ("./data", "directory /opt/ziggie/stack/data of the host are not"),
    ):
        compose = {"services": {"db": {"image": "mongo:8.0", "volumes": [f"{mount}:/data/db"]}}, "volumes": {"data": {}}}
        (one,) = found({}, "db@8.0", ran={"db": "mongo:7.0.1"}, compose=compose)
        assert said in one.message


def test_data_that_are_reconstructible_need_no_backup() -> None:
    budget = {"backup": {"data": {"reconstructible": "a cache"}}}
    compose = {"services": {"db": {"image": "mongo:8.0", "volumes": ["data:/data/db"], "x-budget": budget}}, "volumes": {"data": {}}}
    assert found({}, "db@8.0", ran={"db": "mongo:7.0.1"}, compose=compose) == []


@pytest.mark.parametrize("acknowledged", ["n8n", "n8n@", "@2.42.0", 7])
def test_what_names_no_upgrade_is_an_error(acknowledged: object) -> None:
    assert (codes.SETTING_UNREADABLE, "upgrade_acknowledged") in [(one.code, one.path) for one in found(DRILLED, acknowledged)]


def test_preflight_asks_once_where_the_image_is_refused_anyway() -> None:
    compose = {**COMPOSE, "services": {**COMPOSE["services"], "postgres": {**SERVICES["postgres"], "image": "postgres:18.1"}}}
    host = Facts(
        project="shop",
        engine=facts({}, RAN).engine,
        contents={"data": VolumeContent(used=True, formats={"PG_VERSION": "17"})},
        backups=DRILLED,
    )
    told = [one.code for one in prepare(compose, host, Wish(acknowledged="n8n@2.42.0")).findings if one.path == "services.postgres.image"]
    assert codes.DATA_UNREADABLE in told
    assert codes.UPGRADE_UNPROTECTED not in told
    refused = [one.path for one in prepare(compose, host, Wish()).findings if one.code == codes.UPGRADE_UNPROTECTED]
    assert refused == ["services.n8n.image"]

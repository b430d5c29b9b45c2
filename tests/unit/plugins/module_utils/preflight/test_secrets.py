# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No run makes a new secret for data that were made with the old one, and a run without such data makes what it needs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host import codes
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import (
    AlteredSecret,
    DeployedContainer,
    Engine,
    Facts,
    StoredSecrets,
    VolumeContent,
)
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, asked_paths, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.secrets import unsafe
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Finding

KEY, PASSWORD = "secrets/n8n/encryption_key", "secrets/postgres/n8n_password"
COMPOSE: dict[str, Any] = {
    "services": {
        "n8n": {"image": "n8nio/n8n:2", "volumes": ["n8n_data:/home/node/.n8n"], "secrets": ["n8n__encryption_key", "n8n__password"]},
        "postgres": {"image": "postgres:17", "volumes": ["postgres_data:/var/lib/postgresql/data"], "secrets": ["postgres__n8n_password"]},
        "exporter": {"image": "exporter:1", "secrets": ["exporter__password"]},
    },
    "volumes": {"n8n_data": {}, "postgres_data": {}},
    "secrets": {
        "n8n__encryption_key": {"file": f"./{KEY}", "x-secret": {"content": "@n8n_encryption_key@"}},
        "n8n__password": {"file": "./secrets/n8n/password", "x-secret": {"content": "@postgres_n8n_password@"}},
        "postgres__n8n_password": {"file": f"./{PASSWORD}", "x-secret": {"content": "@postgres_n8n_password@"}},
        "exporter__password": {"file": "./secrets/exporter/password", "x-secret": {"content": "@exporter_password@"}},
    },
}
NAMES = ("n8n_encryption_key", "postgres_n8n_password", "exporter_password")
FILES = (KEY, "secrets/n8n/password", PASSWORD, "secrets/exporter/password")
USED = {"n8n_data": VolumeContent(used=True), "postgres_data": VolumeContent(used=True)}
PLACES = {"n8n_data": "/data/n8n", "postgres_data": "/data/postgres"}


def host(
    lost: tuple[str, ...] = (),
    *,
    files: tuple[str, ...] = (),
    mounted: tuple[str, ...] | None = FILES,
    bad: dict[str, str] | None = None,
    altered: dict[str, AlteredSecret] | None = None,
    chosen: tuple[str, ...] = (),
    **more: Any,
) -> Facts:
    values = {name: "" for name in NAMES if name not in lost} | (bad or {})
    stored = StoredSecrets(store="/opt/ziggie/secrets", values=values, files=files, mounted=mounted, altered=altered or {}, chosen=chosen)
    return Facts(**{"engine": Engine(running=True), "volumes": PLACES, "contents": USED, "secrets": stored, **more})


def found(facts: Facts, credentials: tuple[str, ...] = ()) -> list[Finding]:
    return list(unsafe(COMPOSE, facts, credentials, "/opt/ziggie/stack"))


def test_nothing_is_wrong_while_every_secret_is_there() -> None:
    assert found(host()) == []


def test_a_lost_secret_is_refused_with_the_data_that_were_made_with_it() -> None:
    key, password = found(host(NAMES))
    assert (key.code, key.severity, key.path) == (codes.SECRET_LOST, "error", "host:/opt/ziggie/secrets/n8n_encryption_key")
    assert key.message.endswith("the data that were made with it: volume n8n_data of n8n (/data/n8n)")
    assert "restore this file from a backup, or set stack_credentials.n8n_encryption_key to the value that fits" in key.fix
    # Both services have data, and the exporter has none.
    assert "n8n_data of n8n" in password.message
    assert "postgres_data of postgres" in password.message


def test_data_in_a_directory_that_is_bound_count_like_those_in_a_volume() -> None:
    compose = {
        **COMPOSE,
        "services": {**COMPOSE["services"], "n8n": {**COMPOSE["services"]["n8n"], "volumes": ["./data:/home/node/.n8n", "/srv/ro:/ro:ro"]}},
    }
    used = {"/opt/ziggie/stack/data": VolumeContent(used=True), "/srv/ro": VolumeContent(used=True)}
    key, _password = unsafe(compose, host(NAMES, contents=USED | used), (), "/opt/ziggie/stack")
    assert key.message.endswith("the data that were made with it: directory /opt/ziggie/stack/data of n8n")
    compose["services"]["n8n"]["volumes"].append("./config/n8n:/etc/n8n")
    released = {"/opt/ziggie/stack/config/n8n": VolumeContent(used=True)}
    empty = host(("n8n_encryption_key",), contents=released | {"/opt/ziggie/stack/data": VolumeContent()})
    assert list(unsafe(compose, empty, (), "/opt/ziggie/stack")) == []


def test_a_host_is_asked_what_such_a_directory_holds() -> None:
    service = {"image": "n8nio/n8n:2", "volumes": ["./data:/data", "/srv/app:/app", "/srv/ro:/ro:ro", "~/home:/h", "$WHERE:/w"]}
    asked = asked_paths({"services": {"n8n": service}}, Wish())
    assert {"/opt/ziggie/stack/data", "/srv/app"} <= set(asked)
    assert not {path for path in asked if "ro" in path.split("/") or "home" in path or "$" in path}


def test_a_lost_secret_that_a_file_still_holds_is_none() -> None:
    assert found(host(NAMES, files=(KEY, PASSWORD))) == []


def test_a_secret_given_on_purpose_is_not_lost() -> None:
    assert [one.path for one in found(host(NAMES), ("n8n_encryption_key",))] == ["host:/opt/ziggie/secrets/postgres_n8n_password"]


def test_a_first_deploy_makes_its_secrets() -> None:
    assert found(host(NAMES, mounted=None, volumes={}, contents={})) == []
    assert found(host(NAMES, mounted=None, contents={name: VolumeContent() for name in PLACES})) == []


def test_a_service_that_is_new_in_a_stack_gets_its_secrets() -> None:
    there = {"postgres_data": "/data/postgres"}
    facts = host(("n8n_encryption_key", "postgres_n8n_password"), mounted=("secrets/exporter/password",), volumes=there)
    assert found(facts) == []


def test_a_whole_store_that_is_lost_with_its_release_is_refused() -> None:
    assert len(found(host(NAMES, mounted=None))) == 2


def test_without_an_engine_the_release_tells_that_there_may_be_data() -> None:
    stopped = found(host(NAMES, engine=Engine(installed=True), volumes={}, contents={}))
    assert "volume n8n_data of n8n, as long as the Docker engine does not run to show it" in stopped[0].message
    assert found(host(NAMES, engine=Engine(), volumes={}, contents={}, mounted=None)) == []


def test_volumes_that_were_removed_let_a_stack_start_anew() -> None:
    assert found(host(NAMES, volumes={}, contents={})) == []


@pytest.mark.parametrize("why", ["it is empty", "it has the line ends of Windows (CRLF)"])
def test_a_secret_that_cannot_be_used_is_refused(why: str) -> None:
    (one,) = found(host(bad={"exporter_password": why}))
    assert (one.code, one.path) == (codes.SECRET_UNUSABLE, "host:/opt/ziggie/secrets/exporter_password")
    assert one.message == f"the secret cannot be used: {why}"
    assert found(host(bad={"exporter_password": why}), ("exporter_password",)) == []
    assert found(host(bad={"nobody_reads_it": why})) == []


def test_preflight_refuses_what_is_lost() -> None:
    prepared = prepare(COMPOSE, host(NAMES), Wish(declared={"memory": "8g", "cpus": 4}, pretend=True))
    assert [one.code for one in prepared.findings if one.code == codes.SECRET_LOST] == [codes.SECRET_LOST] * 2


def test_the_secrets_of_a_stack_that_lies_elsewhere_are_not_lost() -> None:
    container = DeployedContainer(name="n8n-1", project="ziggie", service="n8n", image="n8n:1", directory="/former/stack", ours=True)
    facts = host(NAMES, mounted=None, project="ziggie", engine=Engine(running=True, version="27.1", deployed=(container,)))
    found = {one.code for one in prepare(COMPOSE, facts, Wish(declared={"memory": "8g", "cpus": 4}, pretend=True)).findings}
    assert codes.DIRECTORY_CHANGED in found
    assert codes.SECRET_LOST not in found


def with_way(**way: str) -> dict[str, Any]:
    """Return the stack whose encryption key says how it is changed."""
    key = {"file": f"./{KEY}", "x-secret": {"content": "@n8n_encryption_key@", "rotate": way}}
    return {**COMPOSE, "secrets": {**COMPOSE["secrets"], "n8n__encryption_key": key}}


@pytest.mark.parametrize(
    ("altered", "fix"),
    [
        (AlteredSecret(), "restore this file from a backup"),
        (AlteredSecret(spaces=True, held_by="/f"), "remove the white space around it, which is all that differs"),
        (AlteredSecret(held_by="/f"), "bring it back on the host: install -m 0400 /f /opt/ziggie/secrets/n8n_encryption_key"),
    ],
)
def test_an_altered_secret_is_refused_with_how_to_bring_it_back(altered: AlteredSecret, fix: str) -> None:
    (one,) = found(host(altered={"n8n_encryption_key": altered}))
    assert (one.code, one.severity, one.path) == (codes.SECRET_ALTERED, "error", "host:/opt/ziggie/secrets/n8n_encryption_key")
    assert one.message.endswith("with the one before: volume n8n_data of n8n (/data/n8n)")
    assert one.fix == fix
    (known,) = unsafe(with_way(method="grafana", user="admin"), host(altered={"n8n_encryption_key": altered}), (), "/opt/ziggie/stack")
    assert known.fix.startswith(f"{fix}; to change it on purpose after that: ansible-playbook ziggie.stack.rotate ")
    (never,) = unsafe(with_way(method="never", reason="x"), host(altered={"n8n_encryption_key": altered}), (), "/opt/ziggie/stack")
    assert never.fix == fix
    assert found(host(altered={"n8n_encryption_key": altered}, contents={})) == []


def test_a_secret_that_is_only_read_at_the_start_may_be_lost_and_altered() -> None:
    compose = with_way(method="restart")
    assert list(unsafe(compose, host(altered={"n8n_encryption_key": AlteredSecret()}), (), "/opt/ziggie/stack")) == []
    assert list(unsafe(compose, host(("n8n_encryption_key",)), (), "/opt/ziggie/stack")) == []


def test_another_value_of_the_operators_is_refused_where_data_are_known_to_hold_the_old_one() -> None:
    facts, given = host(chosen=("n8n_encryption_key",)), ("n8n_encryption_key",)
    (one,) = unsafe(with_way(method="grafana", user="admin"), facts, given, "/opt/ziggie/stack")
    assert (one.code, one.path) == (codes.SECRET_ALTERED, "stack_credentials.n8n_encryption_key")
    assert "ziggie.stack.rotate -e rotate_secret=n8n_encryption_key" in one.fix
    (never,) = unsafe(with_way(method="never", reason="x"), facts, given, "/opt/ziggie/stack")
    assert "rotate" not in never.fix
    assert found(facts, given) == []

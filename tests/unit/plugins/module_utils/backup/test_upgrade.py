# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade checks before anything is stopped, and how a container's settings go over to another image; the servers are real in the lab."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Part, Setup
from ansible_collections.ziggie.stack.plugins.module_utils.backup.new_image import Inside, read, with_image
from ansible_collections.ziggie.stack.plugins.module_utils.backup.staging import Staging
from ansible_collections.ziggie.stack.plugins.module_utils.backup.upgrade import Server, Wish, checked, versions
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Retention, Source

DATA = "/var/lib/postgresql/data"
SETUP = Setup(
    project="shop",
    directory="/opt/shop",
    repositories=(),
    retention=Retention(),
    sources=(Source(service="db", volume="shop_data", engine="postgres"), Source(service="cache", volume="shop_cache", engine="redis")),
    memory=1,
    drill_memory=1,
    slices=False,
)
WISH = Wish(service="db", to="18", definition="new", image="postgres:18.1", target=DATA, pgdata=DATA)
INSIDE = Inside(
    version="18.1",
    extensions=frozenset({"plpgsql", "hstore"}),
    locales=frozenset({"C", "en_US.utf8"}),
    pgdata="/var/lib/postgresql/18/docker",
)
SERVER = Server(
    sizes={"shop": 1, "postgres": 1},
    extensions={"shop": ("hstore",)},
    locales=("en_US.UTF-8", "C"),
    checksums=False,
    tablespaces=(),
    slots=(),
)
INSPECTED: dict[str, Any] = {
    "Image": "sha256:17",
    "Config": {
        "Cmd": ["postgres", "-c", "shared_buffers=1GB"],
        "Entrypoint": ["docker-entrypoint.sh"],
        "User": "999:999",
        "Env": ["PATH=/usr/lib/postgresql/17/bin", "PG_MAJOR=17", f"PGDATA={DATA}", "POSTGRES_USER=shop"],
    },
}


def definition(path: Path, **more: Any) -> str:
    service = {"image": "postgres:18.1", "volumes": [f"data:{DATA}"], "environment": {"PGDATA": DATA}, **more}
    (path / "new.json").write_text(json.dumps({"services": {"db": service}, "volumes": {"data": {}}}), encoding="utf-8")
    return str(path / "new.json")


def test_what_is_wanted_is_in_the_new_definition(tmp_path: Path) -> None:
    found = Wish.of(SETUP, "db", "18", definition(tmp_path))
    assert found == replace(WISH, definition=found.definition)
    assert Wish.of(SETUP, "db", "18", definition(tmp_path, environment={})).pgdata == ""


@pytest.mark.parametrize(
    ("service", "more", "said"),
    [
        ("cache", {}, "an upgrade by dump and restore is known for PostgreSQL only"),
        ("web", {}, "web is not backed up"),
        ("db", {"volumes": [f"other:{DATA}"]}, "db does not mount shop_data in the new definition"),
        ("db", {"image": ""}, "has no service db with an image"),
    ],
)
def test_what_no_upgrade_is_known_for_is_refused(tmp_path: Path, service: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(BackupError, match=said):
        Wish.of(SETUP, service, "18", definition(tmp_path, **more))


@pytest.mark.parametrize(
    ("to", "before", "inside", "said"),
    [
        ("18", "17", INSIDE, []),
        ("18.1", "15", None, []),
        ("18", "9.6", INSIDE, []),
        (
            "17",
            "15",
            INSIDE,
            ["the inventory's image of db is postgres:18.1, which is not version 17; write catalog_overrides.services.db.image first"],
        ),
        ("1", "17", INSIDE, ["is not version 1;", "only a newer major version is an upgrade"]),
        ("18", "18", INSIDE, ["the data are of version 18; only a newer major version is an upgrade"]),
    ],
)
def test_the_versions_have_to_be_what_was_asked_for(to: str, before: str, inside: Inside | None, said: list[str]) -> None:
    told = list(versions(replace(WISH, to=to), before, inside))
    assert len(told) == len(said)
    assert all(words in one for words, one in zip(said, told, strict=True))


def test_what_was_checked_is_said() -> None:
    told, wrong = checked(SERVER, INSIDE, WISH, INSPECTED)
    assert wrong == []
    assert told == [
        "extensions: hstore; postgres:18.1 has what is needed",
        "locales: en_US.UTF-8, C; checksums: off before, on after",
        f"data directory: {DATA}, the volume at {DATA}",
    ]
    assert checked(SERVER, None, WISH, INSPECTED) == (["extensions and locales are checked once postgres:18.1 is on the host"], [])


@pytest.mark.parametrize(
    ("server", "wish", "said"),
    [
        (replace(SERVER, extensions={"shop": ("hstore", "postgis")}), WISH, "lacks the extensions postgis of database shop"),
        (replace(SERVER, locales=("de_DE.UTF-8",)), WISH, "lacks the locales de_de.utf8 of the databases"),
        (SERVER, replace(WISH, pgdata=""), f"refuses a volume at {DATA}; set PGDATA: {DATA}"),
        (replace(SERVER, tablespaces=("fast",)), WISH, "the tablespaces fast lie outside of the volume"),
        (replace(SERVER, slots=("standby",)), WISH, "the replication slots standby do not outlive a dump"),
    ],
)
def test_what_would_fail_while_the_server_is_away_is_found_before(server: Server, wish: Wish, said: str) -> None:
    _told, [wrong] = checked(server, INSIDE, wish, INSPECTED)
    assert said in wrong


def test_what_an_image_has_is_read() -> None:
    said = "@version\npostgres (PostgreSQL) 18.1 (Debian 18.1-1)\n@extensions\n/usr/share/postgresql/18/extension/hstore.control\n@locales\nC\nen_US.utf8\n"
    found = read(said, "postgres:18.1", DATA)
    assert found == Inside(version="18.1", extensions=frozenset({"hstore"}), locales=frozenset({"C", "en_US.utf8"}), pgdata=DATA)
    with pytest.raises(BackupError, match=r"nginx:1 has no server of PostgreSQL"):
        read("@version\nsh: postgres: not found\n@extensions\n@locales\n", "nginx:1", "")


class Images(Engine):
    """Knows what the old image has."""

    def __init__(self) -> None:
        pass

    def get(self, resource: str, **query: Any) -> Any:
        assert (resource, query) == ("/images/sha256%3A17/json", {})
        return {"Config": {"Env": INSPECTED["Config"]["Env"][:3], "Cmd": ["postgres"], "Entrypoint": ["docker-entrypoint.sh"]}}


def test_what_a_container_has_from_its_own_image_does_not_go_over() -> None:
    made = with_image(Images(), INSPECTED, "postgres:18.1", DATA)
    assert (made["Image"], made["Config"]["Env"]) == ("postgres:18.1", ["POSTGRES_USER=shop", f"PGDATA={DATA}"])
    assert (made["Config"]["Cmd"], made["Config"]["User"]) == (INSPECTED["Config"]["Cmd"], "999:999")
    assert "Entrypoint" not in made["Config"]
    assert with_image(Images(), INSPECTED, "postgres:18.1", "")["Config"]["Env"] == ["POSTGRES_USER=shop"]


def test_a_dump_that_the_disk_gives_back_otherwise_is_found(tmp_path: Path) -> None:
    staging = Staging(container="c", directory=tmp_path)
    size, digest = staging.store("shop.dump", iter([b"PG", b"DMP"]))
    part = Part(name="shop.dump", size=size, sha256=digest)
    assert b"".join(staging.read(part)) == b"PGDMP"
    (tmp_path / "shop.dump").write_bytes(b"PGDMp")
    with pytest.raises(BackupError, match="otherwise than it was written"):
        list(staging.read(part))

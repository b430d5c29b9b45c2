# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs left is read whatever state it is in, and no value is in the answer."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import PinnedImage
from ansible_collections.ziggie.stack.plugins.module_utils.host import stored
from ansible_collections.ziggie.stack.plugins.module_utils.host.backup_status import DRILLED, STORED, Failed, Reached, Status
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import AlteredSecret, StoredSecrets, VolumeContent
from ansible_collections.ziggie.stack.plugins.module_utils.host.given import digest
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.host.vault import Vault
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump

SOURCE = "/opt/ziggie/stack"


def write(root: Path, name: str, content: bytes) -> None:
    path = root / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_an_empty_host_has_no_secrets(tmp_path: Path) -> None:
    assert stored.secrets(Root(str(tmp_path)), SOURCE, {}) == StoredSecrets(store="/opt/ziggie/secrets")


def test_the_state_of_the_secrets_is_told_and_not_their_values(tmp_path: Path) -> None:
    for name, value in {"good": b"s3cr3t", "empty": b"", "dos": b"s3cr3t\r\n", "odd": b"\xff"}.items():
        write(tmp_path, f"/opt/ziggie/secrets/{name}", value)
    (tmp_path / "opt/ziggie/secrets/folder").mkdir()
    (tmp_path / "opt/ziggie/secrets/loop").symlink_to("loop")
    for name, value in {"n8n/key": b"s3cr3t", "n8n/empty": b"", "deep/er/key": b"s3cr3t"}.items():
        write(tmp_path, f"{SOURCE}/secrets/{name}", value)
    release = {"services": {"n8n": {"secrets": ["secrets/n8n/key"]}, "redis": {"secrets": []}}, "volumes": {}}
    write(tmp_path, f"{SOURCE}/release.json", json.dumps(release).encode())
    found = stored.secrets(Root(str(tmp_path)), SOURCE, {})
    assert {name for name, wrong in found.values.items() if not wrong} == {"good"}
    assert found.values["empty"] == "it is empty"
    assert found.values["folder"] == "it cannot be read (Is a directory)"
    assert found.files == ("secrets/deep/er/key", "secrets/n8n/key")
    assert found.mounted == ("secrets/n8n/key",)
    assert "s3cr3t" not in json.dumps(dump(found))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", "null", '{"services": 1}', '{"services": {"a": 1}}', '{"services": {"a": {"secrets": {"b": 1}}}}']
)
def test_a_release_that_cannot_be_read_mounts_nothing_that_is_known(tmp_path: Path, text: str) -> None:
    write(tmp_path, f"{SOURCE}/release.json", text.encode())
    assert not stored.secrets(Root(str(tmp_path)), SOURCE, {}).mounted
    assert stored.released_volumes(Root(str(tmp_path)), SOURCE) == {}


def test_a_volume_that_holds_anything_is_used(tmp_path: Path) -> None:
    write(tmp_path, "/data/full/file", b"")
    (tmp_path / "data/empty").mkdir()
    root = Root(str(tmp_path))
    assert stored.content(root, "/data/full").used
    assert stored.content(root, "/data/empty") == stored.content(root, "/data/absent") == VolumeContent()


def test_the_format_of_data_is_read_where_servers_keep_it(tmp_path: Path) -> None:
    for name, content in {
        "one/PG_VERSION": b"17\n",
        "two/18/docker/PG_VERSION": b"18\n",
        "three/appendonlydir/appendonly.aof.2.base.rdb": b"REDIS0012\xfa" + b"x" * 1000,
        "three/dump.rdb": b"REDIS0011\xfa",
        "four/pgdata/PG_VERSION": b"",
        "five/mariadb_upgrade_info": b"11.4.2-MariaDB\0",
    }.items():
        write(tmp_path, f"/data/{name}", content)
    formats = {name: stored.content(Root(str(tmp_path)), f"/data/{name}").formats for name in ("one", "two", "three", "four", "five")}
    assert formats == {
        "one": {"PG_VERSION": "17"},
        "two": {"18/docker/PG_VERSION": "18"},
        "three": {"dump.rdb": "REDIS0011", "appendonlydir/appendonly.aof.2.base.rdb": "REDIS0012"},
        "four": {},
        "five": {"mariadb_upgrade_info": "11.4.2-MariaDB\0"},
    }


def test_a_value_that_was_altered_is_told_with_how_to_bring_it_back(tmp_path: Path) -> None:
    store, values = tmp_path / "opt/ziggie/secrets", {name: f"s3cr3t of {name}" for name in ("same", "spaced", "edited", "gone", "kept")}
    files = [{"path": f"app/{name}", "content": f"@{name}@", "uid": os.getuid(), "gid": os.getgid()} for name in values]
    vault = Vault(store, tmp_path / SOURCE.lstrip("/") / "secrets", check=False)
    vault.provide(values)
    vault.write(files)
    told = {name: digest(value) for name, value in values.items()}
    assert stored.secrets(Root(str(tmp_path)), SOURCE, told).altered == {}
    for name, value in {"spaced": " s3cr3t of spaced\t", "edited": "other", "kept": "other"}.items():
        (store / name).unlink()
        (store / name).write_text(value, encoding="utf-8")
    (store / "gone").unlink()
    (tmp_path / SOURCE.lstrip("/") / "secrets/app/edited").unlink()
    found = stored.secrets(Root(str(tmp_path)), SOURCE, told | {"same": digest("another"), "new": digest("new")})
    assert found.altered == {
        "spaced": AlteredSecret(spaces=True, held_by=f"{SOURCE}/secrets/app/spaced"),
        "edited": AlteredSecret(),
        "kept": AlteredSecret(held_by=f"{SOURCE}/secrets/app/kept"),
    }
    assert found.chosen == ("same",)
    assert "s3cr3t" not in json.dumps(dump(found))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", "null", '{"key": 1, "values": {}}', '{"key": "a", "values": []}', '{"key": "a", "values": {"a": 1}}']
)
def test_a_record_that_cannot_be_read_takes_what_lies_there(tmp_path: Path, text: str) -> None:
    write(tmp_path, "/opt/ziggie/secrets/key", b"s3cr3t")
    write(tmp_path, "/opt/ziggie/secrets/.given", text.encode())
    assert stored.secrets(Root(str(tmp_path)), SOURCE, {"key": digest("s3cr3t")}).altered == {}


def test_what_releases_remember_of_their_images_is_read(tmp_path: Path) -> None:
    def remember(place: str, digest: str) -> None:
        text = json.dumps({"db": {"reference": "db:1", "digest": digest, "id": "sha256:1"}})
        write(tmp_path, f"{place}/images.json", text.encode())

    root = Root(str(tmp_path))
    assert (stored.pins(root, SOURCE), stored.ran(root, SOURCE)) == ({}, ())
    remember(SOURCE, "sha256:bb")
    remember("/opt/ziggie/releases/one", "sha256:aa")
    remember("/opt/ziggie/releases/two", "")
    write(tmp_path, "/opt/ziggie/releases/three/images.json", b"[1]")
    assert stored.pins(root, SOURCE) == {"db": PinnedImage(reference="db:1", digest="sha256:bb", id="sha256:1")}
    assert stored.ran(root, SOURCE) == ("sha256:aa", "sha256:bb")


def test_the_age_of_each_volumes_backup_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = tmp_path / "var/lib/ziggie-backup/status.json"
    status.parent.mkdir(parents=True)
    noted = Status()
    for state, taken in ((STORED, 3600.0), (DRILLED, 1000.0)):
        noted = noted.noted("shop_data", "db", state, Reached(run=state, taken=taken, at=4000.0, seconds=12.5), "run")
    noted = noted.fallen("shop_data", "db", Failed(verb="run", at=4500.0, why="it is full"))
    status.write_text(json.dumps(dump(noted)), encoding="utf-8")
    monkeypatch.setattr(stored.time, "time", lambda: 4600.4)
    found = stored.backup_status(Root(str(tmp_path)))
    assert stored.backups(found) == {"shop_data": {STORED: 1000, DRILLED: 3600}}
    assert (stored.drills(found), stored.failed_backups(found)) == ({"shop_data": 12.5}, {"shop_data": "it is full"})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"volumes": []}', '{"volumes": {"shop_data": {"stored": "yesterday"}}}'])
def test_without_a_note_that_can_be_read_there_is_no_backup(tmp_path: Path, text: str) -> None:
    status = tmp_path / "var/lib/ziggie-backup/status.json"
    status.parent.mkdir(parents=True)
    status.write_text(text, encoding="utf-8")
    assert stored.backup_status(Root(str(tmp_path))) == Status()

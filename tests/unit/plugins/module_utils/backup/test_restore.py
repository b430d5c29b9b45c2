# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore makes and exchanges, apart from the servers, which are real in the lab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup import history, restore
from ansible_collections.ziggie.stack.plugins.module_utils.backup import stopped as subject
from ansible_collections.ziggie.stack.plugins.module_utils.backup.history import Chosen, Kept
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError, Manifest, Setup, UnreadableError
from ansible_collections.ziggie.stack.plugins.module_utils.backup.place import directory_of, target_of
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restic import Restic, Snapshot
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restore import Volume, _newer_format, exchange, older
from ansible_collections.ziggie.stack.plugins.module_utils.backup.scratch import Bounds, order
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Retention, Source

INSPECTED: dict[str, Any] = {
    "Image": "sha256:1",
    "Config": {
        "Cmd": ["postgres", "-c", "shared_buffers=1GB"],
        "Env": ["POSTGRES_USER=shop", "POSTGRES_DB=shop"],
        "User": "999:999",
        "Labels": {"com.docker.compose.project": "shop"},
    },
    "HostConfig": {
        "Binds": [
            "shop_data:/var/lib/postgresql/data:rw,nocopy",
            "/opt/a:/docker-entrypoint-initdb.d:ro",
            "/opt/b:/etc/b:ro",
            "other:/other",
        ],
        "Mounts": [
            {"Type": "bind", "Source": "/opt/s", "Target": "/run/secrets/s", "ReadOnly": True},
            {"Type": "bind", "Source": "/opt/w", "Target": "/w", "ReadOnly": False},
        ],
        "Memory": 1 << 30,
        "PortBindings": {"5432/tcp": [{"HostPort": "5432"}]},
        "NetworkMode": "shop_default",
        "RestartPolicy": {"Name": "unless-stopped"},
        "CapDrop": ["ALL"],
    },
}

SETUP = Setup(
    project="shop",
    directory="",
    repositories=(Repository(url="chosen"), Repository(url="copy")),
    retention=Retention(),
    sources=(Source(service="s", volume="v", engine="files"),),
    memory=1,
    drill_memory=1,
    slices=False,
)
MANIFEST = Manifest(run="r", service="s", volume="v", engine="files", image="", release="", taken=0.0, seconds=0.0, format="", parts=())


def _restic(url: str) -> Restic:
    return Restic(Repository(url=url), Path("/key"), "shop")


def test_a_throw_away_container_reaches_nothing_and_writes_only_to_its_own_directory() -> None:
    made = order(INSPECTED, "/var/lib/postgresql/data", Path("/new"), "shop")
    host = made["HostConfig"]
    assert (made["Image"], made["User"], made["Cmd"]) == ("sha256:1", "999:999", INSPECTED["Config"]["Cmd"])
    assert (host["NetworkMode"], host["RestartPolicy"], "PortBindings" in host) == ("none", {"Name": "no"}, False)
    assert host["Binds"] == ["/opt/b:/etc/b:ro", "/new:/var/lib/postgresql/data"]
    assert [mount["Target"] for mount in host["Mounts"]] == ["/run/secrets/s"]
    assert (host["Memory"], host["CapDrop"]) == (1 << 30, ["ALL"])
    # Nothing that counts the stack's containers takes it for one, and the dump brings the database that the image would make.
    assert made["Labels"] == {"ziggie.stack.scratch": "shop"}
    assert made["Env"] == ["POSTGRES_USER=shop", "POSTGRES_DB=postgres"]


def test_a_container_beside_the_service_has_bounds_of_its_own_and_ends_first() -> None:
    inspected = {**INSPECTED, "HostConfig": {**INSPECTED["HostConfig"], "PidsLimit": 200, "CgroupParent": "shop-critical.slice"}}
    made = order(inspected, "/var/lib/postgresql/data", Path("/new"), "shop", Bounds(memory=256 << 20), ["-c", "shared_buffers=65536kB"])
    host = made["HostConfig"]
    assert made["Cmd"][-2:] == ["-c", "shared_buffers=65536kB"]
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"], host["CgroupParent"], host["CpuShares"], host["OomScoreAdj"]) == (
        *(256 << 20, 256 << 20),
        *(200, "", 2, 1000),
    )


@pytest.mark.parametrize(
    ("stored", "there", "refused"), [("18", "17", True), ("17", "17", False), ("16", "17", False), ("18", "", False), ("", "17", False)]
)
def test_data_that_say_they_are_newer_are_refused_whatever_the_images_are_called(
    tmp_path: Path, stored: str, there: str, refused: bool
) -> None:
    if there:
        (tmp_path / "PG_VERSION").write_text(f"{there}\n", encoding="ascii")
    assert bool(_newer_format(tmp_path, stored)) == refused


def test_a_backup_that_its_repository_cannot_give_back_comes_from_the_next_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen, worse, copy = (Chosen(restic=_restic(name), kept=Kept("r", "v"), manifest=MANIFEST) for name in ("chosen", "worse", "copy"))

    def replaced(_setup: Any, _engine: Any, _source: Any, one: Chosen) -> Path:
        if one is not copy:
            raise UnreadableError(f"{one.restic.url} is damaged")
        return Path("/old")

    monkeypatch.setattr(restore, "_replaced", replaced)
    for there, wanted in ([worse, copy], (Path("/old"), copy, "chosen is damaged")), ([worse], None):
        monkeypatch.setattr(history, "copies", lambda *_, there=there: iter(there))
        if wanted:
            assert restore.replace_data(SETUP, Engine(), SETUP.sources[0], chosen) == wanted
        else:
            with pytest.raises(UnreadableError, match="chosen is damaged"):
                restore.replace_data(SETUP, Engine(), SETUP.sources[0], chosen)


def test_only_the_same_run_of_the_same_volume_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [
        Snapshot(id=f"{run}/{volume}/{part}", tags={"run": run, "volume": volume, "part": part})
        for run in ("20261129T020000Z", "20261130T020000Z")
        for volume in ("v", "w")
        for part in ("tree", history.MANIFEST)
    ]
    monkeypatch.setattr(Restic, "snapshots", lambda _self: held)
    monkeypatch.setattr(history, "read", lambda *_: MANIFEST)
    chosen = Chosen(restic=_restic("chosen"), kept=Kept("20261129T020000Z", "v"), manifest=MANIFEST)
    found = list(history.copies(SETUP, SETUP.sources[0], chosen))
    assert [(one.restic.url, one.kept.manifest) for one in found] == [("copy", "20261129T020000Z/v/manifest.json")]


def test_two_directories_change_places(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    exchange(tmp_path / "old", tmp_path / "new")
    assert ((tmp_path / "old/new").exists(), (tmp_path / "new/old").exists()) == (True, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


@pytest.mark.parametrize(
    ("image", "than", "is_older"),
    [
        ("docker.io/library/postgres:16.2", "docker.io/library/postgres:17.11", True),
        ("docker.io/library/postgres:17.2", "docker.io/library/postgres:17.11", False),
        ("localhost:5000/postgres:18", "localhost:5000/postgres:17", False),
        ("localhost:5000/web", "localhost:5000/web", False),
        ("postgres@sha256:1f00", "postgres:17", False),
        ("prom/prometheus:v2.53", "prom/prometheus:v3.1", True),
    ],
)
def test_a_backup_of_a_newer_server_is_recognised(image: str, than: str, is_older: bool) -> None:
    assert older(image, than) == is_older


@pytest.mark.parametrize(
    ("rows", "now", "said"),
    [
        (5, 7, "the 90 minutes since then is lost (2 rows more than the backup has)"),
        (5, None, "the 90 minutes since then is lost (unknown, since the server does not answer)"),
        (0, 0, "everything written in the 90 minutes since then is lost"),
    ],
)
def test_a_plan_says_what_is_lost(rows: int, now: int | None, said: str) -> None:
    volume = Volume(
        volume="shop_data",
        directory="/data",
        run="r",
        taken=0.0,
        size=1,
        rows=rows,
        rows_now=now,
        need=1,
        free=2,
        stops=("shop-db-1",),
        problems=(),
    )
    assert volume.sentences(5400.0)[0].endswith(said)


class Starts(Engine):
    """An engine that notes what it was asked for."""

    def __init__(self, gone: tuple[str, ...] = ()) -> None:
        self.asked: list[str] = []
        self.gone = gone

    def post(self, resource: str, body: Any = None) -> Any:
        if any(name in resource for name in self.gone):
            raise EngineError("no such container", 404)
        self.asked.append(resource if body is None else f"{resource} {body}")
        return None


@pytest.fixture(name="note")
def _note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(subject, "NOTE", tmp_path / "stopped.json")
    return tmp_path / "stopped.json"


def test_what_a_killed_run_has_stopped_is_started_by_the_next(note: Path) -> None:
    note.write_text(json.dumps(["a", "b"]), encoding="utf-8")
    engine = Starts(gone=("/b/",))
    subject.resume(engine)
    assert (engine.asked, note.exists()) == (["/containers/a/start"], False)
    subject.resume(engine)
    assert engine.asked == ["/containers/a/start"]


def test_a_directory_of_the_host_is_found_without_the_engine(tmp_path: Path) -> None:
    inspected = {
        "Name": "/shop-web-1",
        "Mounts": [{"Type": "bind", "Source": "/srv/shop", "Destination": "/data"}, {"Type": "volume", "Name": "a", "Destination": "/a"}],
    }
    assert (target_of(inspected, "/srv/shop"), target_of(inspected, "a")) == ("/data", "/a")
    assert directory_of(Engine("/nowhere"), str(tmp_path)) == tmp_path
    with pytest.raises(BackupError, match=f"the directory {tmp_path}/gone is not there; make it"):
        directory_of(Engine("/nowhere"), f"{tmp_path}/gone")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Newer versions, what they mean, how old they are, tags that moved, and registries that do not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.observe.ledger import Ledger
from ansible_collections.ziggie.stack.plugins.module_utils.observe.registry import Registry, RegistryError
from ansible_collections.ziggie.stack.plugins.module_utils.observe.updates import Update, Updates, newer_tags, updates
from ansible_collections.ziggie.stack.plugins.module_utils.render.updates import lines

from .registry import Server, digest_of, running

HOUR, DAY, NOW = 3600.0, 86_400.0, 1_800_000_000.0


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with running() as server:
        server.add("library/postgres", "17.10", "17.11", "17.12", "18.6", "17.12-alpine", "18beta1", "latest")
        server.add("n8nio/n8n", "2.41.3", "2.41.9", "2.50.0", "3.0.0", "nightly")
        yield server


def look(server: Server, ledger: Ledger, images: dict[str, str], now: float = NOW, age: float = 72 * HOUR, *, pin: bool = False) -> Updates:
    compose = {"services": {name: {"image": image} for name, image in images.items()}}
    return updates(compose, lambda name: Registry(name, server.address, 5.0), ledger, now, age, pin=pin)


def only(found: Updates) -> Update:
    [service] = found.services
    return service


@pytest.mark.parametrize(
    ("tag", "tags", "newer"),
    [
        ("17.10", ["17.9", "17.11", "17.12", "18.6", "18.6-alpine", "18", "19beta1"], ("17.12", "18.6")),
        ("v1.25.2-p0", ["v1.25.2-p1", "v1.26.0-p0", "1.27.0-p0", "v1.27.0"], ("v1.25.2-p1", "v1.26.0-p0")),
        ("8.0.29", ["8.0.30", "8.2.1", "9.0.0", "8.0.100"], ("8.0.100", "8.2.1", "9.0.0")),
        ("2.45.0-alpine", ["2.45.1", "2.45.1-alpine", "2.46.0-alpine3.20"], ("2.45.1-alpine",)),
        ("17", ["18", "17.1", "20260101"], ("18",)),
        ("latest", ["1", "2"], ()),
        ("3.0.0", ["2.9.9", "3.0.0"], ()),
    ],
)
def test_newer_tags_are_those_that_are_built_alike(tag: str, tags: list[str], newer: tuple[str, ...]) -> None:
    assert newer_tags(tag, tags) == newer


def test_all_pages_are_read_with_a_token_for_anybody(server: Server) -> None:
    server.page = 2
    assert sorted(Registry("docker.io", server.address, 5.0).tags("library/postgres")) == sorted(server.images["library/postgres"])
    assert server.scopes == ["repository:library/postgres:pull"]


def test_a_version_is_ready_when_it_is_old_enough_by_our_own_ledger(server: Server) -> None:
    ledger = Ledger()
    first = look(server, ledger, {"db": "postgres:17.11"})
    assert [(entry.tag, entry.ready, entry.hours) for entry in only(first).newer] == [("17.12", False, 0.0), ("18.6", False, 0.0)]
    assert first.patch == {}
    # Read back from its file, as the next run does.
    later = look(server, Ledger.parse(ledger.written()), {"db": "postgres:17.11"}, NOW + 3 * DAY)
    assert [(entry.tag, entry.ready, entry.hours) for entry in only(later).newer] == [("17.12", True, 72.0), ("18.6", False, 72.0)]
    assert later.patch == {"services": {"db": {"image": f"postgres:17.12@{digest_of('library/postgres', '17.12')}"}}}
    assert look(server, Ledger(), {"db": "postgres:17.11"}, age=0.0).patch == later.patch


def test_what_cannot_be_taken_back_is_said_and_never_in_the_patch(server: Server) -> None:
    server.add("library/redis", "7.2.5", "7.4.1")
    server.add("library/mariadb", "10.6.4", "10.6.9", "11.4.2")
    found = look(
        server, Ledger(), {"db": "postgres:17.12", "cache": "redis:7.2.5", "m": "mariadb:10.6.4", "n8n": "n8nio/n8n:2.41.3"}, age=0.0
    )
    means = {(one.service, entry.tag): " ".join(entry.means) for one in found.services for entry in one.newer}
    assert "one-way: its data are then those of postgres 18; it opens only data of 18" in means["db", "18.6"]
    assert "breaking: it refuses a mount at /var/lib/postgresql/data" in means["db", "18.6"]
    assert "one-way: its snapshots are then of format 12, which 7.2.5 does not load" in means["cache", "7.4.1"]
    assert "one-way" in means["m", "11.4.2"]
    assert means["n8n", "3.0.0"] == (
        "one-way: 3.0.0 migrates its database at the start, and nothing takes that back a new major version: read its release notes"
    )
    assert {one.service: one.notes for one in found.services}["m"] == ("support of 10.6 ended on 2026-07-06",)
    assert {name: entry["image"].partition("@")[0] for name, entry in found.patch["services"].items()} == {
        "m": "mariadb:10.6.9",
        "n8n": "n8nio/n8n:2.41.9",
    }


def test_a_tag_that_names_another_image_is_a_finding(server: Server) -> None:
    ledger = Ledger()
    assert look(server, ledger, {"db": "postgres:17.11"}).findings == ()
    was = server.images["library/postgres"]["17.11"]
    server.images["library/postgres"]["17.11"] = digest_of("another")
    [moved] = look(server, ledger, {"db": "postgres:17.11"}, NOW + DAY).findings
    assert (moved.code, moved.severity, moved.path) == ("ZA016", "warning", "services.db.image")
    assert f"docker.io/library/postgres:17.11 was {was[:19]} and is now {digest_of('another')[:19]}" in moved.message
    assert f"docker.io/library/postgres:17.11@{was}" in moved.fix
    # The same image, written in full, is the same entry.
    assert len(look(server, ledger, {"db": "docker.io/library/postgres:17.11"}, NOW + DAY).findings) == 1
    # A definition that pins what the tag names now has been looked at; one that pins something else is told, also without a ledger.
    assert look(server, ledger, {"db": f"postgres:17.11@{digest_of('another')}"}, NOW + 2 * DAY).findings == ()
    assert [one.code for one in look(server, Ledger(), {"db": f"postgres:17.11@{was}"}).findings] == ["ZA016"]


def test_what_runs_is_pinned_when_told_but_for_what_is_pinned_or_moved(server: Server) -> None:
    ledger, pinned = Ledger(), f"postgres:17.11@{digest_of('library/postgres', '17.11')}"
    images = {"db": "postgres:17.12", "kept": pinned, "n8n": "n8nio/n8n:3.0.0", "old": "postgres:17.10", "none": "example/none:1"}
    look(server, ledger, images)
    server.images["n8nio/n8n"]["3.0.0"] = digest_of("another")
    found = look(server, ledger, images, pin=True)
    assert {name: entry["image"] for name, entry in found.patch["services"].items()} == {
        "db": f"postgres:17.12@{digest_of('library/postgres', '17.12')}",
        "old": f"postgres:17.10@{digest_of('library/postgres', '17.10')}",
    }
    assert [finding.path for finding in found.findings] == ["services.n8n.image"]
    assert look(server, ledger, images, NOW + 4 * DAY, pin=True).patch["services"]["old"]["image"].startswith("postgres:17.12@")


def test_a_digest_that_is_pinned_gets_older_without_its_registry(server: Server) -> None:
    ledger, pin = Ledger(), digest_of("anything")
    look(server, ledger, {"db": f"nobody/has-it:1@{pin}", "web": f"postgres:17.11@{pin}"})
    look(server, ledger, {"db": f"nobody/has-it:1@{pin}"}, NOW + DAY)
    assert [ledger.seen(name, pin) for name in ("docker.io/nobody/has-it:1", "docker.io/library/postgres:17.11")] == [NOW, NOW]


def test_a_clock_that_went_back_makes_nothing_old(server: Server) -> None:
    ledger = Ledger()
    look(server, ledger, {"db": "postgres:17.11"}, NOW + 100 * DAY)
    assert [entry.hours for entry in only(look(server, ledger, {"db": "postgres:17.11"}, NOW)).newer] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("example/gone:1", "docker.io has no such image for a reader without an account"),
        ("${IMAGE}", "its name is not known before Compose reads it"),
    ],
)
def test_what_a_registry_does_not_have_is_unknown(server: Server, image: str, why: str) -> None:
    found = look(server, Ledger(), {"a": image, "db": "postgres:17.11"})
    assert [one.unknown for one in found.services] == [why, ""]


def test_a_registry_that_is_not_there_or_not_one_is_unknown(server: Server) -> None:
    gone = updates({"services": {"a": {"image": "x:1"}}}, lambda name: Registry(name, "http://127.0.0.1:9", 1.0), Ledger(), NOW, 0.0)
    assert lines(gone)[2:] == [
        "unknown for a: docker.io does not answer: [Errno 111] Connection refused",
        "",
        "No registry answered, so nothing is known.",
    ]
    server.broken = b"<html>"
    with pytest.raises(RegistryError, match="something else than JSON"):
        Registry("docker.io", server.address, 5.0).tags("library/postgres")
    server.broken, server.page, server.elsewhere = b"", 2, "http://10.0.0.1"
    with pytest.raises(RegistryError, match="leads to another address"):
        Registry("docker.io", server.address, 5.0).tags("library/postgres")
    server.realm = "http://10.0.0.1/token"
    with pytest.raises(RegistryError, match=r"asks for a token from .*, which is not safe"):
        Registry("docker.io", server.address, 5.0).tags("library/postgres")


def test_it_is_shown_with_the_patch(server: Server) -> None:
    found = look(server, Ledger(), {"db": "postgres:17.11", "n8n": "n8nio/n8n:3.0.0", "own": "example/own:1"}, age=0.0)
    means = (
        "one-way: its data are then those of postgres 18; it opens only data of 18: dump and restore; "
        "breaking: it refuses a mount at /var/lib/postgresql/data; a new major version: read its release notes"
    )
    assert lines(found) == [
        "UPDATES by the registries. Nothing was changed.",
        "",
        "service  now    newer  seen for  what it means",
        "db       17.11  17.12       0 h  ready",
        f"                18.6        0 h  {means}",
        "n8n      3.0.0  -             -  the newest",
        "",
        "unknown for own: docker.io has no such image for a reader without an account",
        "",
        "For the inventory:",
        "catalog_overrides:",
        "  services:",
        "    db:",
        f"      image: postgres:17.12@{digest_of('library/postgres', '17.12')}",
    ]
    plain: dict[str, Any] = json.loads(json.dumps(found.to_dict()))
    assert plain["patch"] == found.patch

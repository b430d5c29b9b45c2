# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running service takes no image that nobody has seen for long enough, and a tag that was moved is told with both images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.container import PinnedImage
from ansible_collections.ziggie.stack.plugins.module_utils.host import codes
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import DeployedContainer, Engine, Facts, LocalImage
from ansible_collections.ziggie.stack.plugins.module_utils.observe.ledger import Ledger
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.images import moved, too_new
from ansible_collections.ziggie.stack.plugins.plugin_utils.facts import wish_of

HOUR = 3600.0
NOW = 1000 * HOUR
OLD, NEW, OTHER = (f"sha256:{letter * 64}" for letter in "abc")
TAG = "docker.io/library/redis:8.2.10"
LEDGER = Ledger({TAG: {NEW: NOW - 80 * HOUR, OTHER: NOW - 3 * HOUR}})
PIN = PinnedImage(reference="redis:8.2.9", digest=OLD, id="sha256:1")


def facts(image: str = "redis:8.2.9", **more: Any) -> Facts:
    deployed = DeployedContainer(name="cache-1", project="shop", service="cache", image=image, directory="", ours=True)
    images = more.pop("images", {})
    return Facts(project="shop", engine=Engine(running=True, deployed=(deployed,) if image else (), images=images), **more)


def held(image: str, known: Facts, acknowledged: object = "", ledger: Ledger = LEDGER, **policy: Any) -> list[str]:
    compose = {"services": {"cache": {"image": image}}}
    found = list(too_new(compose, known, ledger, NOW, policy, acknowledged))
    assert {(one.code, one.severity, one.path) for one in found} <= {(codes.IMAGE_TOO_NEW, "error", "services.cache.image")}
    return [one.sentence() for one in found]


def test_an_image_that_was_seen_long_ago_is_taken_and_one_that_was_not_is_refused_with_what_to_do() -> None:
    assert held(f"redis:8.2.10@{NEW}", facts()) == []
    assert held("redis:8.2.10", facts(images={"redis:8.2.10": LocalImage(id="sha256:2", digest=NEW)})) == []
    [young] = held(f"redis:8.2.10@{OTHER}", facts())
    assert "was first seen 3 hours ago, and a running service takes an image once it was seen for 72 hours; wait; or add" in young
    [unseen] = held("redis:8.2.11", facts())
    assert unseen == (
        "services.cache.image: redis:8.2.11 was never seen before, and a running service takes an image once it was seen for 72 hours; "
        "run ziggie.stack.updates, which remembers it, and wait; or add -e upgrade_acknowledged=cache@8.2.11; or keep redis:8.2.9"
    )
    # What the tag names by the registry's last word.
    [newest] = held("redis:8.2.10", facts())
    assert f"redis:8.2.10 ({OTHER[:19]}) was first seen 3 hours ago" in newest


@pytest.mark.parametrize(
    ("image", "known", "more"),
    [
        ("redis:9", facts(""), {}),
        ("redis:8.2.9", facts(), {}),
        ("redis:8.2.9", facts("mirror:5000/docker.io/library/redis:8.2.9"), {}),
        # The engine tells the id where the tag was moved; nobody remembered the image, or somebody did.
        ("redis:8.2.9", facts("sha256:" + 64 * "1"), {}),
        ("redis:8.2.9", facts("sha256:" + 64 * "1", pins={"cache": PIN}), {}),
        # The image that runs, pinned by its digest.
        (f"redis:8.2.9@{OLD}", facts(pins={"cache": PIN}), {}),
        (f"redis:8.2.9@{OLD}", facts(images={"redis:8.2.9": LocalImage(id="sha256:1", digest=OLD)}), {}),
        # Made on the host.
        ("shop:2", facts("shop:1", images={"shop:2": LocalImage(id="sha256:2")}), {}),
        # The way back.
        (f"redis:8.2.8@{OTHER}", facts(ran=(OTHER,)), {}),
        ("redis:8.2.11", facts(), {"acknowledged": "cache@8.2.11"}),
        ("redis:8.2.11-alpine", facts(), {"acknowledged": ["cache@8.2.11-alpine"]}),
        ("redis:8.2.11", facts(), {"image_age": "0h"}),
        (f"redis:8.2.10@{OTHER}", facts(), {"image_age": "2h"}),
    ],
)
def test_what_is_not_held_up(image: str, known: Facts, more: dict[str, Any]) -> None:
    assert held(image, known, **more) == []


@pytest.mark.parametrize(
    ("image", "known", "more"),
    [
        (f"redis:8.2.9@{OTHER}", facts(pins={"cache": PIN}), {}),
        ("redis:9", facts("sha256:" + 64 * "1", pins={"cache": PIN}), {}),
        (f"redis:8.2.10@{NEW}", facts(), {"ledger": Ledger()}),
        ("redis:8.2.11", facts(), {"acknowledged": "cache@8.2.10, other@8.2.11"}),
        # A setting that cannot be read lets nothing through.
        ("redis:8.2.11", facts(), {"image_age": "soon"}),
    ],
)
def test_what_is_held_up(image: str, known: Facts, more: dict[str, Any]) -> None:
    assert len(held(image, known, **more)) == 1


def test_what_compose_builds_is_not_held_up() -> None:
    compose = {"services": {"cache": {"image": "shop:2", "build": "."}}}
    assert list(too_new(compose, facts("shop:1"), LEDGER, NOW, {}, "")) == []


def test_a_tag_that_was_moved_is_told_with_both_images_and_the_day() -> None:
    now = LocalImage(id="sha256:2", digest=OTHER, tagged="2026-11-30T12:00:00")
    known = facts(pins={"cache": PIN}, images={"redis:8.2.9": now})
    [one] = moved(known, Ledger({"docker.io/library/redis:8.2.9": {OTHER: 0.0}}))
    assert (one.code, one.severity, one.path) == (codes.TAG_MOVED, "warning", "services.cache.image")
    assert one.sentence() == (
        f"services.cache.image: redis:8.2.9 was {OLD[:19]} when it was released and is {OTHER[:19]} on this host since 2026-11-30 12:00:00 UTC, "
        f"first seen on 1970-01-01; the service keeps the old one; look at what its publisher says of it; to take it, write redis:8.2.9@{OTHER}"
    )
    alone = replace(PIN, digest="")
    [own] = moved(replace(known, pins={"cache": alone}), Ledger())
    assert "no registry has the old one, so the service gets the new one with its next container" in own.message
    for same in ({}, {"redis:8.2.9": replace(now, id=PIN.id)}):
        assert list(moved(facts(pins={"cache": PIN}, images=same), Ledger())) == []


def test_a_ledger_that_cannot_be_read_is_told_and_one_that_is_absent_is_not(tmp_path: Path) -> None:
    assert list(wish_of({"ledger": str(tmp_path / "none")}).known) == []
    (tmp_path / "bad").write_text("{", encoding="utf-8")
    [one] = wish_of({"ledger": str(tmp_path / "bad")}).known
    assert (one["code"], one["severity"], one["path"]) == (codes.SETTING_UNREADABLE, "warning", "updates_ledger")
    (tmp_path / "good").write_bytes(LEDGER.written())
    assert wish_of({"ledger": str(tmp_path / "good")}).ledger.seen(TAG, NEW) == NOW - 80 * HOUR

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fragments and overrides become one definition, and what is wrong with an override is named."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.catalog import codes
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import deep_merge, left_out, merge

REDIS = {
    "services": {
        "redis": {
            "image": "redis:8",
            "volumes": ["redis_data:/data", "./config:/etc/redis:ro"],
            "secrets": [{"source": "redis__conf"}],
            "x-budget": {"memory": {"floor": "64m", "request": "256m"}},
        }
    },
    "volumes": {"redis_data": {}},
    "secrets": {"redis__conf": {"file": "./secrets/redis/conf"}},
}
NGINX = {"services": {"nginx": {"image": "nginx:1", "ports": ["80:80"]}}}
NETWORK = {"name": "ziggie", "networks": {"default": {"name": "ziggie-network"}}}
FRAGMENTS = [NETWORK, REDIS, NGINX]


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": {"b": 1}}, {"a": None}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": {"b": 2}}, {"a": 1}, {"a": 1}),
        ({}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": 1}, {"b": None}, {"a": 1}),
    ],
)
def test_mappings_merge_null_removes_all_else_replaces(base: Any, over: Any, merged: Any) -> None:
    assert deep_merge(base, over) == merged


def test_an_override_reaches_one_figure_and_leaves_the_rest() -> None:
    compose, findings = merge(FRAGMENTS, {"services": {"redis": {"x-budget": {"memory": {"request": "1g"}}}}}, [])
    assert findings == []
    assert compose["services"]["redis"]["x-budget"]["memory"] == {"floor": "64m", "request": "1g"}
    assert compose["services"]["redis"]["image"] == "redis:8"
    assert compose["networks"] == NETWORK["networks"]


def test_an_excluded_service_takes_its_volumes_and_secrets_along() -> None:
    compose, findings = merge(FRAGMENTS, {}, ["redis"])
    assert findings == []
    assert (list(compose["services"]), compose["volumes"], compose["secrets"]) == (["nginx"], {}, {})


def test_a_service_that_null_removes_is_gone() -> None:
    compose, findings = merge(FRAGMENTS, {"services": {"redis": None}}, [])
    assert findings == []
    assert list(compose["services"]) == ["nginx"]


def test_a_new_service_needs_an_image() -> None:
    compose, findings = merge(FRAGMENTS, {"services": {"mine": {"image": "mine:1"}}}, [])
    assert findings == []
    assert compose["services"]["mine"] == {"image": "mine:1"}


OPTIONAL = {"services": {"shipper": {"image": "shipper:1", "x-budget": {"optional": True, "pids": 50}}}}


def test_an_optional_service_is_there_only_where_it_is_included_whatever_is_excluded() -> None:
    fragments = [*FRAGMENTS, OPTIONAL]
    for excluded in ([], ["redis"]):
        compose, findings = merge(fragments, {}, excluded)
        assert (findings, "shipper" in compose["services"]) == ([], False)
    compose, findings = merge(fragments, {}, [], ["shipper"])
    assert findings == []
    assert compose["services"]["shipper"] == {"image": "shipper:1", "x-budget": {"pids": 50}}
    assert "shipper" not in merge(fragments, {}, ["shipper"], ["shipper"])[0]["services"]
    assert OPTIONAL["services"]["shipper"]["x-budget"]["optional"] is True


def test_an_override_of_an_optional_service_that_is_not_there_says_how_to_include_it() -> None:
    _compose, [finding] = merge([*FRAGMENTS, OPTIONAL], {"services": {"shipper": {"mem_limit": "1g"}}})
    assert finding.fix == "add shipper to catalog_included"


def test_what_is_included_has_to_be_known() -> None:
    _compose, [finding] = merge([*FRAGMENTS, OPTIONAL], {}, [], ["shiper"])
    assert (finding.path, finding.fix) == ("catalog_included[0]", "write shipper")


@pytest.mark.parametrize(
    ("overrides", "excluded", "code", "words"),
    [
        ({"services": {"rediss": {"mem_limit": "1g"}}}, [], codes.UNKNOWN_SERVICE, ["catalog_overrides.services.rediss", "redis"]),
        ({}, ["promtial"], codes.UNKNOWN_SERVICE, ["catalog_excluded[0]", "promtial"]),
        ({"servics": {}}, [], codes.UNKNOWN_SECTION, ["catalog_overrides.servics", "services"]),
        ({"services": ["redis"]}, [], codes.OVERRIDE_SHAPE, ["catalog_overrides.services"]),
        ({"services": {"redis": "big"}}, [], codes.OVERRIDE_SHAPE, ["catalog_overrides.services.redis", "big"]),
        (["redis"], [], codes.OVERRIDE_SHAPE, ["catalog_overrides"]),
    ],
)
def test_what_is_wrong_is_named(overrides: Any, excluded: list[str], code: str, words: list[str]) -> None:
    _compose, findings = merge(FRAGMENTS, overrides, excluded)
    assert [finding.code for finding in findings] == [code]
    assert [word for word in words if word not in findings[0].sentence()] == []


def test_what_can_be_merged_is_so_that_its_problems_are_told_as_well() -> None:
    wrong = {
        "services": {"rediss": {"mem_limit": "1g"}, "nginx": "big", "redis": {"mem_limit": "lots"}},
        "servics": {},
        "volumes": {"redis_data": []},
    }
    compose, findings = merge(FRAGMENTS, wrong, ["promtial"])
    assert [finding.path.removeprefix("catalog_overrides.") for finding in findings] == [
        "catalog_excluded[0]",
        "services.rediss",
        "services.nginx",
        "servics",
    ]
    assert compose["services"] == {**NGINX["services"], "redis": {**REDIS["services"]["redis"], "mem_limit": "lots"}}
    assert compose["volumes"] == {"redis_data": []}


APP = {"services": {"app": {"image": "mine:1", "x-budget": {"pids": 9, "requires": ["stack_images.app", "token"]}}}}


@pytest.mark.parametrize(
    ("images", "overrides", "image", "requires"),
    [
        ({}, {}, "mine:1", ["stack_images.app", "token"]),
        ({"app": "ghcr.io/me/app:2"}, {}, "ghcr.io/me/app:2", ["token"]),
        ({}, {"services": {"app": {"image": "over:3"}}}, "over:3", ["token"]),
        ({"app": "ghcr.io/me/app:2"}, {"services": {"app": {"image": "over:3"}}}, "over:3", ["token"]),
        ({"app": "ghcr.io/me/app:2"}, {"services": {"app": {"x-budget": {"pids": 8}}}}, "ghcr.io/me/app:2", ["token"]),
        (None, {}, "mine:1", ["token"]),
    ],
)
def test_a_service_whose_image_nobody_publishes_requires_it_until_it_is_named(
    images: Any, overrides: Any, image: str, requires: list[str]
) -> None:
    compose, findings = merge([*FRAGMENTS, APP], overrides, images=images)
    app = compose["services"]["app"]
    assert findings == []
    assert (app["image"], app["x-budget"]["requires"]) == (image, requires)


def test_a_service_that_required_its_image_alone_requires_nothing_afterwards() -> None:
    app = {"services": {"app": {"image": "mine:1", "x-budget": {"pids": 9, "requires": ["stack_images.app"]}}}}
    assert merge([app], {}, images={"app": "a:2"})[0]["services"]["app"] == {"image": "a:2", "x-budget": {"pids": 9}}


def test_an_image_may_be_named_for_any_service() -> None:
    assert merge(FRAGMENTS, {}, images={"redis": "valkey:9"})[0]["services"]["redis"] == {**REDIS["services"]["redis"], "image": "valkey:9"}


@pytest.mark.parametrize(
    ("images", "path", "words"),
    [
        ({"rediss": "redis:9"}, "stack_images.rediss", "redis"),
        ({"redis": {"tag": 9}}, "stack_images.redis", "expected the name of an image"),
        ({"redis": ""}, "stack_images.redis", "expected the name of an image"),
        (["redis"], "stack_images", "expected a mapping"),
    ],
)
def test_an_image_that_cannot_be_taken_is_told(images: Any, path: str, words: str) -> None:
    compose, [finding] = merge(FRAGMENTS, {}, images=images)
    assert (finding.path, finding.severity) == (path, "error")
    assert words in finding.sentence()
    assert compose["services"]["redis"]["image"] == "redis:8"


def test_the_image_of_a_service_that_is_left_out_may_stay_named() -> None:
    assert merge(FRAGMENTS, {}, ["redis"], images={"redis": "redis:9"})[1] == []


def test_own_sections_pass() -> None:
    compose, findings = merge(FRAGMENTS, {"x-mine": {"a": 1}, "name": "other"}, [])
    assert findings == []
    assert (compose["x-mine"], compose["name"]) == ({"a": 1}, "other")


def test_a_wrong_fragment_does_not_stop_the_telling() -> None:
    compose, findings = merge([{"services": {"broken": "text", **REDIS["services"]}, "volumes": {"redis_data": {}}}], {}, [])
    assert findings == []
    assert set(compose["services"]) == {"broken", "redis"}


def test_what_is_merged_is_not_touched() -> None:
    merge(FRAGMENTS, {"services": {"redis": {"image": "redis:9"}}}, [])
    assert REDIS["services"]["redis"]["image"] == "redis:8"


def test_what_is_left_out_is_told_with_the_setting_that_does_so() -> None:
    fragments = [
        {"services": {"a": {"image": "a"}, "b": {"image": "b"}}},
        {"services": {"c": {"image": "c", "x-budget": {"optional": True}}, "d": {"image": "d"}}},
    ]
    compose, _findings = merge(fragments, {"services": {"b": None}}, ["a"])
    assert left_out(fragments, compose, ["a"]) == {
        "a": "catalog_excluded",
        "b": "catalog_overrides",
        "c": "catalog_included does not name it",
    }

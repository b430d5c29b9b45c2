# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories may be a path or a list of paths, and everything that is wrong with them comes back at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleLookupError
from ansible_collections.ziggie.stack.plugins.lookup.catalog import LookupModule


def look(*terms: Any, overrides: Any = None, preset: str = "report", routes: Any = None, certificates: Any = None) -> dict[str, Any]:
    options: dict[str, Any] = {
        "overrides": overrides or {},
        "excluded": [],
        "included": [],
        "images": {},
        "front_page": False,
        "preset": preset,
        "routes": routes or {},
        "gateway": "nginx",
        "certificates": certificates or {},
        "credentials": ["certbot_email"],
    }
    catalog = LookupModule()
    with mock.patch.object(catalog, "set_options"), mock.patch.object(catalog, "get_option", side_effect=options.__getitem__):
        (found,) = catalog.run(list(terms))
    return dict(found)


@pytest.fixture(name="catalog")
def _catalog(tmp_path: Path) -> str:
    (tmp_path / "services").mkdir()
    (tmp_path / "services/a.yml").write_text("services: {a: {image: x:1}}\n")
    return str(tmp_path)


def test_a_directory_may_be_a_path_or_in_a_list(catalog: str) -> None:
    assert look(catalog) == look([catalog]) == look([], [catalog], catalog)
    assert list(look(catalog)["compose"]["services"]) == ["a"]


def test_all_that_is_wrong_is_said_at_once(catalog: str) -> None:
    found = look([catalog, "/gone/1"], "/gone/2", overrides={"servces": {}})
    assert [finding["path"] for finding in found["findings"]] == ["/gone/1", "/gone/2", "catalog_overrides.servces"]


@pytest.mark.parametrize("term", [None, 5, True, {"path": "/srv"}])
def test_what_is_no_directory_is_said(term: Any) -> None:
    with pytest.raises(AnsibleLookupError, match="is not a directory; write the path of one, or a list of paths"):
        look([term])


def test_a_preset_leaves_out_what_it_does_not_name_of_the_first_directory(catalog: str, tmp_path: Path) -> None:
    other = tmp_path / "other/services"
    other.mkdir(parents=True)
    (other / "mine.yml").write_text("services: {mine: {image: x:1}}\n")
    (tmp_path / "services/b.yml").write_text("services: {b: {image: x:1}}\n")
    (tmp_path / "presets.yml").write_text("empty: []\nsome: [b]\nwrong: [bb]\n")
    found = {name: look(catalog, str(other.parent), preset=name) for name in ("report", "empty", "some", "wrong", "sme")}
    assert [finding for name in ("report", "empty", "some") for finding in found[name]["findings"]] == []
    assert list(found["report"]["compose"]["services"]) == ["a", "b", "mine"]
    assert list(found["empty"]["compose"]["services"]) == ["mine"]
    assert list(found["some"]["compose"]["services"]) == ["b", "mine"]
    assert found["some"]["left_out"] == {"a": "catalog_included does not name it"}
    [finding] = found["wrong"]["findings"]
    assert (finding["code"], finding["path"], finding["fix"]) == ("ZC009", "catalog_preset.wrong[0]", "write b")
    [finding] = found["sme"]["findings"]
    assert (finding["path"], finding["fix"]) == ("catalog_preset", "write some")


def test_the_floors_are_the_fragments_own_whatever_overrides_say(catalog: str, tmp_path: Path) -> None:
    (tmp_path / "services/a.yml").write_text("services: {a: {image: x:1, x-budget: {memory: {floor: 64m}}}}\n")
    (tmp_path / "services/b.yml").write_text("services: {b: {image: x:1, x-budget: {memory: odd}}}\n")
    found = look(catalog, overrides={"services": {"a": {"x-budget": {"memory": {"floor": "1g"}}}}})
    assert found["floors"] == {"a": "64m"}
    assert found["compose"]["services"]["a"]["x-budget"]["memory"]["floor"] == "1g"


def test_routes_come_back_with_the_definition_and_what_is_wrong_with_them_with_the_findings(catalog: str, tmp_path: Path) -> None:
    (tmp_path / "services/nginx.yml").write_text("services: {nginx: {image: nginx:1, expose: ['80']}}\n")
    found = look(catalog, routes={"a": {"host": "a.example.org", "port": 80}})
    assert found["findings"] == []
    assert [route["host"] for route in found["compose"]["x-routes"]] == ["a.example.org"]
    assert "route_password" in found["credentials"]
    assert "route_password" not in look(catalog)["credentials"]
    [finding] = look(catalog, routes={"b": "a.example.org"})["findings"]
    assert (finding["code"], finding["path"]) == ("ZC010", "stack_routes.b")


def test_certificates_come_back_with_the_definition_and_what_is_wrong_with_them_with_the_findings(catalog: str, tmp_path: Path) -> None:
    (tmp_path / "services/nginx.yml").write_text("services: {nginx: {image: nginx:1, expose: ['80']}}\n")
    (tmp_path / "services/certbot.yml").write_text(
        "services: {certbot: {image: certbot:1, x-budget: {requires: [certbot_email, certbot_domain]}}}\n"
    )
    routes = {"a": {"host": "a.example.org", "port": 80}}
    found = look(catalog, routes=routes, certificates={"staging": True})
    assert found["findings"] == []
    assert "staging" in found["compose"]["x-certificates"]
    # It stays one that is read.
    assert "certbot_domain" in found["credentials"]
    [finding] = look(catalog, routes=routes, certificates={"stagng": True})["findings"]
    assert (finding["code"], finding["path"], finding["fix"]) == ("ZC015", "stack_certificates.stagng", "write staging")

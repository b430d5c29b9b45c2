# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that extend others stand on their own, or it is said why not."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.adopt.combine import combine
from ansible_collections.ziggie.stack.plugins.module_utils.adopt.extends import Extender


def resolved(services: dict[str, Any], others: dict[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
    told: list[str] = []
    files = others or {}
    extender = Extender(
        load=lambda _file, name: (name, files[name]) if name in files else None,
        report=lambda file, path, message, _fix: told.append(f"{file}: {path}: {message}"),
    )
    return extender.resolve("compose.yml", {"services": services})["services"], told


def test_mappings_merge_lists_append_commands_replace() -> None:
    services, told = resolved(
        {
            "base": {
                "image": "a",
                "command": "x",
                "ports": ["1:1"],
                "environment": ["A=1", "B=2"],
                "volumes": ["a:/a", "b:/b"],
                "depends_on": ["db"],
            },
            "web": {"extends": {"service": "base"}, "command": "y", "ports": ["2:2"], "environment": {"B": 3}, "volumes": ["c:/b"]},
        }
    )
    assert told == []
    assert services["web"] == {
        "image": "a",
        "command": "y",
        "ports": ["1:1", "2:2"],
        "environment": {"A": "1", "B": "3"},
        "volumes": ["a:/a", "c:/b"],
    }


def test_another_file_and_a_chain() -> None:
    others = {"base.yml": {"services": {"a": {"extends": "b", "mem_limit": "1g"}, "b": {"image": "x"}}}}
    assert resolved({"web": {"extends": {"file": "base.yml", "service": "a"}}}, others) == ({"web": {"image": "x", "mem_limit": "1g"}}, [])


def test_a_circle_is_named() -> None:
    services, told = resolved({"a": {"extends": "b", "image": "x"}, "b": {"extends": {"service": "c"}}, "c": {"extends": "a"}})
    assert told == ["compose.yml: services.c.extends: it leads in a circle: a extends b extends c extends a"]
    assert services["a"]["image"] == "x"


def test_a_service_may_not_extend_itself() -> None:
    assert resolved({"a": {"extends": "a"}})[1] == ["compose.yml: services.a.extends: it leads in a circle: a extends a"]


def test_what_is_not_there() -> None:
    told = resolved({"a": {"extends": "b"}, "c": {"extends": {"file": "no.yml", "service": "x"}}, "d": {"extends": 7}})[1]
    assert told == [
        "compose.yml: services.a.extends: there is no service 'b' to extend",
        "compose.yml: services.c.extends: the file 'no.yml' cannot be read",
        "compose.yml: services.d.extends: there is no service '7' to extend",
    ]


def test_a_long_chain_ends() -> None:
    services = {f"s{number}": {"extends": f"s{number + 1}"} for number in range(5000)} | {"s5000": {"image": "x"}}
    assert len(resolved(services)[1]) >= 1


def test_a_later_file_is_laid_over_an_earlier_one() -> None:
    base = {"services": {"a": {"image": "x", "labels": ["l=1"]}}, "volumes": {"v": {"driver": "local"}}}
    over = {"services": {"a": {"labels": {"m": 2}, "image": None}, "b": {"image": "y"}}, "volumes": {"v": {"name": "w"}}, "name": "n"}
    assert combine(base, over) == {
        "services": {"a": {"image": None, "labels": {"l": "1", "m": "2"}}, "b": {"image": "y"}},
        "volumes": {"v": {"driver": "local", "name": "w"}},
        "name": "n",
    }

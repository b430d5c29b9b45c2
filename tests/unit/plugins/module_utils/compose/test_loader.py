# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several files become one document, in Compose's order, or it is said why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.loader import Loader, Problem, Scope, moved
from hypothesis import given
from hypothesis import strategies as st


@dataclass
class Part:
    name: str
    data: dict[str, Any]
    resets: tuple[tuple[str, ...], ...] = ()


def loaded(
    files: dict[str, Any], *names: str, variables: dict[str, str] | None = None, raw: bool = False
) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the document that files make, the problems, and the order of the files."""
    told: list[str] = []

    def report(problem: Problem) -> None:
        told.append(f"{problem.part.name}: {problem.path}: {problem.message}")

    def parts(file: str, _why: str) -> list[Part]:
        found = files.get(file, [])
        return [part if isinstance(part, Part) else Part(file, part) for part in (found if isinstance(found, list) else [found])]

    loader = Loader(parts=parts, content=lambda file, _why: files.get(file, ""), report=report, raw=raw)
    document = loader.load(names or ("compose.yml",), Scope(directory="", variables=variables or {}))
    return document, told, [part.name for part in loader.order]


def resolved(services: dict[str, Any], others: dict[str, Any] | None = None) -> tuple[dict[str, Any], list[str]]:
    document, told, _unused = loaded({"compose.yml": {"services": services}, **(others or {})})
    return document["services"], told


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
        "depends_on": ["db"],
    }


def test_another_file_and_a_chain() -> None:
    others = {"base.yml": {"services": {"a": {"extends": "b", "mem_limit": "1g"}, "b": {"image": "x"}}}}
    assert resolved({"web": {"extends": {"file": "base.yml", "service": "a"}}}, others) == ({"web": {"image": "x", "mem_limit": "1g"}}, [])


def test_a_circle_is_named() -> None:
    services, told = resolved({"a": {"extends": "b", "image": "x"}, "b": {"extends": {"service": "c"}}, "c": {"extends": "a"}})
    assert told == ["compose.yml: services.c.extends: it forms a cycle: a extends b extends c extends a"]
    assert services["a"]["image"] == "x"


def test_a_service_may_not_extend_itself() -> None:
    assert resolved({"a": {"extends": "a"}})[1] == ["compose.yml: services.a.extends: it forms a cycle: a extends a"]


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


INCLUDED = {"services": {"db": {"image": "db", "volumes": ["./data:/data", "named:/n"], "env_file": "db.env", "build": "."}}}


def test_an_included_file_has_paths_variables_and_resources_of_its_own() -> None:
    files = {
        "compose.yml": {"include": ["db/compose.yml"], "services": {"web": {"image": "web:${TAG}", "depends_on": ["db"]}}},
        "db/compose.yml": {
            **INCLUDED,
            "networks": {"back": None},
            "secrets": {"a": {"file": "a.txt"}},
            "name": "${TAG}",
            "services": {"db": {**INCLUDED["services"]["db"], "image": "db:${TAG}-${MORE}"}},
        },
        "db/.env": "TAG=included\nMORE=more",
    }
    document, told, order = loaded(files, variables={"TAG": "given"})
    assert told == []
    assert order == ["db/compose.yml", "compose.yml"]
    assert document == {
        "services": {
            "db": {
                "image": "db:given-more",
                "volumes": ["./db/data:/data", "named:/n"],
                "env_file": ["./db/db.env"],
                "build": "./db",
            },
            "web": {"image": "web:given", "depends_on": ["db"]},
        },
        "networks": {"back": None},
        "secrets": {"a": {"file": "./db/a.txt"}},
    }


def test_the_long_form_of_include() -> None:
    entry = {"path": ["sub/a.yml", "sub/b.yml"], "project_directory": "elsewhere", "env_file": ["one.env", "two.env"]}
    files = {
        "compose.yml": {"include": [entry]},
        "sub/a.yml": {"services": {"db": {"image": "${IMAGE}", "volumes": ["./x:/x"]}}},
        "sub/b.yml": {"services": {"db": {"command": "${COMMAND}"}}},
        "one.env": "IMAGE=one\nCOMMAND=one",
        "two.env": "COMMAND=two",
        "elsewhere/.env": "IMAGE=wrong",
    }
    document, told, order = loaded(files)
    assert (told, order) == ([], ["sub/a.yml", "sub/b.yml", "compose.yml"])
    assert document == {"services": {"db": {"image": "one", "volumes": ["./elsewhere/x:/x"], "command": "two"}}}


def test_include_follows_include_and_what_is_nearer_counts() -> None:
    files = {
        "compose.yml": {"include": ["a/c.yml"], "services": {"x": {"image": "near", "ports": ["1:1"]}}},
        "a/c.yml": {"include": [{"path": "b/c.yml"}], "services": {"x": {"image": "middle", "command": "middle"}}},
        "a/b/c.yml": {"services": {"x": {"image": "far", "ports": ["2:2"]}, "y": {"extends": "x"}}},
    }
    assert loaded(files)[0]["services"] == {
        "x": {"image": "near", "ports": ["2:2", "1:1"], "command": "middle"},
        "y": {"image": "far", "ports": ["2:2"]},
    }


def test_a_circle_of_includes_is_named() -> None:
    files = {"compose.yml": {"include": ["a.yml"]}, "a.yml": {"include": ["b.yml"]}, "b.yml": {"include": ["a.yml"]}}
    assert loaded(files)[1] == ["b.yml: include[0]: it forms a cycle: a.yml includes b.yml includes a.yml"]
    assert loaded({"compose.yml": {"include": "compose.yml"}})[1] == [
        "compose.yml: include[0]: it forms a cycle: compose.yml includes compose.yml"
    ]


def test_what_lies_elsewhere_is_not_followed() -> None:
    assert loaded({"compose.yml": {"include": ["oci://registry/x", {"project_directory": "x"}]}})[1] == [
        "compose.yml: include[0]: 'oci://registry/x' is on another host and is not read",
        "compose.yml: include[1]: {'project_directory': 'x'} names no file",
    ]
    services, told = resolved({"web": {"extends": {"file": "https://example.com/c.yml", "service": "a"}, "image": "x"}})
    assert services == {"web": {"image": "x"}}
    assert told == ["compose.yml: services.web.extends: 'https://example.com/c.yml' is on another host and is not read"]


@pytest.mark.parametrize("raw", [False, True])
def test_names_of_files_and_services_may_be_variables(raw: bool) -> None:
    files = {
        "compose.yml": {"include": ["${WHERE}/c.yml"], "services": {"web": {"extends": {"file": "${BASE}.yml", "service": "$WHICH"}}}},
        "in/c.yml": {"services": {"db": {"image": "${UNSET:-db}"}}},
        "base.yml": {"services": {"a": {"image": "$IMAGE"}}},
    }
    document, told, _unused = loaded(files, variables={"WHERE": "in", "BASE": "base", "WHICH": "a", "IMAGE": "x"}, raw=raw)
    assert told == []
    images = {name: service["image"] for name, service in document["services"].items()}
    assert images == ({"db": "${UNSET:-db}", "web": "$IMAGE"} if raw else {"db": "db", "web": "x"})


def test_what_is_reset_or_replaced_does_not_merge() -> None:
    resets = (("services", "web", "ports"), ("services", "web", "environment", "A"), ("services", "gone"))
    files = {
        "compose.yml": {"services": {"web": {"ports": ["1:1"], "environment": {"A": "1", "B": "2"}}, "gone": {"image": "x"}}},
        "over.yml": Part("over.yml", {"services": {"web": {"ports": ["2:2"], "environment": {}}}}, resets),
    }
    assert loaded(files, "compose.yml", "over.yml")[0] == {"services": {"web": {"ports": ["2:2"], "environment": {"B": "2"}}}}


def test_an_extending_service_may_reset_what_it_extends() -> None:
    part = Part("compose.yml", {"services": {"a": {"image": "x", "ports": ["1:1"]}, "b": {"extends": "a"}}}, (("services", "b", "ports"),))
    assert loaded({"compose.yml": part})[0]["services"]["b"] == {"image": "x"}


def test_documents_of_one_file_are_laid_over_each_other() -> None:
    files = {"compose.yml": [{"services": {"web": {"image": "x"}}}, {"services": {"web": {"restart": "always"}}}]}
    document, told, order = loaded(files)
    assert document == {"services": {"web": {"image": "x", "restart": "always"}}}
    assert (told, order) == ([], ["compose.yml", "compose.yml"])


def test_an_extended_file_is_read_from_its_own_directory() -> None:
    files = {
        "compose.yml": {"services": {"web": {"extends": {"file": "common/base.yml", "service": "a"}}}},
        "common/base.yml": {"services": {"a": {"extends": {"file": "more/x.yml", "service": "b"}, "volumes": ["./a:/a"]}}},
        "common/more/x.yml": {"services": {"b": {"env_file": ["b.env"]}}},
    }
    assert loaded(files)[0]["services"]["web"] == {"volumes": ["./common/a:/a"], "env_file": ["./common/more/b.env"]}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("./a:/b:ro", "./sub/a:/b:ro"),
        ("../a:/b", "./a:/b"),
        ("../../a:/b", "../a:/b"),
        ("/a:/b", "/a:/b"),
        ("~/a:/b", "~/a:/b"),
        ("a:/b", "a:/b"),
        ("${DIR:-./a}:/b", "${DIR:-./a}:/b"),
        ({"type": "bind", "source": "a", "target": "/b"}, {"type": "bind", "source": "./sub/a", "target": "/b"}),
        ({"type": "volume", "source": "a", "target": "/b"}, {"type": "volume", "source": "a", "target": "/b"}),
    ],
)
def test_paths_that_move(written: Any, expected: Any) -> None:
    assert moved({"services": {"a": {"volumes": [written]}}}, "sub") == {"services": {"a": {"volumes": [expected]}}}


KEYS = "build configs depends_on env_file environment extends extra_hosts file image include ipam networks path ports secrets service volumes".split()  # noqa: SIM905
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text("a:/$ {}-=.", max_size=5), st.sampled_from(["a", "b", "other.yml", "${X:-1}"])
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4), max_leaves=12
)
SERVICES = st.dictionaries(st.sampled_from(["a", "b"]), st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=5) | ANYTHING, max_size=2)


@given(SERVICES, SERVICES, ANYTHING, st.booleans())
def test_nothing_raises(first: Any, second: Any, anything: Any, raw: bool) -> None:
    files = {
        "compose.yml": {"services": first, "include": anything, "volumes": anything, "secrets": anything},
        "other.yml": {"services": second, "networks": anything},
    }
    document, _told, _order = loaded(files, "compose.yml", "other.yml", raw=raw)
    assert set(document["services"]) >= {*first, *second}

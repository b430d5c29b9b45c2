# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables are read as Compose reads them."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.interpolate import BadVariableError, interpolate, text

VARIABLES = {"SET": "value", "EMPTY": ""}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("plain", "plain"),
        ("$SET/${SET}", "value/value"),
        ("${UNSET}", "${UNSET}"),
        ("$UNSET", "$UNSET"),
        ("$$SET", "$$SET"),
        ("${UNSET:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${SET:-default}", "value"),
        ("${SET:+other}", "other"),
        ("${UNSET:+other}", ""),
        ("${EMPTY+other}", "other"),
        ("${UNSET:?needed}", "${UNSET:?needed}"),
        ("${SET:?needed}", "value"),
        ("${UNSET:-${SET}}", "value"),
        ("${UNSET:-${ALSO:-deep}}x}", "deepx}"),
        ("${UNSET:-}", ""),
        # A dollar that starts no variable is literal.
        ("$", "$"),
        ("a $ b", "a $ b"),
        ("$(hostname) $! $# 5$ $1 $-", "$(hostname) $! $# 5$ $1 $-"),
        ("$${SET} $$$SET", "$${SET} $$value"),
        ("${A:-" * 40 + "x" + "}" * 40, "x"),
    ],
)
def test_text(written: str, expected: str) -> None:
    assert text(written, VARIABLES) == expected


@pytest.mark.parametrize("written", ["${", "${SET", "${SET!x}", "${1}", "${}", "${A:-" * 60 + "x" + "}" * 60])
def test_what_compose_refuses(written: str) -> None:
    with pytest.raises(BadVariableError):
        text(written, VARIABLES)


def test_bad_variables_are_reported_with_their_path() -> None:
    told: list[tuple[str, str]] = []
    data = {"services": {"web": {"ports": ["80:80", "${PORT"], "image": "${IMAGE:-nginx}"}}}
    assert interpolate(data, {}, lambda path, message: told.append((path, message)))["services"]["web"]["image"] == "nginx"
    assert [path for path, _unused in told] == ["services.web.ports[1]"]


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "TOKEN", "API_KEY", "APIKEY", "S3_SECRET", "DB_PASS", "JWT_KEY2", "AUTH_SALT", "dbPass", "CODE_SERVER_PSW"]
)
def test_what_looks_like_a_secret_is_replaced_only_where_the_plan_needs_it(name: str) -> None:
    web = {"environment": {"A": f"${name}"}, "command": ["x", f"${{{name}}}"], "image": f"x:${{{name}}}", "mem_limit": f"${{{name}}}"}
    document = {"services": {"web": web}, "configs": {"c": {"content": f"${{{name}}}"}}, "x-all": f"${{{name}}}"}
    assert interpolate(document, {name: "1g"}, print) == {
        "services": {"web": {**web, "image": "x:1g", "mem_limit": "1g"}},
        "configs": document["configs"],
        "x-all": document["x-all"],
    }


@pytest.mark.parametrize(
    "name", ["KEYCLOAK_MEMORY", "VALKEY_HOST", "PASSBOLT_URL", "TOKENIZERS_PARALLELISM", "KEYDB", "MONKEY", "SALTSTACK_X"]
)
def test_a_name_that_only_begins_like_a_secret_is_replaced(name: str) -> None:
    assert interpolate({"services": {"web": {"environment": [f"A=${{{name}}}"]}}}, {name: "1"}, print) == {
        "services": {"web": {"environment": ["A=1"]}}
    }


def test_an_unset_variable_can_be_empty() -> None:
    assert text("a$UNSET${UNSET}b$$c${SET:-x}", VARIABLES, unset="") == "ab$cvalue"

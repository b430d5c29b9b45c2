# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables are read as Compose reads them."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.adopt.interpolate import BadVariableError, dot_env, interpolate, text

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
    ],
)
def test_text(written: str, expected: str) -> None:
    assert text(written, VARIABLES) == expected


@pytest.mark.parametrize("written", ["${", "${SET", "$", "${SET!x}", "${1}", "a $ b", "${A:-" * 20 + "x" + "}" * 20])
def test_what_compose_refuses(written: str) -> None:
    with pytest.raises(BadVariableError):
        text(written, VARIABLES)


def test_bad_variables_are_reported_with_their_path() -> None:
    told: list[tuple[str, str]] = []
    data = {"services": {"web": {"ports": ["80:80", "${PORT"], "image": "${IMAGE:-nginx}"}}}
    assert interpolate(data, {}, lambda path, message: told.append((path, message)))["services"]["web"]["image"] == "nginx"
    assert [path for path, _unused in told] == ["services.web.ports[1]"]


def test_dot_env() -> None:
    assert dot_env("# no\nA=1\nexport B = 'two # 2'\nC=three # 3\nD\n\n#E=5\n") == {"A": "1", "B": "two # 2", "C": "three"}

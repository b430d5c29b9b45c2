# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files are rendered from the Budget, for the services that run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render

COMPOSE: dict[str, Any] = {
    "services": {
        "web": {"image": "web:1", "x-budget": {"memory": {"floor": "64m", "request": "256m"}}},
        "off": {"image": "off:1", "x-budget": {"requires": ["token"]}},
    }
}
BUDGET = solve(COMPOSE, {"memory": "8g", "cpus": 2}, {"credentials": []}).to_dict()


def put(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def ours(rendered: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in rendered.items() if path.startswith(("config/web/", "config/off/"))}


def test_a_template_sees_the_budget_and_a_plain_file_is_itself(tmp_path: Path) -> None:
    root = put(
        tmp_path,
        web__a_dot_conf_dot_j2="limit {{ budget.services.web.memory.limit }}\nimage {{ compose.services.web.image }}\n",
        web__deep__b_dot_sh="echo {{ not a template }}\n",
        off__c_dot_conf="never\n",
    )
    assert ours(render([root], BUDGET, COMPOSE)) == {
        "config/web/a.conf": f"limit {256 << 20}\nimage web:1\n",
        "config/web/deep/b.sh": "echo {{ not a template }}\n",
    }


def test_a_later_roots_file_replaces_an_earlier_ones(tmp_path: Path) -> None:
    first = put(tmp_path / "1", web__a_dot_conf="first", web__b_dot_conf="first")
    second = put(tmp_path / "2", web__a_dot_conf_dot_j2="second")
    assert ours(render([first, second], BUDGET, COMPOSE)) == {"config/web/a.conf": "second", "config/web/b.conf": "first"}


def test_all_files_that_are_wrong_are_named_at_once(tmp_path: Path) -> None:
    root = put(tmp_path / "1", web__a_dot_j2="{{ nobody }}", web__b_dot_json="{", web__c_dot_conf="fine")
    (root / "web/d.conf").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="cannot be rendered") as caught:
        render([root], BUDGET, COMPOSE)
    said = str(caught.value)
    assert f"{root}/web/a.j2 cannot be rendered: " in said
    assert f"{root}/web/b.json does not parse: " in said
    assert f"{root}/web/d.conf is no text in UTF-8" in said


@pytest.mark.parametrize(
    "text", ["{{ budget.services.nobody.memory }}", "{{ stack_credentials }}", "\n{{ unclosed", "{{ 1 // 0 }}", "{{ budget + 1 }}"]
)
def test_a_template_that_asks_for_more_is_named(tmp_path: Path, text: str) -> None:
    line = ", line 2," if "unclosed" in text else ""
    with pytest.raises(ValueError, match=rf"^{tmp_path}/web/a\.j2{line} cannot be rendered: "):
        render([put(tmp_path, web__a_dot_j2=text)], BUDGET, COMPOSE)

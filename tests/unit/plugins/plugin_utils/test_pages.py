# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages as files."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import write
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample


def test_a_page_is_written_whole_where_it_was_asked_for(tmp_path: Path) -> None:
    prepared = {"budget": sample.budget(4), "findings": []}
    path = write(str(tmp_path / "a" / "b"), "vps-1", prepared, [], None)
    assert path == (tmp_path / "a" / "b" / "ziggie-vps-1.html").resolve()
    assert path.read_text(encoding="utf-8").endswith("</html>\n")
    assert [file.name for file in path.parent.iterdir()] == ["ziggie-vps-1.html"]


def test_a_hosts_name_leads_to_no_other_directory(tmp_path: Path) -> None:
    path = write(str(tmp_path), "../../x y", {"budget": {}, "findings": [sample.finding("error")]}, [], None)
    assert path.parent == tmp_path.resolve()
    assert path.name == "ziggie-.._.._x_y.html"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of images says what the table says."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.images.page import page
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import table

PAGE = Path(__file__).resolve().parents[5] / "docs/images.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "generate it: .venv/bin/python tools/images-page"


def test_each_family_image_and_source_is_on_the_page() -> None:
    text, written = page(), [family for theme in table().themes for family in theme.families]
    assert [family.name for family in written if f"### {family.name}\n" not in text] == []
    assert [image for family in written for image in family.images if f"`{image}`" not in text] == []
    assert [row for row in text.splitlines() if row.startswith("| ") and row.replace("\\|", "").count("|") != 5] == []

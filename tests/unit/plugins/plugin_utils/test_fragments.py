# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fragments are read in the order of their names; one that cannot be read is named and stops no other."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.catalogue import codes
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read


def test_the_network_first_then_the_services_by_name(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for name in ("b", "a"):
        (tmp_path / f"services/{name}.yml").write_text(f"services: {{{name}: {{}}}}\n")
    (tmp_path / "services/notes.md").write_text("no fragment")
    (tmp_path / "stack.yml").write_text("name: ziggie\n")
    assert read(tmp_path) == ([{"name": "ziggie"}, {"services": {"a": {}}}, {"services": {"b": {}}}], [])


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for name, text in {
        "good": "services: {}",
        "list": "[1]",
        "empty": "",
        "broken": "a: [",
        "double": "services:\n  a: {image: x}\n  a: {image: y}\n",
        "circle": "services: &s {a: *s}",
    }.items():
        (tmp_path / f"services/{name}.yml").write_text(text)
    fragments, findings = read(tmp_path)
    assert fragments == [{"services": {}}]
    assert {finding.code for finding in findings} == {codes.UNREADABLE_FRAGMENT}
    assert [finding.message for finding in findings if "double.yml:3" in finding.path] == [
        "the fragment cannot be read: 'a' is written twice, in line 2 already"
    ]
    assert sorted(Path(finding.path.split(":")[0]).stem for finding in findings) == ["broken", "circle", "double", "empty", "list"]
    assert all("\n" not in finding.sentence() for finding in findings)


def test_a_directory_without_fragments_has_none(tmp_path: Path) -> None:
    assert read(tmp_path) == ([], [])


def test_nothing_that_a_tag_names_is_made(tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text('x-mine: !!python/object/apply:os.system ["exit 1"]\n')
    assert read(tmp_path) == ([{"x-mine": ["exit 1"]}], [])

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fragments are read in the order of their names; one that cannot be read is named and stops no other."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.catalog import codes
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
        "the fragment cannot be read: 'a' is written twice, first in line 2"
    ]
    assert sorted(Path(finding.path.split(":")[0]).stem for finding in findings) == ["broken", "circle", "double", "empty", "list"]
    assert all("\n" not in finding.sentence() for finding in findings)


def test_a_directory_without_fragments_is_named(tmp_path: Path) -> None:
    fragments, [finding] = read(tmp_path)
    assert fragments == []
    assert finding.sentence() == f"{tmp_path}: the catalog has no fragment; add stack.yml or services/<service>.yml"


def test_a_fragment_that_nothing_reads_is_named(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for name in ("services/a.yml", "services/b.yaml", "c.yml"):
        (tmp_path / name).write_text("services: {}\n")
    (tmp_path / "settings.yml").write_text("stack_host: {}\n")
    fragments, findings = read(tmp_path)
    assert fragments == [{"services": {}}]
    assert [(Path(finding.path).name, finding.fix) for finding in findings] == [
        ("c.yml", f"move it to {tmp_path}/services/c.yml"),
        ("b.yaml", f"move it to {tmp_path}/services/b.yml"),
    ]


def test_nothing_that_a_tag_names_is_made(tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text('x-mine: !!python/object/apply:os.system ["exit 1"]\n')
    assert read(tmp_path) == ([{"x-mine": ["exit 1"]}], [])


def test_a_pipe_among_the_fragments_is_named_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for place in ("services/a.yml", "b.yml"):
        os.mkfifo(tmp_path / place)
    fragments, (found,) = read(tmp_path)
    assert fragments == []
    assert found.sentence() == (
        f"{tmp_path}/services/a.yml: the fragment cannot be read: it is not a regular file; write a Compose file with a services section"
    )


def test_a_catalog_that_is_not_there_is_named(tmp_path: Path) -> None:
    fragments, (found,) = read(tmp_path / "gone")
    assert fragments == []
    assert found.sentence() == f"{tmp_path}/gone: the catalog is not a directory; name a directory with stack.yml or services/<service>.yml"


def test_services_whose_names_are_not_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for name in ("true", "5", "null"):
        (tmp_path / f"services/{name}.yml").write_text(f"services:\n  {name}: {{image: x:1}}\n")
    fragments, findings = read(tmp_path)
    assert fragments == []
    assert ["the service's name is not text" in finding.message for finding in findings] == [True] * 3

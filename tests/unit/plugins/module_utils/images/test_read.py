# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image is added as data alone, and whatever the schema does not know is told with file, key and value."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.page import page
from ansible_collections.ziggie.stack.plugins.module_utils.images.read import read
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import Table
from ansible_collections.ziggie.stack.plugins.module_utils.problems import BudgetError
from ansible_collections.ziggie.stack.plugins.module_utils.units import MIB
from ansible_collections.ziggie.stack.plugins.plugin_utils.bundle import CORE, _needed

ROOT = Path(__file__).resolve().parents[5]
GUIDE = re.search(r"```toml\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
EXAMPLE = 'title = "Examples"\n\n' + (GUIDE[1] if GUIDE else "")


def test_an_image_is_added_by_data_alone() -> None:
    table = Table.of(read({"12-examples.toml": EXAMPLE}))
    facts = table.facts_of(ImageName.parse("registry.example/mirror/quill/quill:3.0.2"))
    assert (facts.family, facts.port, facts.data, facts.own_probe, facts.floor) == ("quill", 7070, ("/var/lib/quill",), False, 128 * MIB)
    assert table.facts_of(ImageName.parse("quill/quill:2.9")).floor == 0
    assert table.facts_of(ImageName.parse("quill/quill")).version == (3, 1)
    assert "| least memory: 128 MiB | 3 and later | measured on 3.1: 90 MiB" in page(table)


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        ("port = 7070", "prot = 7070", "quill.facts[1].prot: nothing reads 'prot'; write port"),
        ("port = 7070", "port = 70700", "quill.facts[1].port: 70700 is no whole number from 1 to 65535; write a number such as 1"),
        ("port = 7070", 'port = ["7070"]', "quill.facts[1].port: ['7070'] is no whole number from 1 to 65535; write a number such as 1"),
        ("port = 7070", "tools = [1]", "quill.facts[1].tools: [0]: expected a text, got 1"),
        ("own_probe = false", 'own_probe = "no"', "quill.facts[1].own_probe: expected true or false, got 'no'"),
        ('floor = "128m"', 'floor = "128 apples"', "quill.facts[2].floor: '128 apples' is no size; write 1g, 1024m or bytes"),
        ('floor = "128m"', "", "quill.facts[2]: it states no fact; write one of floor, request"),
        ('floor = "128m"', 'environment = ["HEAP"]', "quill.facts[2].environment: 'HEAP' sets nothing; write NAME=value"),
        ('since = "3"', 'since = "three"', 'quill.facts[2].since: \'three\' is no version; write numbers, such as "17" or "8.0.29"'),
        (
            'since = "3"',
            'since = "3"\nbefore = "2.9"',
            "quill.facts[2]: no version is from '3' and before '2.9'; write the earlier one as since",
        ),
        ('since = "3"', 'roles = ["boss"]', "quill.facts[2].roles: [0]: expected 'server' or 'worker' or 'client' or 'job', got 'boss'"),
        ('source = "quill/quill, Dockerfile"\n', "", "quill.facts[1].source: this key is missing; write the document"),
        ('read = "2026-11-30"\nport', "port", "quill.facts[1].read: this key is missing; write a month or a day, such as 2026-11"),
        ('newest_read = "2026-11-30"', "", "quill.newest_read: this key is missing; write a month or a day, such as 2026-11"),
        ('newest_read = "2026-11-30"', 'newest_read = "2026-13"', "quill.newest_read: '2026-13' is no day; write a month or a day"),
        ("newest = ", 'tier = "first"\nnewest = ', "quill.tier: 'first' is none of critical, workflow, management; use one of"),
        ("newest = ", 'like = "quil"\nnewest = ', "quill.like: 'quil' is no other family; leave it out"),
        ("newest = ", 'like = "quill"\nnewest = ', "quill.like: 'quill' is no other family; leave it out"),
        ('images = ["quill/quill"]\n', "", "quill.images: this key is missing; write the names that registries have"),
        (
            '["quill/quill"]',
            '["quill/quill", "quill/quill"]',
            "quill: the image 'quill/quill' is already in 12-examples.toml.quill; write it once",
        ),
        ('title = "Examples"', "", "title: this key is missing; write what its images have in common"),
        ("[quill]", "[quill", "this is no TOML (Expected ']' at the end of a table declaration (at line 3, column 7)); mend that line"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_value(written: str, instead: str, sentence: str) -> None:
    assert written in EXAMPLE
    with pytest.raises(BudgetError) as caught:
        read({"12-examples.toml": EXAMPLE.replace(written, instead, 1)})
    [told] = str(caught.value).splitlines()
    assert sentence in told
    assert "12-examples.toml" in told


def test_all_that_is_wrong_in_all_files_is_told_at_once() -> None:
    with pytest.raises(BudgetError) as caught:
        read({"1.toml": EXAMPLE.replace("port", "prot"), "2.toml": EXAMPLE.replace('"128m"', '"much"').replace("quill", "pen")})
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["1.toml.quill.facts[1].prot", "2.toml.pen.facts[2].floor"]


def test_nothing_that_runs_on_a_host_reads_the_table() -> None:
    """Ansible sends a module's Python there, and no data."""
    table = CORE / "images/table.py"
    assert table in _needed(CORE / "budget/knowledge.py")
    for module in (ROOT / "plugins/modules").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and ".stack.plugins.module_utils." in str(node.module):
                path = CORE.joinpath(*str(node.module).split(".module_utils.")[1].split("."))
                for part in [path / alias.name for alias in node.names] if path.is_dir() else [path]:
                    assert table not in _needed(part.with_suffix(".py")), (
                        f"{module.name} imports {part.name}, which needs the table of images"
                    )

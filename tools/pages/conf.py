# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How `make docs` makes pages of docs/, of two parts of the README, and of the plugins' own documentation."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

project = "ziggie.stack"
copyright = "Ziggie maintainers"  # noqa: A001 - Sphinx asks for it by this name
extensions = ["myst_parser", "sphinx_antsibull_ext"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "ziggie.stack"
html_static_path: list[str] = []
exclude_patterns = ["images"]
# What Ansible's own pages have: they are not asked, so that the pages can be made without a network.
suppress_warnings = ["ref.ref", "ref.envvar"]

SOURCE = "https://github.com/ziggie/stack/blob/main/"
# A page of its own here, a part of the README there: what it is called, and the headings that it lies between.
PARTS = {
    "server": ("Your own server", "## Your own server\n", "### Back up"),
    "backup": ("Back up, and bring data back", "### Back up, and bring data back\n", "## Any Compose file"),
}


def parts(app: Sphinx) -> None:
    """Write the parts of the README as pages beside the others."""
    readme = (Path(app.srcdir).parent / "README.md").read_text(encoding="utf-8")
    for name, (title, begin, end) in PARTS.items():
        if begin not in readme or end not in readme.partition(begin)[2]:
            raise ExtensionError(
                f"README.md: the part from '{begin.strip()}' to '{end.strip()}' is not there; correct PARTS in tools/pages/conf.py"
            )
        text = readme.partition(begin)[2].partition(end)[0].replace("\n### ", "\n## ")
        text = re.sub(r"\]\(docs/", "](", re.sub(r"\]\((?!docs/|https?:|#)", "](../", text))
        (Path(app.srcdir) / f"{name}.md").write_text(f"# {title}\n{text}", encoding="utf-8")


def links(_app: Sphinx, _page: str, source: list[str]) -> None:
    """Let what lies outside of these pages be opened where the code is."""
    source[0] = re.sub(r"\]\(\.\./([^)]+)\)", rf"]({SOURCE}\1)", source[0])


def setup(app: Sphinx) -> None:
    """Have both done by Sphinx."""
    app.connect("builder-inited", parts)
    app.connect("source-read", links)

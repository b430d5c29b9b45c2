# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the README's picture of the report page: the catalog on the report's host, as a plan.

Run from the repository: .venv/bin/python -m ansible_collections.ziggie.stack.tests.browser.picture
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.plugins.plugin_utils.pages import page
from ansible_collections.ziggie.stack.tests.browser.chromium import browser

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "report-page.png"


def main() -> None:
    """Draw the page, look at its top, keep what is seen."""
    fragments, _unreadable = read(ROOT / "roles" / "catalog" / "files")
    compose, _unmerged = merge(fragments, {})
    budget = solve(compose, {"memory": "16g", "cpus": 4, "disk": "200g"}, {}).to_dict()
    with tempfile.TemporaryDirectory() as directory, browser() as chromium:
        path = Path(directory) / "page.html"
        path.write_text(page(budget, title="Budget of kvm4", when="2026-11-26 12:00 UTC"), encoding="utf-8")
        chromium.open(path, width=1200)
        chromium.picture(PICTURE, height=1320)


if __name__ == "__main__":
    main()

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service that the documentation adds is one that the catalog takes, with a name that leads to it and nothing to be said against it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import routed, routes
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare

ROOT = Path(__file__).resolve().parents[3]
CLASSES = {"hot": "/mnt/nvme/ziggie", "log": "/var/log/ziggie"}
PAGE = (ROOT / "docs/service.md").read_text(encoding="utf-8")


def test_the_service_fits_beside_the_others_and_is_reached_by_its_name(stack: dict[str, Any]) -> None:
    [written] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    settings = yaml.safe_load("\n".join(re.findall(r"^    ((?:catalog|stack)_\w+: .*)$", PAGE, re.MULTILINE)))
    merged, wrong = merge([stack, yaml.safe_load(written)], {}, [], [])
    assert wrong == []
    merged, wrong = routed(merged, settings["stack_routes"], "nginx")
    assert [finding.sentence() for finding in wrong] == []
    [route] = routes(merged, merged["services"])
    assert (route.url, route.service, route.port) == ("https://git.example.org/", "gitea", 3000)
    found = prepare(merged, None, Wish(declared={"memory": "15974m", "cpus": 4, "disk": "200g"}, classes=CLASSES))
    assert found.budget is not None
    assert 256 << 20 <= found.budget.services["gitea"].memory.limit <= 512 << 20
    assert [finding.sentence() for finding in found.findings if "gitea" in finding.path] == []

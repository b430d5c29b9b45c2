# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own registry, a real one, is asked; a tag that the ledger knows as something else is told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

CATALOG = Path(__file__).resolve().parents[4] / "roles/catalog/files/services"
REGISTRY = f"http://127.0.0.1:{os.environ.get('LAB_REGISTRY_PORT', '5050')}"


def image_of(service: str) -> str:
    return str(yaml.safe_load((CATALOG / f"{service}.yml").read_text(encoding="utf-8"))["services"][service]["image"])


def test_what_the_stack_runs_is_asked_for_and_noted(play: Callable[..., Any], tmp_path: Path) -> None:
    ledger = tmp_path / "images.json"
    other = "sha256:" + 64 * "0"
    ledger.write_text(json.dumps({image_of("redis"): {other: 1.0}}), encoding="utf-8")
    variables = {
        "updates_registries": {"docker.io": REGISTRY},
        "updates_ledger": str(ledger),
        "updates_format": "json",
        "updates_timeout": 2,
    }
    played = play("updates", variables=variables, log="updates.log")
    assert played.code == 0, played.text
    assert played.recap("changed") == 0
    [written] = [line for line in played.text.splitlines() if line.startswith('{"findings"')]
    told = json.loads(written)
    services = {service["service"]: service for service in told["services"]}
    assert services["postgres"]["digest"].startswith("sha256:")
    assert [(finding["code"], finding["path"]) for finding in told["findings"]] == [("ZA016", "services.redis.image")]
    assert services["postgres"]["digest"] in json.loads(ledger.read_text(encoding="utf-8"))[image_of("postgres")]

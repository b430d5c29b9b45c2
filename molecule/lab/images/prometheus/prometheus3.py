# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a configuration of Prometheus 3.x into one that 2.53 reads, and says what it had to leave out."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

ONLY_3 = {
    "metric_name_validation_scheme",
    "metric_name_escaping_scheme",
    "fallback_scrape_protocol",
    "always_scrape_classic_histograms",
    "convert_classic_histograms_to_nhcb",
    "scrape_native_histograms",
}
FLAGS = {"time": "--storage.tsdb.retention.time", "size": "--storage.tsdb.retention.size"}


def translate(source: Path) -> tuple[str, list[str]]:
    """The configuration as text, and the flags that take over what 2.53 has no key for."""
    config = yaml.safe_load(source.read_text(encoding="utf-8"))
    if not isinstance(config, dict):
        return source.read_text(encoding="utf-8"), []
    tsdb = (config.get("storage") or {}).get("tsdb") or {}
    retention = tsdb.pop("retention", None) or {}
    if not tsdb:
        config.get("storage", {}).pop("tsdb", None)
    if not config.get("storage"):
        config.pop("storage", None)
    flags = [f"{FLAGS[key]}={value}" for key, value in sorted(retention.items()) if key in FLAGS]
    _say(f"storage.tsdb.retention.{key} is not known to 2.53 and left out" for key in retention if key not in FLAGS)
    for place in [config.get("global") or {}, *(config.get("scrape_configs") or [])]:
        for key in sorted(ONLY_3 & set(place)):
            del place[key]
            _say([f"{key} is not known to 2.53 and left out"])
    _absolute(config, source.parent)
    return yaml.safe_dump(config, sort_keys=False, width=1000), flags


def _absolute(config: dict[str, object], folder: Path) -> None:
    """The translated file lies elsewhere, so paths relative to the original are made absolute."""
    for key in ("rule_files", "scrape_config_files"):
        names = config.get(key)
        if isinstance(names, list):
            config[key] = [str(folder / str(name)) for name in names]
    _walk(config, folder)


def _walk(node: object, folder: Path) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and value and str(key).endswith("_file"):
                node[key] = str(folder / value)
            elif key == "file_sd_configs":
                for entry in value:
                    entry["files"] = [str(folder / name) for name in entry["files"]]
            else:
                _walk(value, folder)
    elif isinstance(node, list):
        for entry in node:
            _walk(entry, folder)


def _say(sentences: object) -> None:
    for sentence in sentences:
        print(f"prometheus (lab wrapper): {sentence}", file=sys.stderr, flush=True)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is provisioned: data sources, and the dashboards in the folders that the providers name."""

from __future__ import annotations

import json
from pathlib import Path

from standin import contract


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml"))


def data_sources(folder: Path) -> dict[str, dict[str, object]]:
    """Data sources by uid."""
    found: dict[str, dict[str, object]] = {}
    for path in _files(folder / "datasources"):
        for source in contract.yaml_file("grafana", str(path)).get("datasources") or []:
            if not source.get("name") or not source.get("type"):
                contract.refuse("grafana", f"{path}: a data source needs a name and a type")
            found[str(source.get("uid") or source["name"])] = source
    return found


def dashboards(folder: Path) -> dict[str, dict[str, object]]:
    """Dashboards by uid."""
    found: dict[str, dict[str, object]] = {}
    for path in _files(folder / "dashboards"):
        for provider in contract.yaml_file("grafana", str(path)).get("providers") or []:
            place = Path(str((provider.get("options") or {}).get("path", "")))
            if not place.is_dir():
                print(f"grafana: cannot read the dashboards' directory {place} of {path.name}", flush=True)
                continue
            for file in sorted(place.rglob("*.json")):
                try:
                    board = json.loads(file.read_text(encoding="utf-8"))
                except ValueError as error:
                    contract.refuse("grafana", f"{file} is not JSON: {error}")
                found[str(board.get("uid") or file.stem)] = board
    return found

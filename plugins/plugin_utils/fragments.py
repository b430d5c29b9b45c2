# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read catalogue fragments from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ..module_utils.budget.problems import Finding
from ..module_utils.catalogue.codes import UNREADABLE_FRAGMENT

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(directory: Path) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Read `stack.yml` and `services/*.yml` of a catalogue directory, in the order of their names."""
    fragments, findings = [], []
    for path in [*directory.glob("stack.yml"), *sorted((directory / "services").glob("*.yml"))]:
        try:
            loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # a safe loader
        except (OSError, yaml.YAMLError) as error:
            findings.append(_unreadable(path, " ".join(str(error).split())))
            continue
        if isinstance(loaded, dict):
            fragments.append(loaded)
        else:
            findings.append(_unreadable(path, "it holds no mapping"))
    return fragments, findings


def _unreadable(path: Path, why: str) -> Finding:
    return Finding(
        code=UNREADABLE_FRAGMENT,
        severity="error",
        path=str(path),
        message=f"the fragment cannot be read: {why}",
        fix="write a Compose file with a services section",
    )

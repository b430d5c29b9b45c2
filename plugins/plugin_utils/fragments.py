# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read catalogue fragments from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..module_utils.adopt.codes import NOT_COMPOSE
from ..module_utils.budget.problems import Finding
from ..module_utils.catalogue.codes import UNREADABLE_FRAGMENT
from .adopt.document import LARGEST, parse


def read(directory: Path) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Read `stack.yml` and `services/*.yml` of a catalogue directory, in the order of their names.

    They are read as Compose reads its files: a key that is written twice, aliases that expand without end and files of a
    hundred megabytes are findings.
    """
    fragments, findings = [], []
    for path in [*directory.glob("stack.yml"), *sorted((directory / "services").glob("*.yml"))]:
        try:
            with path.open(encoding="utf-8") as file:
                text = file.read(LARGEST + 1)
        except (OSError, UnicodeDecodeError) as error:
            findings.append(_unreadable(str(path), getattr(error, "strerror", None) or "it is no UTF-8 text"))
            continue
        document, problems = parse(str(path), text)
        # What all services share is a fragment without any.
        if document is not None and "services" not in document.data:
            problems = [problem for problem in problems if problem.code != NOT_COMPOSE]
        if document is not None and not problems:
            fragments.append(document.data)
        findings += [_unreadable(problem.path, problem.message) for problem in problems]
    return fragments, findings


def _unreadable(where: str, why: str) -> Finding:
    return Finding(
        code=UNREADABLE_FRAGMENT,
        severity="error",
        path=where,
        message=f"the fragment cannot be read: {why}",
        fix="write a Compose file with a services section",
    )

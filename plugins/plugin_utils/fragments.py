# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read catalog fragments from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..module_utils.catalog.codes import UNREAD_FRAGMENT, UNREADABLE_FRAGMENT
from ..module_utils.compose.merge import without_resets
from ..module_utils.problems import Finding
from .adopt.document import LARGEST, parse
from .files import text_of


def read(directory: Path) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Read `stack.yml` and `services/*.yml` of a catalog directory, in the order of their names.

    A fragment elsewhere in the directory, which nothing would read, a directory without any fragment and one that is not there are findings, too.

    They are read as Compose reads its files: a key that is written twice, aliases that expand without end and files of a
    hundred megabytes are findings.
    """
    if not directory.is_dir():
        return [], [_ignored(directory, "the catalog is not a directory", "name a directory with stack.yml or services/<service>.yml")]
    fragments: list[dict[str, Any]] = []
    paths = [*directory.glob("stack.yml"), *sorted((directory / "services").glob("*.yml"))]
    findings = _unread(directory, paths)
    for path in paths:
        try:
            text = text_of(path, LARGEST)
        except (OSError, UnicodeDecodeError) as error:
            findings.append(_unreadable(str(path), getattr(error, "strerror", None) or "it is not UTF-8 text"))
            continue
        documents, problems = parse(str(path), text)
        if not problems:
            fragments += [without_resets(document.data) for document in documents]
        findings += [_unreadable(problem.path, problem.message) for problem in problems]
    return fragments, findings


def presets(directory: Path) -> dict[str, Any]:
    """Return the presets of a catalog directory, `presets.yml`: lists of services by name; nothing where it has none or they cannot be read."""
    try:
        documents, problems = parse("presets.yml", text_of(directory / "presets.yml", LARGEST))
    except (OSError, UnicodeDecodeError):
        return {}
    return {} if problems else {str(name): listed for document in documents for name, listed in document.data.items()}


def _unread(directory: Path, paths: list[Path]) -> list[Finding]:
    misplaced = [path for path in _files(directory) if path not in paths and (path.parent.name == "services" or _has_services(path))]
    found = [_ignored(path, "nothing reads this fragment", f"move it to {directory}/services/{path.stem}.yml") for path in misplaced]
    if not paths and not found:
        found = [_ignored(directory, "the catalog has no fragment", "add stack.yml or services/<service>.yml")]
    return found


def _files(directory: Path) -> list[Path]:
    """Return the YAML files of a catalog directory and of its services, in the order of their names."""
    return sorted(path for place in (directory, directory / "services") for ending in ("*.yml", "*.yaml") for path in place.glob(ending))


def _has_services(path: Path) -> bool:
    """Tell whether a file looks like a Compose file; others may lie beside the fragments."""
    try:
        return any(line.startswith("services:") for line in text_of(path, LARGEST).splitlines())
    except (OSError, UnicodeDecodeError):
        return False


def _ignored(path: Path, message: str, fix: str) -> Finding:
    return Finding(code=UNREAD_FRAGMENT, severity="error", path=str(path), message=message, fix=fix)


def _unreadable(where: str, why: str) -> Finding:
    return Finding(
        code=UNREADABLE_FRAGMENT,
        severity="error",
        path=where,
        message=f"the fragment cannot be read: {why}",
        fix="write a Compose file with a services section",
    )

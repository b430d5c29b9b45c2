# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of the core as one file that Python runs: what the program imports, and nothing else."""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CORE = Path(__file__).parents[1] / "module_utils"
# What the core is called in the file, so that nothing of the standard library can be taken for it.
NAME = "ziggie"
# The earliest time that the format knows: the same code is the same bytes at any time.
_WHEN = (1980, 1, 1, 0, 0, 0)


@cache
def bundle(program: str) -> bytes:
    """Return the core's module `program` (`collect/main.py`), which has a `main(arguments)`, as a zip application.

    It is stored, not compressed: compressed bytes differ between versions of zlib.
    """
    sources = {"__main__.py": _entry(program)}
    for path in sorted(_needed(CORE / program)):
        sources[f"{NAME}/{path.relative_to(CORE).as_posix()}"] = path.read_text(encoding="utf-8")
    archive = io.BytesIO(b"#!/usr/bin/python3\n")
    archive.seek(0, io.SEEK_END)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as writer:
        for name, source in sources.items():
            writer.writestr(zipfile.ZipInfo(name, _WHEN), source)
    return archive.getvalue()


def _entry(program: str) -> str:
    module = f"{NAME}.{program.removesuffix('.py').replace('/', '.')}"
    return f"import sys\n\nfrom {module} import main\n\nsys.exit(main(sys.argv[1:]))\n"


def _needed(first: Path) -> set[Path]:
    """Return a module of the core and all of the core that it imports, with their packages."""
    found: set[Path] = set()
    waiting = [first]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imports(path))
            waiting.extend(parent / "__init__.py" for parent in path.parents if parent.is_relative_to(CORE))
    return found


def _imports(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            if module.is_dir():
                yield from (module / f"{alias.name}.py" for alias in node.names)
            else:
                yield module.with_suffix(".py")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short hash of what something is made from, so that nothing is made twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def spec_of(texts: Iterable[str], trees: Iterable[Path] = ()) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    for tree in trees:
        for path in sorted(tree.rglob("*")) if tree.is_dir() else [tree]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(tree.parent)).encode() + b"\0")
                digest.update(b"%o\0" % (path.stat().st_mode & 0o777))
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stand-in mongod keeps: users and documents, one file, replaced whole at every change."""

from __future__ import annotations

import threading
from pathlib import Path

import bson

Document = dict[str, object]


class Store:
    def __init__(self, directory: Path) -> None:
        self._file = directory / "stand-in.bson"
        self._lock = threading.Lock()
        found = bson.decode(self._file.read_bytes()) if self._file.exists() else {}
        self.users: dict[str, Document] = found.get("users", {})
        self.collections: dict[str, list[Document]] = found.get("collections", {})
        # By this file the image's entrypoint sees that the directory is not empty.
        (directory / "WiredTiger").write_text("WiredTiger stand-in\n", encoding="ascii")

    def save(self) -> None:
        with self._lock:
            part = self._file.with_suffix(".part")
            part.write_bytes(bson.encode({"users": self.users, "collections": self.collections}))
            part.replace(self._file)

    def matching(self, namespace: str, wanted: Document) -> list[Document]:
        return [
            document for document in self.collections.get(namespace, []) if all(document.get(key) == value for key, value in wanted.items())
        ]

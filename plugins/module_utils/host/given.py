# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values the services were given: a keyed hash of each, so that a value that was altered since is told from one that is as it was."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path

from . import atomic

# Beside the values, and by their dots none of them: this record, and the note of a rotation that is under way.
FILE, ROTATION = ".given", ".rotation"


def digest(value: str) -> str:
    """Return the hash by which a value is told to the record."""
    return hashlib.sha256(value.encode()).hexdigest()


class Given:
    """The record of a store. One that is absent or cannot be read knows nothing; what lies there then counts as given."""

    def __init__(self, store: Path) -> None:
        self._path = store / FILE
        self._key, self._hashes = secrets.token_hex(16), dict[str, str]()
        try:
            found = json.loads(atomic.read(self._path) or b"")
            key, hashes = found["key"], found["values"]
            if isinstance(key, str) and all(isinstance(value, str) for value in hashes.values()):
                self._key, self._hashes = key, dict(hashes)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        self._before = dict(self._hashes)

    def is_other(self, name: str, told: str) -> bool:
        """Tell whether a value, by its `digest`, is not the one that the services were given."""
        return name in self._hashes and not hmac.compare_digest(self._hashes[name].encode(), self._hash(told).encode())

    def remember(self, name: str, value: str) -> None:
        """Take note of a value that the services are given."""
        self._hashes[name] = self._hash(digest(value))

    @property
    def differs(self) -> bool:
        """Tell whether the record is not what lies in the store."""
        return self._hashes != self._before

    def save(self) -> None:
        """Write the record where it differs."""
        if self.differs:
            content = json.dumps({"key": self._key, "values": self._hashes}, indent=1, sort_keys=True) + "\n"
            atomic.write(self._path, content.encode(), atomic.Ownership(uid=0, gid=0, mode=0o400))
            self._before = dict(self._hashes)

    def _hash(self, told: str) -> str:
        return hmac.new(self._key.encode(), told.encode(), hashlib.sha256).hexdigest()

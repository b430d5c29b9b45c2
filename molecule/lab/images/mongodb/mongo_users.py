# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of a stand-in mongod, and the two halves of a SCRAM conversation."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass

from standin import mongo

ROUNDS = {"SCRAM-SHA-256": 15000, "SCRAM-SHA-1": 10000}


def credentials(user: str, password: str) -> dict[str, dict[str, str]]:
    """What is kept of a password: salt, stored key and server key, per mechanism."""
    found = {}
    for mechanism, rounds in ROUNDS.items():
        salt = os.urandom(16)
        key = mongo.salted(mechanism, user, password, salt, rounds)
        found[mechanism] = {
            "salt": _text(salt),
            "stored": _text(mongo.digest(mechanism, mongo.sign(mechanism, key, b"Client Key"))),
            "server": _text(mongo.sign(mechanism, key, b"Server Key")),
        }
    return found


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@dataclass(slots=True)
class Conversation:
    """A login that has begun."""

    mechanism: str
    user: str
    database: str
    kept: dict[str, str]
    bare: str
    server_first: str

    @classmethod
    def begin(cls, mechanism: str, payload: bytes, database: str, kept: dict[str, str], user: str) -> Conversation:
        bare = payload.decode().split(",", 2)[2]
        nonce = mongo.fields(bare)["r"] + _text(os.urandom(18))
        first = f"r={nonce},s={kept['salt']},i={ROUNDS[mechanism]}"
        return cls(mechanism, user, database, kept, bare, first)

    def finish(self, payload: bytes) -> bytes | None:
        """The server's signature, or None for a wrong password."""
        text = payload.decode()
        without_proof, _unused, proof = text.rpartition(",p=")
        if mongo.fields(without_proof).get("r") != mongo.fields(self.server_first)["r"]:
            return None
        spoken = f"{self.bare},{self.server_first},{without_proof}".encode()
        stored = base64.b64decode(self.kept["stored"])
        client_key = mongo.xor(base64.b64decode(proof), mongo.sign(self.mechanism, stored, spoken))
        if mongo.digest(self.mechanism, client_key) != stored:
            return None
        return b"v=" + base64.b64encode(mongo.sign(self.mechanism, base64.b64decode(self.kept["server"]), spoken))


def user_of(payload: bytes) -> str:
    return mongo.fields(payload.decode().split(",", 2)[2])["n"].replace("=2C", ",").replace("=3D", "=")

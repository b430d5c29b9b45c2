# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MongoDB's wire protocol, as far as a stand-in needs it, and a client of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import struct
from collections.abc import Mapping

import bson

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
LARGEST = 48_000_000
HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}

Document = dict[str, object]


def read_exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = connection.recv(size - len(found))
        if not part:
            raise ConnectionError("the other side closed the connection")
        found += part
    return found


def read_message(connection: socket.socket) -> tuple[int, int, bytes]:
    """Request id, opcode and body of the next message."""
    length, request, _unused, opcode = struct.unpack("<iiii", read_exactly(connection, 16))
    if not 16 <= length <= LARGEST:
        raise ConnectionError(f"a message of {length} bytes is no message")
    return request, opcode, read_exactly(connection, length - 16)


def message(opcode: int, body: bytes, *, answers: int = 0, request: int = 1) -> bytes:
    return struct.pack("<iiii", 16 + len(body), request, answers, opcode) + body


def op_msg_body(document: Mapping[str, object]) -> bytes:
    return struct.pack("<i", 0) + b"\0" + bson.encode(document)


def command_of(opcode: int, body: bytes) -> Document:
    """The command in an OP_MSG (sections 0 and 1) or in an OP_QUERY on $cmd."""
    if opcode == OP_QUERY:
        end = body.index(b"\0", 4)
        database = body[4:end].decode().partition(".")[0]
        found = bson.decode(_one_document(body[end + 1 + 8 :]))
        inner = found.get("$query", found.get("query", found))
        return {**inner, "$db": database}
    command: Document = {}
    rest = body[4 : len(body) - (4 if struct.unpack_from("<I", body)[0] & 1 else 0)]
    while rest:
        kind, rest = rest[0], rest[1:]
        size = struct.unpack_from("<i", rest)[0]
        section, rest = rest[:size], rest[size:]
        if kind == 0:
            command.update(bson.decode(section))
        else:
            end = section.index(b"\0", 4)
            command[section[4:end].decode()] = bson.decode_all(section[end + 1 :])
    return command


def _one_document(raw: bytes) -> bytes:
    return raw[: struct.unpack_from("<i", raw)[0]]


def salted(mechanism: str, user: str, password: str, salt: bytes, rounds: int) -> bytes:
    """SCRAM's salted password; SHA-1 hashes MongoDB's old digest of user and password, SHA-256 the password."""
    secret = password if mechanism == "SCRAM-SHA-256" else hashlib.md5(f"{user}:mongo:{password}".encode()).hexdigest()
    return hashlib.pbkdf2_hmac(HASHES[mechanism], secret.encode(), salt, rounds)


def sign(mechanism: str, key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, HASHES[mechanism]).digest()


def digest(mechanism: str, text: bytes) -> bytes:
    return hashlib.new(HASHES[mechanism], text).digest()


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ two for one, two in zip(left, right, strict=True))


def fields(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(","))


class Client:
    """One connection: commands, and SCRAM-SHA-256 if there is a user."""

    def __init__(self, host: str, port: int, *, seconds: float = 5) -> None:
        self._socket = socket.create_connection((host, port), timeout=seconds)

    def command(self, database: str, command: Mapping[str, object]) -> Document:
        self._socket.sendall(message(OP_MSG, op_msg_body({**command, "$db": database})))
        _unused, opcode, body = read_message(self._socket)
        return command_of(opcode, body)

    def authenticate(self, user: str, password: str, database: str = "admin") -> None:
        mechanism, nonce = "SCRAM-SHA-256", base64.b64encode(os.urandom(18)).decode()
        bare = f"n={user},r={nonce}"
        first = self.command(database, {"saslStart": 1, "mechanism": mechanism, "payload": f"n,,{bare}".encode()})
        self._must(first)
        server = bytes(first["payload"]).decode()
        given = fields(server)
        key = salted(mechanism, user, password, base64.b64decode(given["s"]), int(given["i"]))
        client_key = sign(mechanism, key, b"Client Key")
        final = f"c=biws,r={given['r']}"
        proof = xor(client_key, sign(mechanism, digest(mechanism, client_key), f"{bare},{server},{final}".encode()))
        payload = f"{final},p={base64.b64encode(proof).decode()}".encode()
        last = self.command(database, {"saslContinue": 1, "conversationId": first["conversationId"], "payload": payload})
        self._must(last)

    def close(self) -> None:
        self._socket.close()

    @staticmethod
    def _must(reply: Document) -> None:
        if reply.get("ok") != 1:
            raise PermissionError(str(reply.get("errmsg", reply)))

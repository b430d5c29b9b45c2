# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that a stand-in mongod knows, for one connection."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import bson
from mongo_store import Document, Store
from mongo_users import Conversation, credentials, user_of

VERSION = "8.0.29"
OPEN_TO_ALL = {
    "hello",
    "ismaster",
    "ping",
    "buildinfo",
    "saslstart",
    "saslcontinue",
    "getnonce",
    "logout",
    "connectionstatus",
    "endsessions",
    "whatsmyuri",
}
STARTED = time.time()


class Counters:
    """What serverStatus reports."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connections = 0
        self.created = 0
        self.requests = 0
        self.operations = dict.fromkeys(("insert", "query", "update", "delete", "getmore", "command"), 0)


class Session:
    """One connection: who it is, and what it may."""

    def __init__(self, store: Store, counters: Counters, *, auth: bool, cache_bytes: int, most: int) -> None:
        self._store = store
        self._counters = counters
        self._auth = auth
        self._cache_bytes = cache_bytes
        self._most = most
        self._user: str | None = None
        self._conversation: Conversation | None = None

    def run(self, command: Document) -> Document:
        name = next(iter(command))
        self._counters.requests += 1
        kind = {"insert": "insert", "find": "query", "update": "update", "delete": "delete"}.get(name, "command")
        self._counters.operations[kind] += 1
        routine: Callable[[Document], Document] | None = getattr(self, f"_do_{name.lower()}", None)
        if routine is None:
            return _error(59, "CommandNotFound", f"no such command: '{name}' (a stand-in knows few)")
        if self._auth and self._user is None and name.lower() not in OPEN_TO_ALL and not self._first_user(name):
            return _error(13, "Unauthorized", f"Command {name} requires authentication")
        return {"ok": 1.0, **routine(command)}

    def _first_user(self, name: str) -> bool:
        """The localhost exception, as far as it is needed: the first user may be made by anybody."""
        return name == "createUser" and not self._store.users

    def _do_hello(self, _command: Document) -> Document:
        return {
            "ismaster": True,
            "isWritablePrimary": True,
            "maxBsonObjectSize": 16777216,
            "maxMessageSizeBytes": 48000000,
            "maxWriteBatchSize": 100000,
            "localTime": datetime.now(UTC),
            "minWireVersion": 0,
            "maxWireVersion": 25,
            "readOnly": False,
            "saslSupportedMechs": ["SCRAM-SHA-1", "SCRAM-SHA-256"],
        }

    _do_ismaster = _do_hello

    def _do_ping(self, _command: Document) -> Document:
        return {}

    _do_endsessions = _do_logout = _do_ping

    def _do_buildinfo(self, _command: Document) -> Document:
        return {
            "version": VERSION,
            "gitVersion": "stand-in",
            "versionArray": [8, 0, 29, 0],
            "bits": 64,
            "modules": [],
            "maxBsonObjectSize": 16777216,
        }

    def _do_whatsmyuri(self, _command: Document) -> Document:
        return {"you": "127.0.0.1:0"}

    def _do_getnonce(self, _command: Document) -> Document:
        return {"nonce": os.urandom(8).hex()}

    def _do_connectionstatus(self, _command: Document) -> Document:
        return {"authInfo": {"authenticatedUsers": [self._user] if self._user else [], "authenticatedUserRoles": []}}

    def _do_saslstart(self, command: Document) -> Document:
        mechanism, payload = str(command["mechanism"]), bytes(command["payload"])
        user, database = user_of(payload), str(command.get("$db", "admin"))
        found = self._store.users.get(f"{database}.{user}")
        if found is None or mechanism not in found["credentials"]:
            return _error(18, "AuthenticationFailed", "Authentication failed.")
        self._conversation = Conversation.begin(mechanism, payload, database, found["credentials"][mechanism], user)
        return {"conversationId": 1, "done": False, "payload": self._conversation.server_first.encode()}

    def _do_saslcontinue(self, command: Document) -> Document:
        payload = bytes(command["payload"])
        if self._conversation is None:
            return _error(17, "ProtocolError", "No SASL session state found")
        if not payload:
            return {"conversationId": 1, "done": True, "payload": b""}
        signature = self._conversation.finish(payload)
        if signature is None:
            return _error(18, "AuthenticationFailed", "Authentication failed.")
        self._user = f"{self._conversation.database}.{self._conversation.user}"
        return {"conversationId": 1, "done": True, "payload": signature}

    def _do_createuser(self, command: Document) -> Document:
        user, database = str(command["createUser"]), str(command.get("$db", "admin"))
        if f"{database}.{user}" in self._store.users:
            return _error(51003, "Location51003", f'User "{user}@{database}" already exists')
        self._store.users[f"{database}.{user}"] = {"credentials": credentials(user, str(command["pwd"])), "roles": command.get("roles", [])}
        self._store.save()
        return {}

    def _do_updateuser(self, command: Document) -> Document:
        user, database = str(command["updateUser"]), str(command.get("$db", "admin"))
        if f"{database}.{user}" not in self._store.users:
            return _error(11, "UserNotFound", f"User {user}@{database} not found")
        if "pwd" in command:
            self._store.users[f"{database}.{user}"]["credentials"] = credentials(user, str(command["pwd"]))
        self._store.save()
        return {}

    def _do_insert(self, command: Document) -> Document:
        documents = [{"_id": bson.ObjectId(), **document} for document in command.get("documents", [])]
        self._store.collections.setdefault(self._namespace(command, "insert"), []).extend(documents)
        self._store.save()
        return {"n": len(documents)}

    def _do_find(self, command: Document) -> Document:
        namespace = self._namespace(command, "find")
        found = self._store.matching(namespace, command.get("filter") or {})
        limit = int(command.get("limit") or 0)
        return {"cursor": {"id": bson.Int64(0), "ns": namespace, "firstBatch": found[:limit] if limit else found}}

    def _do_count(self, command: Document) -> Document:
        return {"n": len(self._store.matching(self._namespace(command, "count"), command.get("query") or {}))}

    def _do_delete(self, command: Document) -> Document:
        namespace, removed = self._namespace(command, "delete"), 0
        for order in command.get("deletes", []):
            gone = self._store.matching(namespace, order["q"])[: 1 if order.get("limit") == 1 else None]
            for document in gone:
                self._store.collections[namespace].remove(document)
            removed += len(gone)
        self._store.save()
        return {"n": removed}

    def _do_listdatabases(self, _command: Document) -> Document:
        names = sorted({"admin", "config", "local", *(key.partition(".")[0] for key in self._store.collections)})
        return {"databases": [{"name": name, "sizeOnDisk": 0, "empty": False} for name in names], "totalSize": 0}

    def _do_listcollections(self, command: Document) -> Document:
        database = str(command.get("$db"))
        names = [key.partition(".")[2] for key in self._store.collections if key.partition(".")[0] == database]
        batch = [{"name": name, "type": "collection", "options": {}} for name in names]
        return {"cursor": {"id": bson.Int64(0), "ns": f"{database}.$cmd.listCollections", "firstBatch": batch}}

    def _do_getparameter(self, _command: Document) -> Document:
        return {"wiredTigerConcurrentReadTransactions": 128}

    def _do_getcmdlineopts(self, _command: Document) -> Document:
        storage = {"wiredTiger": {"engineConfig": {"cacheSizeGB": self._cache_bytes / 2**30}}}
        return {"argv": ["mongod"], "parsed": {"net": {"maxIncomingConnections": self._most}, "storage": storage}}

    def _do_replsetgetstatus(self, _command: Document) -> Document:
        return _error(76, "NoReplicationEnabled", "not running with --replSet")

    def _do_serverstatus(self, _command: Document) -> Document:
        counters = self._counters
        resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
        uptime = time.time() - STARTED
        zero = bson.Int64(0)
        return {
            "host": socket.gethostname(),
            "version": VERSION,
            "process": "mongod",
            "pid": bson.Int64(os.getpid()),
            "uptime": uptime,
            "uptimeMillis": bson.Int64(int(uptime * 1000)),
            "localTime": datetime.now(UTC),
            "asserts": {"regular": 0, "warning": 0, "msg": 0, "user": 0, "rollovers": 0},
            "connections": {
                "current": counters.connections,
                "available": self._most - counters.connections,
                "totalCreated": counters.created,
            },
            "extra_info": {"note": "stand-in", "page_faults": 0},
            "globalLock": {
                "totalTime": bson.Int64(int(uptime * 1e6)),
                "currentQueue": {"total": 0, "readers": 0, "writers": 0},
                "activeClients": {"total": 0, "readers": 0, "writers": 0},
            },
            "mem": {"bits": 64, "resident": resident, "virtual": resident, "supported": True},
            "metrics": {"document": {"deleted": zero, "inserted": zero, "returned": zero, "updated": zero}},
            "network": {"bytesIn": zero, "bytesOut": zero, "numRequests": bson.Int64(counters.requests)},
            "opcounters": {key: bson.Int64(value) for key, value in counters.operations.items()},
            "opcountersRepl": dict.fromkeys(counters.operations, 0),
            "storageEngine": {"name": "wiredTiger", "supportsCommittedReads": True, "persistent": True},
            "wiredTiger": {
                "cache": {
                    "maximum bytes configured": bson.Int64(self._cache_bytes),
                    "bytes currently in the cache": zero,
                    "tracked dirty bytes in the cache": zero,
                },
                "concurrentTransactions": {
                    "read": {"out": 0, "available": 128, "totalTickets": 128},
                    "write": {"out": 0, "available": 128, "totalTickets": 128},
                },
            },
        }

    def _namespace(self, command: Document, name: str) -> str:
        return f"{command.get('$db', 'test')}.{command[name]}"


def _error(code: int, name: str, text: str) -> Document:
    return {"ok": 0.0, "errmsg": text, "code": code, "codeName": name}

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mongod, standing in: flags, data directory, a thread per connection, an end on SIGTERM."""

from __future__ import annotations

import signal
import socket
import socketserver
import struct
import sys
import threading
from types import FrameType

import bson
from mongo_command import Counters, Session
from mongo_store import Store
from standin import contract, mongo

WITH_VALUE = {
    "--port",
    "--bind_ip",
    "--dbpath",
    "--wiredTigerCacheSizeGB",
    "--maxConns",
    "--config",
    "--logpath",
    "--replSet",
    "--setParameter",
}
BARE = {"--bind_ip_all", "--auth", "--noauth", "--quiet", "--journal", "--directoryperdb"}


def options(arguments: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name in BARE:
            found[name] = "true"
        elif name in WITH_VALUE:
            if not equals and not rest:
                contract.refuse("mongod", f"the required argument for option '{name}' is missing")
            found[name] = value if equals else rest.pop(0)
        else:
            contract.refuse("mongod", f"unrecognised option '{name}'")
    return found


def cache_bytes(value: str) -> int:
    try:
        size = float(value)
    except ValueError:
        contract.refuse("mongod", f"--wiredTigerCacheSizeGB: '{value}' is no number")
    if not 0.25 <= size <= 10000:
        contract.refuse("mongod", f"BadValue: --wiredTigerCacheSizeGB must be greater than or equal to 0.25, it is {value}")
    return int(size * 2**30)


def main() -> None:
    given = options(sys.argv[1:])
    size = cache_bytes(given.get("--wiredTigerCacheSizeGB", "0.25"))
    directory = contract.writable("mongod", given.get("--dbpath", "/data/db"))
    store, counters = Store(directory), Counters()
    address = "0.0.0.0" if "--bind_ip_all" in given else given.get("--bind_ip", "127.0.0.1").split(",")[0]
    most = int(given.get("--maxConns", "65536"))

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with counters.lock:
                counters.connections += 1
                counters.created += 1
                crowded = counters.connections > most
            try:
                if not crowded:
                    self._converse(Session(store, counters, auth="--auth" in given, cache_bytes=size, most=most))
            except (ConnectionError, OSError, bson.errors.InvalidBSON, ValueError, struct.error):
                return
            finally:
                with counters.lock:
                    counters.connections -= 1

        def _converse(self, session: Session) -> None:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                request, opcode, body = mongo.read_message(self.request)
                reply = session.run(mongo.command_of(opcode, body))
                if opcode == mongo.OP_QUERY:
                    content = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(reply)
                    self.request.sendall(mongo.message(mongo.OP_REPLY, content, answers=request))
                else:
                    self.request.sendall(mongo.message(mongo.OP_MSG, mongo.op_msg_body(reply), answers=request))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 512

    server = Server((address, int(given.get("--port", "27017"))), Connection)

    def stop(number: int, _frame: FrameType | None) -> None:
        print(f"mongod: {signal.Signals(number).name}, shutting down", flush=True)
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"mongod (stand-in) listens on {address}:{given.get('--port', '27017')}, cache {size >> 20} MiB", flush=True)
    server.serve_forever(poll_interval=0.2)
    store.save()


main()

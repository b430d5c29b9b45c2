# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine with containers that start, become healthy or not, and die, behind a real socket."""

from __future__ import annotations

import contextlib
import http.server
import json
import queue
import socketserver
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Engine(socketserver.ThreadingUnixStreamServer):
    """Its containers are as `add` made them; `ends` says by service what a start leads to.

    What a start leads to is a list of (state, health, exit code), gone through at once, each with its event; or a text, which
    is why the engine refuses.
    """

    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, _Handler)
        self.path = path
        self.containers: dict[str, dict[str, Any]] = {}
        self.images: set[str] = set()
        self.leads_to: dict[str, list[tuple[str, str, int]] | str] = {}
        # The same by definition, where nothing is said of the service.
        self.fates: dict[str, list[tuple[str, str, int]] | str] = {}
        self.started: list[str] = []
        self.stopped: list[str] = []
        self.updated: dict[str, dict[str, Any]] = {}
        self.silent = False
        self.listeners: list[queue.Queue[bytes]] = []
        self.lock = threading.Lock()
        # What other resources answer, by path.
        self.answers: dict[str, Any] = {}
        # What it remembers to have happened, and by container what its log holds, as the engine sends it.
        self.past: list[dict[str, Any]] = []
        self.logs: dict[str, bytes] = {}
        # Containers that are listed and gone when they are looked at.
        self.vanishing: set[str] = set()
        # Resources that it fails to answer.
        self.refused: set[str] = set()
        # Whether it accepts connections and never answers.
        self.deaf = False
        # Commands that were run in containers, in their order, how each ended (0 where nothing is said of it) with what it wrote to stderr, and the signals.
        self.ran: list[tuple[str, str]] = []
        self.ends: dict[str, tuple[int, str]] = {}
        self.signals: list[tuple[str, str]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that was killed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def get_request(self) -> tuple[Any, Any]:
        request, _address = super().get_request()
        return request, ("engine", 0)

    def add(self, service: str, state: str = "created", health: str = "none", tier: str = "critical", code: int = 0) -> None:
        """Have a container; its id is the service's name."""
        labels = {"com.docker.compose.project": "ziggie", "com.docker.compose.service": service, "ziggie.stack.tier": tier}
        labels["ziggie.stack.definition"] = service
        self.containers[service] = {
            "Id": service,
            "Name": f"/ziggie-{service}-1",
            "Image": "sha256:1",
            "Created": "2026-11-25T20:00:00Z",
            "RestartCount": 0,
            "State": {"Status": state, "Pid": 0, "ExitCode": code, "OOMKilled": False, "Health": {"Status": health, "Log": []}},
            "Config": {"Image": f"{service}:1", "Labels": labels},
            "HostConfig": {},
        }

    def make(self, service: str, tier: str, image: str, definition: str) -> None:
        """Make a container, or make it anew, as Compose does."""
        self.add(service, tier=tier)
        self.containers[service]["Config"]["Image"] = image
        self.containers[service]["Config"]["Labels"]["ziggie.stack.definition"] = definition

    def start(self, service: str) -> str:
        """Start a container; return why not."""
        with self.lock:
            self.started.append(service)
        definition = self.containers[service]["Config"]["Labels"]["ziggie.stack.definition"] if service in self.containers else ""
        leads_to = self.leads_to.get(service, self.fates.get(definition, [("running", "healthy", 0)]))
        if isinstance(leads_to, str):
            return leads_to
        for state, health, code in leads_to:
            self.become(service, state, health, code)
        return ""

    def stop(self, service: str) -> str:
        """Stop a container; it does not refuse."""
        self.stopped.append(service)
        return ""

    def become(self, service: str, state: str, health: str = "none", code: int = 0, restarts: int = 0) -> None:
        """Change a container, and tell whoever listens, unless it is `silent`."""
        container = self.containers[service]
        container["State"] |= {"Status": state, "ExitCode": code, "Health": {"Status": health, "Log": [{"Output": "so it said"}]}}
        container["RestartCount"] = restarts
        if not self.silent:
            for listener in self.listeners:
                listener.put(json.dumps({"Type": "container", "Action": "start", "Actor": {"ID": service}}).encode() + b"\n")

    def hang_up(self) -> None:
        """End the stream of events, as an engine that stops does."""
        for listener in self.listeners:
            listener.put(b"")


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Engine

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self.server.deaf:
            self.close_connection = True
            time.sleep(2)
            return
        words = url.path.strip("/").split("/")
        if url.path in self.server.refused:
            self._answer(500, {"message": "it is stuck"})
        elif url.path == "/events" and "until" in parse_qs(url.query):
            self._send(200, b"".join(json.dumps(event).encode() + b"\n" for event in self.server.past))
        elif url.path == "/events":
            self._stream()
        elif url.path == "/containers/json":
            filters = parse_qs(url.query).get("filters")
            project = json.loads(filters[0])["label"][0].partition("=")[2] if filters else None
            listed = [
                {"Id": key, "Labels": labels, "Image": container["Config"]["Image"], "State": container["State"]["Status"]}
                for key, container in self.server.containers.items()
                if project in (None, (labels := container["Config"]["Labels"] or {}).get("com.docker.compose.project"))
            ]
            self._answer(200, [*listed, *({"Id": key, "Labels": {}} for key in self.server.vanishing)])
        elif words[0] == "exec":
            code, _said = self.server.ends.get(self.server.ran[int(words[1])][1], (0, ""))
            self._answer(200, {"ExitCode": code, "Pid": 0, "Running": False})
        elif url.path in self.server.answers:
            self._answer(200, self.server.answers[url.path])
        elif words[0] == "containers" and words[2:] == ["logs"]:
            self._send(200, self.server.logs.get(words[1], b""))
        elif words[0] == "containers" and words[1] in self.server.containers:
            self._answer(200, self.server.containers[words[1]])
        elif words[0] == "images" and words[1].replace("%3A", ":") in self.server.images:
            self._answer(200, {"Id": "sha256:1"})
        else:
            self._answer(404, {"message": "no such thing"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, name, verb = urlsplit(self.path).path.strip("/").split("/")
        if kind == "exec":
            said = self.server.ends.get(self.server.ran[int(name)][1], (0, ""))[1].encode()
            self._send(200, bytes([2, 0, 0, 0]) + len(said).to_bytes(4, "big") + said)
            return
        if verb == "exec":
            self.server.ran.append((name, " ".join(json.loads(body)["Cmd"])))
            self._answer(201, {"Id": str(len(self.server.ran) - 1)})
            return
        if verb == "kill":
            self.server.signals.append((name, urlsplit(self.path).query.partition("=")[2]))
            self._answer(204, None)
            return
        if verb == "update":
            self.server.updated[name] = json.loads(body)
            self.server.containers[name]["HostConfig"] |= self.server.updated[name]
            self._answer(200, {"Warnings": None})
            return
        if verb == "make":
            self.server.make(name, **json.loads(body))
            self._answer(204, None)
            return
        refusal = self.server.start(name) if verb == "start" else self.server.stop(name)
        if refusal:
            self._answer(500, {"message": refusal})
        else:
            self._answer(204, None)

    def do_DELETE(self) -> None:
        found = self.server.containers.pop(urlsplit(self.path).path.strip("/").split("/")[1], None)
        self._answer(204 if found else 404, None)

    def _answer(self, status: int, body: Any) -> None:
        self._send(status, b"" if body is None else json.dumps(body).encode())

    def _send(self, status: int, text: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _stream(self) -> None:
        mine: queue.Queue[bytes] = queue.Queue()
        self.server.listeners.append(mine)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        # Whoever listened may have gone.
        with contextlib.suppress(OSError):
            while line := mine.get():
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_arguments: Any) -> None:
        pass


# What a `docker` does that has Compose make what the release in its project directory says, in an engine of ours.
_DOCKER = """#!{python} -IS
import json, socket, sys
words = sys.argv[1:]
place = words[words.index("--project-directory") + 1]
services = json.load(open(place + "/release.json"))["services"]
for name in words[words.index("--") + 1 :]:
    one = services[name]
    body = json.dumps({{key: one[key] for key in ("tier", "image", "definition")}})
    with socket.socket(socket.AF_UNIX) as engine:
        engine.connect(words[1].removeprefix("unix://"))
        head = f"POST /containers/{{name}}/make HTTP/1.1\\r\\nContent-Length: {{len(body)}}\\r\\n\\r\\n"
        engine.sendall((head + body).encode())
        engine.recv(1024)
"""


def docker(folder: Path) -> None:
    """Put a `docker` into a folder whose Compose makes containers."""
    folder.mkdir()
    (folder / "docker").write_text(_DOCKER.format(python=sys.executable), encoding="utf-8")
    (folder / "docker").chmod(0o755)


@contextmanager
def running(directory: Path) -> Iterator[Engine]:
    """Have an engine for a while, at a socket in a directory."""
    with Engine(str(directory / "docker.sock")) as engine:
        threading.Thread(target=engine.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield engine
        finally:
            engine.hang_up()
            engine.shutdown()

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry with tags and digests behind a real port, which wants a token for anybody as public ones do."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit


class Server(http.server.ThreadingHTTPServer):
    """`images` are digests by repository and tag; `page` is how many tags it lists at once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.images: dict[str, dict[str, str]] = {}
        self.page = 1000
        self.realm = ""
        self.scopes: list[str] = []
        self.broken = b""
        self.elsewhere = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, repository: str, *tags: str) -> None:
        self.images.setdefault(repository, {}).update({tag: digest_of(repository, tag) for tag in tags})


def digest_of(*words: str) -> str:
    return "sha256:" + "".join(f"{ord(letter) % 16:x}" for letter in "/".join(words)).ljust(64, "0")[:64]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        url, server = urlsplit(self.path), self.server
        if url.path == "/token":
            server.scopes.append(parse_qs(url.query)["scope"][0])
            self._answer(200, {"token": "anybody"})
            return
        repository, _slash, rest = url.path.removeprefix("/v2/").rpartition("/tags/" if "/tags/" in url.path else "/manifests/")
        if self.headers.get("Authorization") != "Bearer anybody":
            realm = server.realm or f"{server.address}/token"
            challenge = f'Bearer realm="{realm}",service="registry",scope="repository:{repository}:pull"'
            self._answer(401, {}, {"WWW-Authenticate": challenge})
        elif server.broken:
            self._answer(200, server.broken)
        elif repository not in server.images:
            self._answer(404, {})
        elif rest == "list":
            tags, last = sorted(server.images[repository]), parse_qs(url.query).get("last", [""])[0]
            part = [tag for tag in tags if tag > last][: server.page]
            following = f"{server.elsewhere}/v2/{repository}/tags/list?n=1000&last={part[-1]}" if part and part[-1] != tags[-1] else ""
            self._answer(200, {"tags": part}, {"Link": f'<{following}>; rel="next"'} if following else {})
        elif rest in server.images[repository]:
            self._answer(200, {}, {"Docker-Content-Digest": server.images[repository][rest]})
        else:
            self._answer(404, {})

    def _answer(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

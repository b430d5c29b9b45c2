# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ollama, standing in: serve, ps, ls, --version; it knows no model and says so."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

from standin import contract, web

VERSION = "0.32.15"
NUMBERS = ("OLLAMA_NUM_PARALLEL", "OLLAMA_MAX_LOADED_MODELS", "OLLAMA_MAX_QUEUE", "OLLAMA_CONTEXT_LENGTH")
KV_CACHE_TYPES = ("", "f16", "q8_0", "q4_0")
DURATION = re.compile(r"^-?(\d+|(\d+(\.\d+)?(ns|us|ms|s|m|h))+)$")


def place() -> tuple[str, int]:
    host, _unused, port = os.environ.get("OLLAMA_HOST", "127.0.0.1:11434").removeprefix("http://").rpartition(":")
    return host or "127.0.0.1", int(port or 11434)


def ask(path: str) -> dict[str, object]:
    host, port = place()
    host = "127.0.0.1" if host == "0.0.0.0" else host
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=5) as reply:
            found: dict[str, object] = json.load(reply)
            return found
    except (urllib.error.URLError, OSError):
        print("Error: could not connect to ollama server, run 'ollama serve' to start it", file=sys.stderr)
        raise SystemExit(1) from None


def check_settings() -> None:
    for name in NUMBERS:
        value = os.environ.get(name, "0")
        if not value.isdigit():
            contract.refuse("ollama", f"{name}: '{value}' is no number")
    keep = os.environ.get("OLLAMA_KEEP_ALIVE", "5m")
    if not DURATION.match(keep):
        contract.refuse("ollama", f"OLLAMA_KEEP_ALIVE: '{keep}' is no duration")
    if os.environ.get("OLLAMA_KV_CACHE_TYPE", "") not in KV_CACHE_TYPES:
        contract.refuse("ollama", "OLLAMA_KV_CACHE_TYPE: write f16, q8_0 or q4_0")


def no_model(request: web.Request) -> web.Answer:
    return web.data({"error": f"model '{request.json().get('model', '')}' not found (this is a stand-in without models)"}, 404)


def serve() -> None:
    models = contract.writable("ollama", os.environ.get("OLLAMA_MODELS", str(Path.home() / ".ollama" / "models")))
    check_settings()
    (models / "blobs").mkdir(exist_ok=True)
    host, port = place()
    routes = {
        "/": lambda _: web.text("Ollama is running"),
        "/api/version": lambda _: web.data({"version": VERSION}),
        "/api/tags": lambda _: web.data({"models": []}),
        "/api/ps": lambda _: web.data({"models": []}),
    }
    asked = dict.fromkeys(("/api/generate", "/api/chat", "/api/embed", "/api/show", "/api/pull"), no_model)
    web.serve("ollama", port, {**routes, **asked}, address=host)


def show(path: str, columns: str) -> None:
    ask(path)
    print(columns)


def main(arguments: list[str]) -> None:
    order = arguments[0] if arguments else "--help"
    if order == "serve":
        serve()
    elif order == "ps":
        show("/api/ps", "NAME    ID    SIZE    PROCESSOR    CONTEXT    UNTIL")
    elif order in ("ls", "list"):
        show("/api/tags", "NAME    ID    SIZE    MODIFIED")
    elif order in ("--version", "-v"):
        print(f"ollama version is {VERSION}")
    else:
        print(f"Error: this stand-in of ollama knows serve, ps, ls and --version, not {order}", file=sys.stderr)
        raise SystemExit(1)


main(sys.argv[1:])

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""alloy run, standing in: the flags, the configuration's braces, and a shipper to the Loki that it names."""

from __future__ import annotations

import re
import sys

from standin import contract, web
from standin.shipper import Shipper

PUSH_URL = re.compile(r'loki\.write\s+"[^"]+"\s*{.*?url\s*=\s*"([^"]+)"', re.DOTALL)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*')


def read(file: str) -> str:
    config = contract.readable("alloy", file)
    bare = QUOTED.sub("", config)
    if bare.count("{") != bare.count("}") or '"' in bare:
        contract.refuse("alloy", f"{file}: a brace or a quote is not closed")
    found = PUSH_URL.search(config)
    if found is None:
        contract.refuse("alloy", f"{file}: no loki.write component names a URL")
    return found.group(1)


def main(arguments: list[str]) -> None:
    if arguments[:1] != ["run"]:
        contract.refuse("alloy", f"this stand-in knows only run, not {' '.join(arguments[:1])}")
    given = dict(argument.partition("=")[::2] for argument in arguments[1:] if argument.startswith("--"))
    files = [argument for argument in arguments[1:] if not argument.startswith("--")]
    if len(files) != 1:
        contract.refuse("alloy", f"run takes one configuration, not {len(files)}")
    url = read(files[0])
    contract.writable("alloy", given.get("--storage.path", "data-alloy/"))
    address, _unused, port = given.get("--server.http.listen-addr", "127.0.0.1:12345").rpartition(":")
    shipper = Shipper(url)
    shipper.start()

    def reload(_request: web.Request) -> web.Answer:
        try:
            shipper.url = read(files[0])
        except SystemExit:
            return web.text("error during the initial load: a brace, a quote or a URL\n", 400)
        return web.text("config reloaded\n")

    routes: dict[str, web.Route] = {
        "/-/ready": lambda _: web.text("Alloy is ready.\n"),
        "/-/reload": reload,
        "/-/healthy": lambda _: web.text("All Alloy components are healthy.\n"),
        "/metrics": web.metrics("alloy", lambda: shipper.families("loki_write")),
    }
    web.serve("alloy", int(port), routes, address=address)


main(sys.argv[1:])

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""promtail, standing in: its configuration, its positions file, and a shipper to the first client."""

from __future__ import annotations

import sys
from pathlib import Path

from standin import contract, web
from standin.shipper import Shipper

given = dict(argument.lstrip("-").partition("=")[::2] for argument in sys.argv[1:])
if "config.file" not in given:
    contract.refuse("promtail", "-config.file is missing")
config = contract.yaml_file("promtail", given["config.file"])
clients = config.get("clients") or []
if not clients:
    contract.refuse("promtail", f"{given['config.file']}: at least one client config must be provided")
contract.writable("promtail", str(Path((config.get("positions") or {}).get("filename", "/tmp/positions.yaml")).parent))
server = config.get("server") or {}
shipper = Shipper(str(clients[0]["url"]))
shipper.start()
web.serve(
    "promtail",
    int(server.get("http_listen_port", 80)),
    {
        "/ready": lambda _: web.text("Ready\n"),
        "/metrics": web.metrics("promtail", lambda: shipper.families("promtail")),
    },
)

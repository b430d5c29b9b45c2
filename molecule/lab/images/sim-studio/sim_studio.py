# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sim-studio, standing in: its health is a login to MongoDB and a ping."""

from __future__ import annotations

import os

from standin import contract, web
from standin.mongo import Client

HOST = os.environ.get("MONGODB_HOST", "mongodb")
PORT = int(os.environ.get("MONGODB_PORT", "27017"))
DATABASE = os.environ.get("MONGODB_DATABASE", "ziggie")
USER = os.environ.get("MONGODB_USER", "")
PASSWORD = contract.setting("sim-studio", "MONGODB_PASSWORD")


def health(_request: web.Request) -> web.Answer:
    try:
        client = Client(HOST, PORT, seconds=3)
        try:
            if USER:
                client.authenticate(USER, PASSWORD, DATABASE)
            reply = client.command(DATABASE, {"find": "simulations", "filter": {}, "limit": 1})
        finally:
            client.close()
    except OSError as error:
        return web.data({"status": "sick", "mongodb": str(error)}, 503)
    well = reply.get("ok") == 1
    return web.data({"status": "ok" if well else "sick", "mongodb": reply.get("errmsg", "ok")}, 200 if well else 503)


web.serve(
    "sim-studio",
    int(os.environ.get("PORT", "8001")),
    {
        "/": lambda _: web.html("<!doctype html><title>Sim Studio (stand-in)</title><p>This is a stand-in for Sim Studio."),
        "/health": health,
        "/metrics": web.metrics("sim-studio"),
    },
)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Portainer, standing in."""

from __future__ import annotations

import hashlib
import hmac
import html
import os
import sys
import uuid
from pathlib import Path

from standin import contract, engine, web

FILE_FLAG = "--admin-password-file"


def value_of(flag: str, default: str) -> str:
    for index, argument in enumerate(sys.argv):
        name, equals, value = argument.partition("=")
        if name == flag:
            return value if equals else sys.argv[index + 1]
    return default


folder = contract.writable("portainer", value_of("--data", "/data"))
password_file = value_of(FILE_FLAG, "")
password = contract.readable("portainer", password_file).strip() if password_file else ""
if password_file and len(password) < 12:
    contract.refuse("portainer", f"the password in {password_file} is shorter than 12 characters")
instance = folder / "portainer.id"
if not instance.exists():
    instance.write_text(str(uuid.uuid4()), encoding="ascii")
if not Path(engine.SOCKET).exists():
    contract.refuse("portainer", f"{engine.SOCKET} is not there")


def status(_request: web.Request) -> web.Answer:
    return web.data({"Version": "2.45.0", "InstanceID": instance.read_text(encoding="ascii")})


def log_in(request: web.Request) -> web.Answer:
    given = request.json()
    right = given.get("username") == "admin" and hmac.compare_digest(str(given.get("password", "")), password)
    if not right or not password:
        return web.data({"message": "Invalid credentials"}, 422)
    return web.data({"jwt": hashlib.sha256(os.urandom(16)).hexdigest()})


def front(_request: web.Request) -> web.Answer:
    names = "".join(
        f"<li>{html.escape(str(container['Names'][0]))}: {html.escape(str(container['Status']))}" for container in engine.containers()
    )
    return web.html(f"<!doctype html><title>Portainer (stand-in)</title><p>This is a stand-in for Portainer.<ul>{names}</ul>")


web.serve("portainer", 9000, {"/": front, "/api/status": status, "/api/system/status": status, "/api/auth": log_in})

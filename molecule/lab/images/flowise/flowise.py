# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""flowise start, standing in."""

from __future__ import annotations

import os
import sys

from standin import contract, web

DIRECTORIES = ("DATABASE_PATH", "SECRETKEY_PATH", "LOG_PATH", "BLOB_STORAGE_PATH")

if sys.argv[1:] != ["start"]:
    contract.refuse("flowise", f"this stand-in knows only start, not {' '.join(sys.argv[1:])}")
for variable in DIRECTORIES:
    contract.writable("flowise", os.environ.get(variable, "/root/.flowise"))
routes: dict[str, web.Route] = {
    "/": lambda _: web.html("<!doctype html><title>Flowise (stand-in)</title><p>This is a stand-in for Flowise."),
    "/api/v1/ping": lambda _: web.text("pong"),
    "/api/v1/version": lambda _: web.data({"version": "3.1.4"}),
}
if os.environ.get("ENABLE_METRICS") == "true" and os.environ.get("METRICS_PROVIDER") == "prometheus":
    routes["/api/v1/metrics"] = web.metrics("flowise")
web.serve("flowise", int(os.environ.get("PORT", "3000")), routes)

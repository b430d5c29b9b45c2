# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watchtower, standing in: monitors only, on a schedule."""

from __future__ import annotations

import importlib
import os
import socket
import sys


def check() -> None:
    """PID 1 is the daemon; it must be there and the engine must answer."""
    os.kill(1, 0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect("/var/run/docker.sock")
        connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
        answer = connection.recv(64).split(b"\r\n")[0]
    if b" 200" not in answer:
        raise OSError(f"the engine says {answer!r}")


if "--health-check" in sys.argv:
    try:
        check()
    except OSError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
else:
    # A check has a twentieth of a core, as the real one's; what the daemon loads would cost it two seconds of that.
    importlib.import_module("watchtower_session").run()

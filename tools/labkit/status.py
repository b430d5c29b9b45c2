# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the lab is there."""

from __future__ import annotations

from labkit import docker, host
from labkit.names import HOST, HTTP_PORT, HTTPS_PORT, REGISTRY


def show() -> None:
    for name in (HOST, REGISTRY):
        found = docker.container_spec(name)
        print(f"      {name}: {found[1] if found else 'is not there'}")


def addresses() -> None:
    print(f"      reach it: docker exec -it {HOST} bash")
    print(f"      open http://127.0.0.1:{HTTP_PORT} and https://127.0.0.1:{HTTPS_PORT} (nginx; / is the front page)")
    for name, address in host.opened():
        print(f"      open http://{address} ({name})")

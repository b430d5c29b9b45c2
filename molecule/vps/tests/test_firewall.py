# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From outside of the machine: what Docker publishes cannot be reached, but for 80 and 443."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import pytest
from machine import PYTHON, TOOL_IMAGE, ask, login, until

HTTP = int(os.environ.get("VPS_HTTP_PORT", "2280"))
OTHER = int(os.environ.get("VPS_OTHER_PORT", "2299"))


@pytest.fixture(scope="module", autouse=True)
def _published() -> Iterator[None]:
    ask(f"docker run --detach --name vps-open --publish 9999:9999 {TOOL_IMAGE} {PYTHON} -m http.server 9999")
    until(lambda: "HTTP/" in ask("curl --silent --head http://127.0.0.1:9999/ || true"), 120, "a container publishes port 9999")
    yield
    ask("docker rm -f vps-open")


def answer(port: int) -> bytes:
    """Return how the machine answers from outside; QEMU itself takes every connection, so only an answer counts."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            connection.sendall(b"HEAD / HTTP/1.0\r\nHost: vps\r\n\r\n")
            return connection.recv(5)
        except (TimeoutError, ConnectionError):
            return b""


def test_the_web_server_answers() -> None:
    assert answer(HTTP) == b"HTTP/"


def test_what_else_is_published_does_not(figure: Callable[[str, object, object], None]) -> None:
    with_ = answer(OTHER)
    ask("systemctl stop ziggie-firewall.service")
    try:
        without = answer(OTHER)
    finally:
        ask("systemctl start ziggie-firewall.service")
    figure("a published port answers from outside", without == b"HTTP/", with_ != b"")
    assert with_ == b""
    # Or else the way to the port is broken, and nothing was shown.
    assert without == b"HTTP/"
    assert answer(OTHER) == b""


def test_ssh_does() -> None:
    assert login() > 0

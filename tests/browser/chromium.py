# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium through its driver's own protocol: https://www.w3.org/TR/webdriver2/ and Chrome's extension of it."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
_START_SECONDS = 30


class Browser:
    """One page at a time, at any width, in light or dark."""

    def __init__(self, driver: str) -> None:
        self._session = ""
        self._driver = driver
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def start(self, profile: str) -> None:
        """Open a browser with a profile of its own."""
        options = {"args": [*_ARGUMENTS, f"--user-data-dir={profile}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self._session = f"/session/{self._ask('POST', '/session', {'capabilities': {'alwaysMatch': wanted}})['sessionId']}"

    def stop(self) -> None:
        """Close the browser."""
        self._ask("DELETE", self._session)

    def open(self, path: Path, *, width: int, dark: bool = False) -> None:
        """Show a file at a width and wait until it is there."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", media="", features=[scheme])
        self._ask("POST", f"{self._session}/url", {"url": path.resolve().as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script returns."""
        return self._ask("POST", f"{self._session}/execute/sync", {"script": script, "args": list(arguments)})

    def command(self, name: str, **parameters: Any) -> Any:
        """Carry out a command of the DevTools protocol."""
        return self._ask("POST", f"{self._session}/goog/cdp/execute", {"cmd": name, "params": parameters})

    def log(self) -> list[str]:
        """Return what the console said since it was last asked."""
        entries = self._ask("POST", f"{self._session}/se/log", {"type": "browser"})
        return [f"{entry['level']}: {entry['message']}" for entry in entries]

    def picture(self, path: Path, *, height: int | None = None) -> None:
        """Keep a screenshot of the whole page, or of its top."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"], "scale": 1}
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def document(self, path: Path) -> None:
        """Keep the page as it is printed."""
        printed = self.command("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(printed["data"]))

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._driver}{path}", data=data, method=method, headers={"Content-Type": "application/json"})
        with self._direct.open(request, timeout=120) as answer:
            return json.load(answer)["value"]


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start a driver and a browser, and end both."""
    program = shutil.which("chromedriver")
    assert program, "there is no chromedriver: tests/browser/run installs Debian's chromium and chromium-driver"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="ziggie-browser-", ignore_cleanup_errors=True) as profile:
        driver = subprocess.Popen([program, f"--port={port}", "--log-level=SEVERE"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(port)
            opened = Browser(f"http://127.0.0.1:{port}")
            opened.start(profile)
            try:
                yield opened
            finally:
                opened.stop()
        finally:
            driver.terminate()
            driver.wait(timeout=_START_SECONDS)


def _wait(port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"chromedriver did not listen within {_START_SECONDS} seconds")

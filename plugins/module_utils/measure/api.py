# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API under load: as many requests as the report wants, through nginx, to a path that needs cache and database.

The generator is ApacheBench on the host. It is closed-loop: it waits for an answer before it asks again, so a stall counts once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from .scene import Found

# An order gives return code, stdout and stderr; a program its path, or nothing where it is not there.
Run = Callable[[list[str]], tuple[int, str, str]]
Which: TypeAlias = "Callable[[str], str | None]"

_PERCENTILE = re.compile(r"^\s+(\d+)%\s+(\d+)", re.MULTILINE)
_RATE = re.compile(r"^Requests per second:\s+([\d.]+)", re.MULTILINE)
_LONGEST = 120


def measure(run: Run, which: Which, *, url: str, requests: int, concurrency: int) -> Found:
    """Return `p50`, `p95`, `p99` in milliseconds, `per_second`, `requests`, `errors`, or an `error`."""
    generator = which("ab")
    if generator is None:
        return {"error": "there is no load generator on the host: install apache2-utils (Debian) or httpd-tools"}
    order = [generator, "-q", "-l", "-r", "-s", "30", "-t", str(_LONGEST), "-n", str(requests), "-c", str(concurrency), url]
    guard = which("setpriv")
    # It goes when we go.
    code, said, complained = run([guard, "--pdeathsig", "KILL", *order] if guard else order)
    if code:
        return {"error": f"ab ended with {code}: {(complained or said).strip().splitlines()[-1:]}"}
    return parse(said)


def parse(said: str) -> Found:
    """Read ApacheBench's report."""
    percentiles = {int(share): int(value) for share, value in _PERCENTILE.findall(said)}
    rate = _RATE.search(said)
    if not {50, 95, 99} <= set(percentiles) or not rate:
        return {"error": "ab gave no percentiles"}
    found: dict[str, Any] = {f"p{share}": percentiles[share] for share in (50, 95, 99)}
    return {
        **found,
        "per_second": float(rate[1]),
        "requests": _count(said, "Complete requests"),
        "errors": _count(said, "Failed requests") + _count(said, "Non-2xx responses"),
        "error": "",
    }


def _count(said: str, name: str) -> int:
    line = re.search(rf"^{name}:\s+(\d+)", said, re.MULTILINE)
    return int(line[1]) if line else 0

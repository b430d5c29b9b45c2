# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Until when certificates are valid, read from the files that the programs themselves read."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..engine.container import service

# By service, where its container sees certificates, and which files there are some.
PLACES = {
    "nginx": ("/etc/nginx/tls", "**/fullchain.pem"),
    "certbot": ("/etc/letsencrypt", "live/*/fullchain.pem"),
}

_BEGIN = "-----BEGIN CERTIFICATE-----"
# Seconds; a look at all services takes less than one.
_PATIENCE = 5.0


def found(inspected: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, Path]]:
    """Name the certificates of a stack's containers: the service, the file below its directory, the file on the host."""
    for container in inspected:
        name = service(container)
        directory, pattern = PLACES.get(name, ("", ""))
        for mount in container.get("Mounts") or []:
            if directory and mount.get("Destination") == directory:
                source = Path(mount["Source"])
                yield from ((name, path.relative_to(source).as_posix(), path) for path in sorted(source.glob(pattern)))


def not_after(pem: str, run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run) -> float:
    """Return the end of the first certificate's validity in seconds since 1970. Raises `ValueError` where it is unknown, and why.

    Source: openssl-x509(1), which reads the first certificate of a chain; `-dateopt` needs OpenSSL 3.
    """
    if _BEGIN not in pem:
        raise ValueError("it holds no certificate")
    command = ["openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601"]
    try:
        # The core has no module to run commands with, and this is a command without a shell.
        done = run(command, input=pem, capture_output=True, text=True, check=False, timeout=_PATIENCE)  # pylint: disable=ansible-bad-function
    except FileNotFoundError as error:
        raise ValueError("its end is unknown, since openssl is not installed on the host") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ValueError(f"its end is unknown, since openssl did not answer: {error}") from error
    try:
        return datetime.strptime(done.stdout.strip(), "notAfter=%Y-%m-%d %H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        said = " ".join((done.stderr or done.stdout).split())
        raise ValueError(f"openssl cannot read it: {said}") from error

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Until when certificates are valid, read from the files that the programs themselves read.

Source: RFC 5280, 4.1 (the structure), 4.1.2.5 (the two forms of time); ITU-T X.690, 8.1 (tag, length, content).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..engine.live import service

# By service, where its container sees certificates, and which files there are some.
PLACES = {
    "nginx": ("/etc/nginx/tls", "fullchain.pem"),
    "certbot": ("/etc/letsencrypt", "live/*/fullchain.pem"),
}

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_VERSION, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18


def found(inspected: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, Path]]:
    """Name the certificates of a stack's containers: the service, the file below its directory, the file on the host."""
    for container in inspected:
        name = service(container)
        directory, pattern = PLACES.get(name, ("", ""))
        for mount in container.get("Mounts") or []:
            if directory and mount.get("Destination") == directory:
                source = Path(mount["Source"])
                yield from ((name, path.relative_to(source).as_posix(), path) for path in sorted(source.glob(pattern)))


def not_after(pem: str) -> float:
    """Return the end of the first certificate's validity in seconds since 1970. Raises `ValueError` where there is none."""
    _before, begin, rest = pem.partition(_BEGIN)
    encoded, end, _after = rest.partition(_END)
    if not begin or not end:
        raise ValueError("it holds no certificate")
    try:
        ((_tag, certificate),) = _parts(base64.b64decode("".join(encoded.split()), validate=True))
        (_tag, signed), *_signature = _parts(certificate)
        fields = [content for tag, content in _parts(signed) if tag != _VERSION]
        # Serial number, algorithm, issuer, then the validity.
        _start, (kind, moment) = _parts(fields[3])
        return _seconds(kind, moment.decode("ascii"))
    except (binascii.Error, IndexError, ValueError) as error:
        raise ValueError(f"its certificate cannot be read: {error}") from error


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """Take a sequence apart into tags and contents."""
    parts, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            octets = length & 0x7F
            length, at = int.from_bytes(data[at : at + octets], "big"), at + octets
        parts.append((tag, data[at : at + length]))
        at += length
    return parts


def _seconds(kind: int, moment: str) -> float:
    if kind == _GENERALIZED_TIME:
        return datetime.strptime(moment, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
    if kind != _UTC_TIME:
        raise ValueError(f"tag {kind} is no time")
    # Two digits of a year from 50 on are of the last century.
    century = "19" if moment[:2] >= "50" else "20"
    return datetime.strptime(century + moment, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a certificate's validity, as OpenSSL wrote it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.collect.certificates import found, not_after


def _certificate(place: Path, end: str, key: str = "ec") -> str:
    options = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:4096"]}[key]
    made = place / "made.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-newkey", *options, "-keyout", str(place / "key"), "-out", str(place / "self.pem")),
            *("-subj", "/CN=example.org", "-days", "1"),
        ],
        check=True,
        capture_output=True,
    )
    (place / "index").touch()
    (place / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=own\n[own]\ndatabase={place}/index\nnew_certs_dir={place}\nrand_serial=yes\ndefault_md=sha256\n"
        "policy=any\n[any]\ncommonName=supplied\n",
        encoding="ascii",
    )
    subprocess.run(
        [
            *("openssl", "ca", "-batch", "-config", str(place / "ca.cnf"), "-ss_cert", str(place / "self.pem"), "-out", str(made)),
            *("-cert", str(place / "self.pem"), "-keyfile", str(place / "key"), "-startdate", "20200101000000Z", "-enddate", end),
        ],
        check=True,
        capture_output=True,
    )
    return made.read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("end", "seconds", "key"),
    [
        # Until 2049 a time has two digits for the year, then four.
        ("20300102030405Z", 1893553445, "ec"),
        ("20491231235959Z", 2524607999, "rsa"),
        ("20500101000000Z", 2524608000, "ec"),
    ],
)
def test_the_end_is_what_openssl_wrote(tmp_path: Path, end: str, seconds: float, key: str) -> None:
    pem = _certificate(tmp_path, end, key)
    assert not_after(pem) == seconds
    # Of a chain the first one is the server's.
    assert not_after(pem + (tmp_path / "self.pem").read_text()) == seconds


@pytest.mark.parametrize("bytes_kept", [0, 10, 60, 120])
def test_what_is_no_certificate_is_a_sentence(tmp_path: Path, bytes_kept: int) -> None:
    lines = _certificate(tmp_path, "20300102030405Z").partition("-----BEGIN CERTIFICATE-----\n")[2]
    broken = f"-----BEGIN CERTIFICATE-----\n{lines[:bytes_kept]}\n-----END CERTIFICATE-----\n"
    with pytest.raises(ValueError, match="openssl cannot read it: "):
        not_after(broken)
    with pytest.raises(ValueError, match="it holds no certificate"):
        not_after(lines)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError("openssl"), "since openssl is not installed"),
        (subprocess.TimeoutExpired("openssl", 5), "since openssl did not answer"),
    ],
)
def test_without_an_answer_of_openssl_the_end_is_unknown(error: Exception, said: str) -> None:
    def run(*_words: object, **_options: object) -> Any:
        raise error

    with pytest.raises(ValueError, match=said):
        not_after("-----BEGIN CERTIFICATE-----", run)


def test_certificates_are_where_the_containers_have_them(tmp_path: Path) -> None:
    for name in (
        "tls/fullchain.pem",
        "tls/privkey.pem",
        "tls/c.org/fullchain.pem",
        "letsencrypt/live/a.org/fullchain.pem",
        "letsencrypt/live/b.org/fullchain.pem",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def container(service: str, **mounts: str) -> dict[str, Any]:
        return {
            "Config": {"Labels": {"com.docker.compose.service": service}},
            "Mounts": [{"Destination": inside, "Source": str(tmp_path / outside)} for outside, inside in mounts.items()],
        }

    stack = [
        container("nginx", tls="/etc/nginx/tls"),
        container("certbot", tls="/etc/nginx/tls", letsencrypt="/etc/letsencrypt"),
        container("other", tls="/etc/nginx/tls"),
        {"Config": {"Labels": None}},
    ]
    assert [(service, file) for service, file, _path in found(stack)] == [
        ("nginx", "c.org/fullchain.pem"),
        ("nginx", "fullchain.pem"),
        ("certbot", "live/a.org/fullchain.pem"),
        ("certbot", "live/b.org/fullchain.pem"),
    ]

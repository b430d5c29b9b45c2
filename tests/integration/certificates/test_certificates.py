# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Certbot gets certificates for routed names from a real ACME server (Pebble) through real nginx, and a lost name is lost alone.

They follow each other on one host, as its routes change.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.ziggie.stack.tests.integration.certificates.host import Host, host, wait
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import UnavailableError

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ONE, TWO, LOST = "one.example.org", "two.example.org", "lost.example.org"
# A new connection every 10 ms whatever became of those before; each takes 300 ms over its request, so that many are under way at any time.
# Prints how many there were, how many kinds of certificates they saw, and what became of those without an answer.
REQUESTS = r"""
import socket, ssl, sys, threading, time

context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
lost, issuers = [], set()


def ask():
    try:
        with socket.create_connection(("127.0.0.1", 443), 5) as plain, context.wrap_socket(plain, server_hostname=sys.argv[1]) as secured:
            issuers.add(b"Pebble" in secured.getpeercert(True))
            secured.sendall(b"GET / HTTP/1.1\r\n")
            time.sleep(0.3)
            secured.sendall(f"Host: {sys.argv[1]}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while more := secured.recv(4096):
                answer += more
            if not (answer.startswith(b"HTTP/1.1 404") and answer.endswith(b"not found\n")):
                lost.append(repr(answer))
    except OSError as error:
        lost.append(repr(error))


threads = []
until = time.monotonic() + 60
while time.monotonic() < until and (len(issuers) < 2 or len(threads) < 200):
    threads.append(threading.Thread(target=ask))
    threads[-1].start()
    time.sleep(0.01)
for thread in threads:
    thread.join()
print(len(threads), len(issuers), *lost, sep="\n")
"""


@pytest.fixture(scope="module", name="here")
def _here() -> Iterator[Host]:
    try:
        with host([ONE, TWO, LOST]) as running:
            for name in (ONE, TWO, "further.example.org"):
                running.leads_here(name)
            yield running
    except UnavailableError as unavailable:
        pytest.fail(str(unavailable), pytrace=False)


def test_a_routed_name_gets_its_certificate_and_a_lost_one_is_lost_alone(here: Host) -> None:
    before = {name: here.served(name) for name in (ONE, TWO, LOST)}
    assert [served.issuer for served in before.values() if served.issuer != "issuer=CN=ziggie"] == []
    assert before[LOST].names == f"DNS:{LOST}"
    here.box.write({"/requests.py": REQUESTS})
    requests = here.start(["python3", "/requests.py", ONE])
    log = here.certbot()
    wait(lambda: here.served(ONE).real and here.served(TWO).real, "nginx shows both certificates")
    assert [here.served(name).names for name in (ONE, TWO)] == [f"DNS:{ONE}", f"DNS:{TWO}"]
    assert here.served(LOST) == before[LOST]
    assert "not every name has a certificate, next try in 1 h" in log
    made, issuers, *lost = requests().splitlines()
    # The reload was in their midst, and nobody saw it.
    assert (int(made) >= 200, issuers, lost) == (True, "2", [])


def test_a_name_that_comes_back_gets_one_and_nobody_else_a_new_one(here: Host) -> None:
    before = here.served(ONE)
    assert before.real
    here.leads_here(LOST)
    log = here.certbot()
    wait(lambda: here.served(LOST).real, "nginx shows its certificate")
    assert here.served(ONE) == before
    assert [here.given(name) for name in (ONE, TWO, LOST)] == [1, 1, 1]
    assert "next try" not in log


def test_a_new_route_waits_with_a_self_signed_one_and_one_that_is_gone_leaves_nothing(here: Host) -> None:
    here.write([TWO, "new.example.org"])
    here.reload()
    assert here.served("new.example.org").names == "DNS:new.example.org"
    assert here.served(TWO).real
    here.certbot()
    kept = here.box.run(["sh", "-c", "ls -d /etc/letsencrypt/*/live/*/ /etc/nginx/tls/*/"]).split()
    assert [place.rsplit("/", 2)[1] for place in kept] == [TWO, "new.example.org", TWO]


def test_names_of_the_credential_share_one_that_a_lost_name_does_not_end(here: Host) -> None:
    here.write([TWO], further="further.example.org,gone.example.org")
    here.certbot()
    wait(lambda: here.served("further.example.org").real, "nginx shows what can be proven")
    first = here.served("further.example.org")
    assert first.names == "DNS:further.example.org"
    # Nothing is asked for again and again, and the other name is taken in when it leads here.
    here.certbot()
    assert here.given("ziggie") == 1
    here.leads_here("gone.example.org")
    log = here.certbot()
    wait(lambda: here.served("further.example.org").names == "DNS:further.example.org, DNS:gone.example.org", f"both names: {log}")

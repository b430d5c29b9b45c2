# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine publishes, seen from outside: from a network namespace with a link of its own to the host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.host.facts import Facts
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep import firewall
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.paths import FIREWALL_RULES, FIREWALL_UNIT, FIREWALL_WANTED
from ansible_collections.ziggie.stack.tests.integration.storage.disks import ask, fails, run

pytestmark = pytest.mark.integration

NAME = "ziggie-test-door"
HOST4, HOST6 = "10.99.77.1", "fd77::1"
PUBLIC, PUBLISHED, SERVED = 80, 18080, 18022
PENDING = "/run/ziggie-test.pending"
OPEN = (
    "import socket,sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3); s.settimeout(3);"
    " s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n'); sys.exit(not s.recv(1))"
)


def reachable(address: str, port: int) -> bool:
    """Ask from outside for one byte of an answer."""
    return not fails(f'ip netns exec {NAME} python3 -c "{OPEN}" {address} {port}')


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def container_address() -> str:
    return ask(f"docker inspect -f '{{{{.NetworkSettings.IPAddress}}}}' {NAME}")


def prepare() -> dict[str, object]:
    """Put the firewall in place as host_prep does: from the facts of now."""
    facts = Facts.from_dict(run("host_info", project="ziggie")["host"])
    documents = firewall.documents({}, [80, 443], [], facts, wanted=True)
    return run("files", files=[document.to_dict() for document in documents], pending=PENDING)


@pytest.fixture(scope="module", autouse=True)
def _outside() -> Iterator[None]:
    saved = ask(f"cat {FIREWALL_RULES} 2>/dev/null || true")
    _remove()
    # The engine looks once, when it starts, whether it may listen on IPv6.
    ipv6 = ask("sysctl -n net.ipv6.conf.all.disable_ipv6")
    ask("sysctl -qw net.ipv6.conf.all.disable_ipv6=0 && systemctl restart docker")
    ask(
        f"ip netns add {NAME} && ip link add zgout type veth peer name eth0 netns {NAME}"
        f" && sysctl -qw net.ipv6.conf.zgout.disable_ipv6=0 && ip netns exec {NAME} sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0"
        f" && ip addr add {HOST4}/24 dev zgout && ip addr add {HOST6}/64 dev zgout nodad && ip link set zgout up"
        f" && ip -n {NAME} addr add 10.99.77.2/24 dev eth0 && ip -n {NAME} addr add fd77::2/64 dev eth0 nodad"
        f" && ip -n {NAME} link set eth0 up && ip -n {NAME} route add default via {HOST4}"
    )
    image = ask("docker image ls --format '{{.Repository}}:{{.Tag}}' | grep -m 1 '^redis:'")
    # The stack's own nginx has the public port where the stack runs.
    public = f"-p {PUBLIC}:8000" if fails(f"docker ps --format '{{{{.Ports}}}}' | grep -q ':{PUBLIC}->'") else ""
    ask(
        f"docker run -d --restart always --name {NAME} {public} -p {PUBLISHED}:8000 -v /bin/busybox:/bin/busybox:ro"
        f" --entrypoint /bin/busybox {image} httpd -f -p 8000 -h /etc >/dev/null"
    )
    # A service of the host itself, such as sshd is.
    ask(f"(exec python3 -m http.server {SERVED} >/dev/null 2>&1 & echo $! > /run/{NAME}.pid)")
    until(lambda: not fails(f"ss -Hltn 'sport = :{SERVED}' | grep -q ."))
    yield
    _remove()
    ask(f"sysctl -qw net.ipv6.conf.all.disable_ipv6={ipv6} && systemctl restart docker")
    if saved:
        ask(f"cat > {FIREWALL_RULES} && systemctl restart ziggie-firewall", (saved + "\n").encode())
    else:
        paths = [FIREWALL_UNIT, FIREWALL_WANTED, FIREWALL_RULES]
        ask(f"systemctl stop ziggie-firewall; rm -f {' '.join(paths)}; systemctl daemon-reload")


def _remove() -> None:
    ask(
        f"docker rm -f {NAME} >/dev/null 2>&1; ip netns del {NAME} 2>/dev/null; ip link del zgout 2>/dev/null;"
        f" test -e /run/{NAME}.pid && kill $(cat /run/{NAME}.pid) 2>/dev/null; rm -f /run/{NAME}.pid {PENDING}; true"
    )


def wrong() -> list[str]:
    """Return the ways in that are open and must be closed, and those that are closed and must be open."""
    ways = {
        "IPv4": not reachable(HOST4, PUBLISHED),
        "IPv6": not reachable(HOST6, PUBLISHED),
        "the container's own address": not reachable(container_address(), 8000),
        "the public port": reachable(HOST4, PUBLIC),
        "a service of the host": reachable(HOST4, SERVED),
        "a service of the host, IPv6": True if fails(f"ss -Hltn6 'sport = :{SERVED}' | grep -q .") else reachable(HOST6, SERVED),
        "a published port from the host": not fails(f'python3 -c "{OPEN}" 127.0.0.1 {PUBLISHED}'),
    }
    return [way for way, right in ways.items() if not right]


def test_only_the_public_ports_are_reachable_and_stay_so() -> None:
    prepare()
    assert wrong() == []
    assert prepare()["changed"] is False

    ask("systemctl restart docker")
    until(lambda: reachable(HOST4, PUBLIC), 120)
    until(lambda: not fails(f'python3 -c "{OPEN}" 127.0.0.1 {PUBLISHED}'), 120)
    assert wrong() == []


def test_without_the_rules_they_are() -> None:
    prepare()
    ask("nft delete table inet ziggie")
    assert reachable(HOST4, PUBLISHED)
    assert reachable(HOST6, PUBLISHED)
    assert reachable(container_address(), 8000)


def test_rules_that_somebody_removed_come_back() -> None:
    ask("nft delete table inet ziggie 2>/dev/null || true")
    answer = prepare()
    assert answer["changed"] is True
    assert not reachable(HOST4, PUBLISHED)


def test_wrong_rules_leave_the_old_ones_in_force() -> None:
    prepare()
    before = ask("nft list table inet ziggie")
    assert fails(f"sed 's/policy accept/policy perhaps/' {FIREWALL_RULES} > /run/wrong.nft; nft --file /run/wrong.nft")
    assert ask("nft list table inet ziggie") == before
    assert json.loads(ask("nft -j list table inet ziggie"))["nftables"]

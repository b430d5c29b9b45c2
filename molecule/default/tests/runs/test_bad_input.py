# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each bad input ends the run before anything on the host is touched, with a sentence that names its place and its fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

Look = Callable[[], dict[str, Any]]


def override(service: str, **budget: Any) -> dict[str, Any]:
    return {"catalog_overrides": {"services": {service: {"x-budget": budget}}}}


NETWORK = {"subnet": "172.17.0.0/24", "ip_range": "172.17.0.0/26", "gateway": "172.17.0.1"}
PORTS = {"ports": ["80:80", "443:443", "127.0.0.1:13000:80"]}

BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an unknown key in x-budget": (
        override("redis", memroy={"floor": "1g"}),
        ["services.redis.x-budget.memroy", "write memory"],
    ),
    "an unknown key in an override": (
        {"catalog_overrides": {"servics": {}}},
        ["catalog_overrides.servics", "services"],
    ),
    "an unknown service": (
        override("postgrse", pids=5),
        ["catalog_overrides.services.postgrse", "postgres"],
    ),
    "a size that does not parse": (
        override("postgres", memory={"floor": "1gb2"}),
        ["services.postgres.x-budget.memory.floor", "'1gb2' is no size; write 1g, 1024m or bytes"],
    ),
    "a CPU that does not parse": (
        override("redis", cpus={"limit": "half"}),
        ["services.redis.x-budget.cpus.limit", "half"],
    ),
    "a floor above its request": (
        override("grafana", memory={"floor": "2g"}),
        ["services.grafana.x-budget.memory.floor", "above the request"],
    ),
    "a host too small": (
        {"stack_capacity": {"memory": "4g", "cpus": 4}},
        ["MiB", "floor"],
    ),
    "a network that overlaps": (
        {"catalog_overrides": {"networks": {"default": {"ipam": {"config": [NETWORK]}}}}},
        ["networks.default.ipam.config[0].subnet", "overlaps 172.17.0.0/16 of the Docker network bridge", "choose a free subnet"],
    ),
    "a setting of the host that is none": (
        {"stack_host": {"io": "cfq", "slice": True}},
        ["stack_host.io: 'cfq' is not one of auto, bfq, cost, keep", "stack_host.slice", "write slices"],
    ),
    "a gateway outside its subnet": (
        {"catalog_overrides": {"networks": {"default": {"ipam": {"config": [{"subnet": "10.99.0.0/16", "gateway": "10.98.0.1"}]}}}}},
        ["networks.default.ipam.config[0].gateway", "'10.98.0.1'"],
    ),
    "a port already taken": (
        {"catalog_overrides": {"services": {"nginx": PORTS}}},
        ["services.nginx.ports[2]", "port 13000 is already served on 0.0.0.0"],
    ),
    "a port wanted twice": (
        {"catalog_overrides": {"services": {"redis": {"ports": ["127.0.0.1:9090:6379"]}}}},
        ["port 9090 is already published by services."],
    ),
}


def told(text: str) -> str:
    """Return output as one line, since Ansible wraps it."""
    return " ".join(text.split())


# Overrides that cannot be laid over the catalog end there; a sum is looked at only where everything can be read; one network is wrong in two ways.
MERGED = ("an unknown key in an override", "an unknown service", "a setting of the host that is none")
ALONE = ("a host too small", "a gateway outside its subnet")
RUNS = {
    "overrides of what is not there": list(MERGED),
    "all that is wrong with services at once": [name for name in BAD if name not in (*MERGED, *ALONE)],
    **{name: [name] for name in ALONE},
}


@pytest.mark.parametrize("names", RUNS.values(), ids=RUNS)
def test_bad_input_touches_nothing(names: list[str], play: Callable[..., Any], look: Look) -> None:
    before = look()
    merged: dict[str, Any] = {}
    for name in names:
        merged = lay(merged, BAD[name][0])
    played = play(variables=merged)
    assert played.code != 0, played.text[-3000:]
    assert [word for name in names for word in BAD[name][1] if word not in told(played.text)] == [], played.text[-6000:]
    assert "Traceback" not in played.text
    assert look() == before


def lay(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    return base | {
        key: lay(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value for key, value in over.items()
    }


def test_not_being_root_touches_nothing(play: Callable[..., Any], look: Look) -> None:
    before = look()
    played = play(variables={"ansible_user": "nobody", "ansible_remote_tmp": "/tmp/.ansible-nobody"})
    assert played.code != 0
    assert [word for word in ["host.user", "not root", "ansible_become"] if word not in told(played.text)] == [], played.text[-3000:]
    assert look() == before


@contextmanager
def compose_of_another_version(ask: Any, version: str) -> Iterator[None]:
    """Put a `docker` before the real one that tells another version of Compose."""
    script = f'#!/bin/sh\\n[ "$1 $2" = "compose version" ] && echo {version} && exit\\nexec /usr/bin/docker "$@"\\n'
    ask(f"printf '{script}' > /usr/local/bin/docker && chmod 755 /usr/local/bin/docker")
    try:
        yield
    finally:
        ask("rm /usr/local/bin/docker")


# Between the engine's socket and whoever asks: everything passes, but for the version.
_PROXY = """
import http.client, http.server, os, re, socket, socketserver, sys
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/docker.real.sock")
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        real = Connection("localhost")
        real.request("GET", self.path)
        answer = real.getresponse().read()
        if self.path.endswith("/version"):
            answer = re.sub(rb'"Version":"[^"]+', b'"Version":"20.10.24', answer)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *words): pass
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    def get_request(self):
        return super().get_request()[0], ("engine", 0)
os.rename("/run/docker.sock", "/run/docker.real.sock")
Server("/run/docker.sock", Handler).serve_forever()
"""


@contextmanager
def engine_of_another_version(ask: Any) -> Iterator[None]:
    """Put a proxy before the engine's socket that tells another version."""
    ask(f"cat > /run/old-engine.py <<'END'\n{_PROXY}\nEND\nsystemd-run --quiet --unit old-engine /usr/bin/python3 /run/old-engine.py")
    ask("for try in $(seq 50); do [ -S /run/docker.real.sock ] && [ -S /run/docker.sock ] && exit 0; sleep 0.1; done; exit 1")
    try:
        yield
    finally:
        ask("systemctl stop old-engine; mv /run/docker.real.sock /run/docker.sock; rm /run/old-engine.py")


def test_a_compose_too_old_touches_nothing(play: Callable[..., Any], look: Look, ask: Any) -> None:
    before = look()
    with compose_of_another_version(ask, "2.10.2"):
        played = play()
    assert played.code != 0, played.text[-3000:]
    assert "host.docker_compose: Docker Compose 2.10.2 is too old; upgrade it to 2.18 or newer" in told(played.text)
    assert look() == before


def test_an_engine_too_old_touches_nothing(play: Callable[..., Any], look: Look, ask: Any) -> None:
    before = look()
    with engine_of_another_version(ask):
        played = play()
    assert played.code != 0, played.text[-3000:]
    assert "host.docker_engine: Docker Engine 20.10.24 is too old; upgrade it to 23.0 or newer" in told(played.text)
    assert look() == before


def test_too_little_disk_is_told_before_the_first_run(play: Callable[..., Any], look: Look) -> None:
    """Where the stack runs already its images are there; another project's name makes this host a new one."""
    before = look()
    played = play(variables={"stack_project": "another", "preflight_disk_free": "900t"})
    assert played.code != 0, played.text[-3000:]
    assert [word for word in ["host:/var/lib/docker", "MiB are free", "preflight_disk_free"] if word not in told(played.text)] == []
    assert look() == before

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container, without network, with nginx and Certbot as the catalog starts them and Pebble as the authority."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.certificates import certified
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import routed
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read
from ansible_collections.ziggie.stack.tests.integration.servers.sandbox import Sandbox, UnavailableError

HERE = Path(__file__).parent
CATALOG = HERE.parents[2] / "roles" / "catalog"
IMAGE = "ziggie-lab/acme"
LIFETIME = "600"
AUTHORITY = "https://localhost:14000/dir"
# Answered by nginx itself, at names without anything behind them.
APP = {"services": {"app": {"image": "app:1", "expose": ["80"], "x-budget": {"tier": "workflow", "memory": {"floor": "8m"}, "pids": 10}}}}
# HTTP-01 at nginx's port; what is between the host and the world is not there.
PEBBLE = {
    "listenAddress": "127.0.0.1:14000",
    "managementListenAddress": "127.0.0.1:15000",
    "certificate": "/pebble/certificate.pem",
    "privateKey": "/pebble/key.pem",
    "httpPort": 80,
    "tlsPort": 443,
    "ocspResponderURL": "",
    "externalAccountBindingRequired": False,
}
START = r"""
openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout /pebble/key.pem -out /pebble/certificate.pem 2>/dev/null
export PEBBLE_VA_NOSLEEP=1 PEBBLE_AUTHZREUSE=0
setsid pebble -config /pebble/config.json -dnsserver 127.0.0.1:8053 >/pebble/log 2>&1 </dev/null &
setsid pebble-challtestsrv -defaultIPv4 "" -defaultIPv6 "" -dns01 127.0.0.1:8053 -management 127.0.0.1:8055 -doh "" -http01 "" -https01 "" -tlsalpn01 "" \
    >/pebble/dns.log 2>&1 </dev/null &
# Certbot's image is Alpine: beside it and openssl there is BusyBox.
mkdir /alpine
for applet in $(busybox --list); do ln -s /usr/bin/busybox "/alpine/$applet"; done
for program in certbot openssl; do ln -sf "/usr/bin/$program" "/alpine/$program"; done
# nginx looks for new certificates each minute, and here each second.
mkdir /fast
printf '#!/bin/sh\nexec /usr/bin/sleep 1\n' >/fast/sleep
chmod 0755 /fast /fast/sleep
install -d -o 101 -g 101 -m 0700 /etc/nginx/tls
install -d /var/www/acme /run/secrets
install -o 101 /dev/null /tmp/nginx.log
PATH=/fast:$PATH setsid setpriv --reuid=101 --regid=101 --clear-groups sh /etc/nginx/ziggie/start.sh \
    nginx -c /etc/nginx/ziggie/nginx.conf -g 'daemon off;' >/tmp/nginx.log 2>&1 </dev/null &
"""
# As in a container of its own, where what it writes to is its own.
RELOAD = r"""
install -o 101 /dev/null /tmp/said
setpriv --reuid=101 --regid=101 --clear-groups sh "$1" >/tmp/said 2>&1 || { cat /tmp/said >&2; exit 1; }
"""
CERTBOT = r"""
rm -f /tmp/certbot.log
export REQUESTS_CA_BUNDLE=/pebble/certificate.pem
PATH=/alpine setsid /usr/bin/setpriv --bounding-set=-all,+chown,+dac_override --no-new-privs sh /etc/certbot/renew.sh >/tmp/certbot.log 2>&1 </dev/null &
echo $!
"""
SERVED = r"""
openssl s_client -connect 127.0.0.1:443 -servername "$1" </dev/null 2>/dev/null | openssl x509 -noout -issuer -serial -ext subjectAltName
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The certificate that nginx shows for a name."""

    issuer: str
    serial: str
    names: str

    @property
    def real(self) -> bool:
        """Tell whether it is of the authority."""
        return "Pebble" in self.issuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host of the stack's way to a certificate."""

    box: Sandbox

    def answers(self, *request: str) -> bool:
        """Tell whether a request is answered well."""
        return self.box.run(["sh", "-c", 'curl -fs -o /dev/null "$@" && echo yes || echo no', "sh", *request]) == "yes\n"

    def start(self, command: list[str]) -> Callable[[], str]:
        """Start a command beside others, and return what waits for its end and returns what it printed."""
        words = ["docker", "exec", self.box.container, *command]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        return lambda: process.communicate(timeout=120)[0]

    def write(self, names: list[str], further: str = "") -> None:
        """Write the configuration of nginx and Certbot for routed names, and what Certbot is told on the host."""
        self.box.run(["rm", "-f", "/etc/certbot/names"])
        self.box.write(files(names))
        self.box.run(["chmod", "-R", "a+rX", "/etc/nginx/ziggie"])
        more = f"domains = {further}\n" if further else ""
        self.box.write({"/run/secrets/cli.ini": f"email = me@example.org\n{more}"})

    def reload(self) -> None:
        """Let nginx read its configuration again, as a run does."""
        for script in ("check", "reload"):
            self.box.run(["sh", "-c", RELOAD, "sh", f"/etc/nginx/ziggie/{script}.sh"])

    def leads_here(self, name: str) -> None:
        """Let the authority find a name at this host."""
        record = json.dumps({"host": name, "addresses": ["127.0.0.1"]})
        self.box.run(["curl", "-fsS", "-d", record, "http://127.0.0.1:8055/add-a"])

    def certbot(self) -> str:
        """Run Certbot's loop until it sleeps, end it, and return its log."""
        process = self.box.run(["sh", "-c", CERTBOT]).strip()
        try:
            wait(lambda: f" {process} sleep " in self.box.run(["sh", "-c", "ps -eo ppid=,args= | sed 's/^ */ /'"]), "Certbot's loop sleeps")
        finally:
            log = self.box.run(["sh", "-c", 'kill -TERM -- "-$1" 2>/dev/null; cat /tmp/certbot.log', "sh", process])
        return log

    def given(self, certificate: str) -> int:
        """Return how many times the authority gave a certificate."""
        return len(self.box.run(["sh", "-c", 'ls -d /etc/letsencrypt/*/archive/"$1"/cert*.pem', "sh", certificate]).split())

    def served(self, name: str) -> Served:
        """Return what nginx shows for a name."""
        told = self.box.run(["sh", "-c", SERVED, "sh", name]).splitlines()
        return Served(issuer=told[0], serial=told[1], names=told[-1].strip())


def wait(happened: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait until something has happened."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)


def files(names: list[str]) -> dict[str, str]:
    """Return the files of nginx and Certbot, by their places in the containers, for routed names."""
    fragments, _wrong = read(CATALOG / "files")
    compose, _wrong = merge(fragments, APP, images={})
    wanted: list[Mapping[str, Any]] = [{"host": name, "path": "/v1", "enter": "open"} for name in names]
    compose, wrong = routed(compose, {"app": wanted}, "nginx")
    compose, more = certified(compose, {"server": AUTHORITY}, ["certbot_email"])
    assert [*wrong, *more] == []
    budget = solve(compose, {"memory": "15974m", "cpus": 4}, {"credentials": ["certbot_email"]}).to_dict()
    written = render([CATALOG / "templates"], budget, compose, generate=False)
    places = {"config/nginx/": "/etc/nginx/ziggie/", "config/certbot/": "/etc/certbot/"}
    return {
        f"{place}{path.removeprefix(held)}": text
        for held, place in places.items()
        for path, text in written.items()
        if path.startswith(held)
    }


@contextmanager
def host(names: list[str]) -> Iterator[Host]:
    """Start the container with nginx and the authority, and remove it whatever happens."""
    _docker("build", "--quiet", "--tag", IMAGE, str(HERE))
    container = _docker("run", "--detach", "--rm", "--network", "none", IMAGE, "tini", "--", "sleep", LIFETIME)
    try:
        one = Host(box=Sandbox(container=container))
        one.write(names)
        one.box.write({"/pebble/config.json": json.dumps({"pebble": PEBBLE})})
        one.box.run(["sh", "-c", START])
        record = json.dumps({"host": "nobody"})
        wait(lambda: one.answers("-k", AUTHORITY), "Pebble answers")
        wait(lambda: one.answers("-d", record, "http://127.0.0.1:8055/clear-a"), "the DNS answers")
        wait(lambda: one.answers("http://127.0.0.1:8081/healthz"), "nginx answers")
        yield one
    finally:
        _docker("rm", "--force", "--volumes", container)


def _docker(*arguments: str) -> str:
    try:
        done = subprocess.run(["docker", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    except FileNotFoundError as error:
        raise UnavailableError("there is no docker on this machine: run `make lab`") from error
    if done.returncode != 0:
        raise UnavailableError(f"docker {arguments[0]} failed, run `make lab` and try again: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()

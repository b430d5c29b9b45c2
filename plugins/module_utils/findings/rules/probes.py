# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health probes: whether they can succeed, whether they can fail, and what they cost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compose.entries import Probe
from ...compose.values import mapping, sequence, text
from ...images.facts import words
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Health probes")

_COMPOSE = "compose-spec, healthcheck"
_CHECKED = words("sh bash curl wget nc python python3 node jq psql pg_isready redis-cli mongosh mongo mysqladmin mysql promtool")
_ALWAYS_TRUE = re.compile(r"(?:\|\||;)\s*(?:exit 0|true|:)\s*$|^(?:true|:|exit 0|/bin/true)$")
_COSTLY = {
    "mongosh": "a Node.js program: 0.8 s of CPU and 130 MiB",
    "mongo": "a JavaScript shell",
    "rabbitmq-diagnostics": "an Erlang machine",
    "rabbitmqctl": "an Erlang machine",
    "kafka-topics.sh": "a Java machine",
    "kafka-broker-api-versions.sh": "a Java machine",
    "celery": "the whole application",
}
_LEAST_INTERVAL = 30
_PING = "redis-cli ping succeeds even when the server answers NOAUTH or LOADING"


@BOOK.service(
    "ZB140",
    "info",
    "No health check",
    why="Without one, Docker reports a hung container as running, and services that depend on it wait for its start only.",
    fix="write a healthcheck",
    source=_COMPOSE,
)
def _no_probe(service: Service, _stack: Stack) -> Iterator[Hit]:
    facts = service.facts
    # Whoever writes that it is not to be started again means it to end.
    ends = facts.role in ("client", "job") or text(service.data.get("restart")).lower() in ("no", "false")
    if "healthcheck" in service.data or facts.own_probe or ends:
        return
    message = "nothing tells whether it works" if facts.own_probe is False else "the file has no health check; the image may have one"
    yield Hit(at="", message=message, fix=f"write a healthcheck that runs: {facts.probe}" if facts.probe else "")


@BOOK.service(
    "ZB141",
    "error",
    "A probe whose program is not in the image",
    why="The probe always fails, so the container is never healthy and what waits for it never starts.",
    fix="use a program that is in the image",
    source="the images' own build files",
)
def _tool_missing(service: Service, _stack: Stack) -> Iterator[Hit]:
    probe = service.probe
    if probe is None:
        return
    for name in _programs(probe):
        if name in _CHECKED and service.facts.missing(name) and not _mounted(service, name):
            fix = f"use {service.facts.probe}" if service.facts.probe else "write disable: true and watch the service from outside"
            yield Hit(at="healthcheck.test", message=f"the image of {service.facts.family} has no {name}", fix=fix)
            return


@BOOK.service(
    "ZB142",
    "warning",
    "A probe that cannot fail",
    why="It succeeds whether the server works or not, so a failure goes unnoticed. A note for redis-cli ping, which fails only without any answer.",
    fix="check the answer of the server itself",
    source="measured exit codes",
)
def _cannot_fail(service: Service, _stack: Stack) -> Iterator[Hit]:
    why = _why_true(service.probe) if service.probe else ""
    if why:
        fix = f"use {service.facts.probe}" if service.facts.probe else ""
        # It does fail where the server does not answer at all.
        yield Hit(at="healthcheck.test", message=why, fix=fix, severity="info" if why == _PING else None)


@BOOK.service(
    "ZB143",
    "info",
    "A probe that is true while the server is still being set up",
    why="During its first start the image runs a temporary server that only its own set-up may use; a probe that reaches it reports ready too early.",
    fix="probe over the network address that only the final server listens on",
    source="docker-library, docker-entrypoint.sh of postgres and mongo",
)
def _early(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.probe is None:
        return
    line = service.probe.line
    if "pg_isready" in line and not re.search(r"(?:^|\s)(?:-h|--host)", line):
        message, fix = "pg_isready asks over the socket, where the temporary server of the first start answers", "add -h 127.0.0.1"
        yield Hit(at="healthcheck.test", message=message, fix=fix)
    if re.search(r"\bmongo(?:sh)?\b", line) and ("localhost" in line or "127.0.0.1" in line or "host" not in line):
        message = "mongosh asks the loopback address, where the temporary server of the first start answers"
        yield Hit(at="healthcheck.test", message=message, fix=f"add --host {service.name}")


@BOOK.service(
    "ZB144",
    "info",
    "A probe that asks localhost",
    why="localhost may be ::1 first, and BusyBox's wget and nc ask only that one; a server that listens on IPv4 alone is then never healthy.",
    fix="write 127.0.0.1",
    source="BusyBox, xhost2sockaddr: the first address alone; curl and clients of databases try each",
)
def _localhost(service: Service, _stack: Stack) -> Iterator[Hit]:
    asks = service.probe and re.search(r"\b(wget|nc)\s[^|&;]*\blocalhost\b", service.probe.line)
    if asks:
        yield Hit(
            at="healthcheck.test", message=f"localhost is not always where the server listens, and {asks[1]} may ask one address only"
        )


@BOOK.service(
    "ZB145",
    "info",
    "A probe without a start period",
    why="Failures count from the first second, so a slow start is reported as unhealthy.",
    fix="write start_period, longer than the slowest start, and start_interval: 1s for a quick answer",
    source=_COMPOSE,
)
def _no_start_period(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.probe and service.probe.start_period is None:
        patience = service.probe.interval * service.probe.retries
        yield Hit(at="healthcheck", message=f"a start of more than {patience:g} s counts as unhealthy")


@BOOK.service(
    "ZB146",
    "info",
    "A costly probe at a short interval",
    why="A probe runs inside the container and uses its CPU, memory and pids; some start a whole runtime each time.",
    fix="write an interval of 60s and a timeout of 15s, or use a lighter probe",
    source="measured: one mongosh run takes 0.8 s of CPU and 133 MiB",
)
def _costly(service: Service, _stack: Stack) -> Iterator[Hit]:
    probe = service.probe
    if probe is None:
        return
    name = next((name for name in _programs(probe) if name in _COSTLY), None)
    if name and probe.interval < _LEAST_INTERVAL:
        yield Hit(at="healthcheck", message=f"each {probe.interval:g} s it starts {name}, {_COSTLY[name]}")


@BOOK.service(
    "ZB147",
    "warning",
    "A request that treats an error as success",
    why="Without --fail, curl succeeds when the server answers 500.",
    fix="write curl -fsS",
    source="curl(1)",
)
def _curl_without_fail(service: Service, _stack: Stack) -> Iterator[Hit]:
    probe = service.probe
    if probe is None or "curl" not in _programs(probe):
        return
    line = probe.line
    checks = "|" in line.replace("||", "") or "http_code" in line
    if not checks and not re.search(r"\s(?:--fail\b|--fail-with-body|-[a-zA-Z]*f)", line):
        yield Hit(at="healthcheck.test", message="curl runs without --fail")


@BOOK.service(
    "ZB148",
    "error",
    "A probe that Docker cannot parse",
    why="A list must begin with CMD, CMD-SHELL or NONE; Compose refuses the file.",
    fix="put CMD first, or write the test as one line",
    source=_COMPOSE,
)
def _unreadable(service: Service, _stack: Stack) -> Iterator[Hit]:
    test = mapping(service.data.get("healthcheck")).get("test")
    if isinstance(test, list) and test and text(test[0]) not in ("CMD", "CMD-SHELL", "NONE"):
        yield Hit(at="healthcheck.test", message=f"the list begins with '{text(test[0])}'")


@BOOK.stack(
    "ZB149",
    "error",
    "Waiting for the health of a service that has no probe",
    why="`depends_on` with `service_healthy` fails at once when the container has no health check: what depends on it never starts.",
    fix="give it a healthcheck, or wait for service_started",
    source=_COMPOSE,
)
def _waits_for_ever(stack: Stack) -> Iterator[Hit]:
    for name, service in stack.services.items():
        check = mapping(service.data.get("healthcheck"))
        off = check.get("disable") is True or list(sequence(check.get("test")))[:1] == ["NONE"]
        silent = "healthcheck" not in service.data and service.facts.own_probe is False
        for waiter in stack.waits_for(name, "service_healthy") if off or silent else ():
            yield Hit(at=f"services.{waiter}.depends_on.{name}", message=f"{name} has no health check, so it is never healthy")


def _programs(probe: Probe) -> list[str]:
    """Return what a probe runs: the shell where one reads it, and the first word of each of its commands."""
    if not probe.shell:
        line = probe.line if probe.words and _base(probe.words[0]) in ("sh", "bash") else ""
        return [_base(word) for word in probe.words[:1]] + (_heads(" ".join(probe.words[2:])) if line else [])
    return ["sh", *_heads(probe.line)]


def _heads(line: str) -> list[str]:
    heads = []
    for command in re.split(r"\|\||&&|[|;&]|\$\(|`", line):
        words = [word for word in command.split() if not re.fullmatch(r"[A-Za-z_]+=.*|!|if|then|exec|test|\[|timeout|[0-9]+s?", word)]
        heads += [_base(word) for word in words[:1]]
    return heads


def _base(word: str) -> str:
    return word.strip("'\"()").rsplit("/", 1)[-1]


def _mounted(service: Service, name: str) -> bool:
    return any(_base(mount.target) == name for mount in service.mounts)


def _why_true(probe: Probe) -> str:
    line = probe.line.strip()
    if _ALWAYS_TRUE.search(line):
        return "its last word is always success"
    if re.search(r"(?:redis|valkey)-cli\b.*\bping\b", line) and not re.search(
        r"\|\s*grep|\s-e\b|=|PONG", line.split("ping", 1)[1] + _flags(line)
    ):
        return _PING
    if re.search(r"\bnginx\s+-t\b", line):
        return "nginx -t reads the files anew in another process and says nothing about the server"
    if re.search(r"\b(?:ollama|redis-server|mongod|postgres|node|python3?)\s+(?:--version|-v|-V|version)\b", line):
        return "printing a version does not ask the server"
    if re.search(r"\becho\b.*\|\s*mongo(?:sh)?\b", line):
        return "what mongosh reads from a pipe does not decide how it ends"
    return ""


def _flags(line: str) -> str:
    return " -e " if re.search(r"-cli\b.*\s-e\b", line) else ""

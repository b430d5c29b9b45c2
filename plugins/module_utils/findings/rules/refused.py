# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has the right shape and is still refused, by Compose when it reads the file or by Docker when it makes the container."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...compose.values import dig, mapping, sequence, text
from ...problems import suggestion
from ...units import shown
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("What Docker refuses")

_DURATION = re.compile(r"[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+)")
_DURATIONS = (
    ("stop_grace_period",),
    *(("healthcheck", key) for key in ("interval", "timeout", "start_period", "start_interval")),
    *(("deploy", config, key) for config in ("update_config", "rollback_config") for key in ("delay", "monitor")),
    *(("deploy", "restart_policy", key) for key in ("delay", "window")),
)
_RESTART = re.compile(r"|no|always|unless-stopped|on-failure(?::[0-9]+)?")
_CAPABILITY_NAMES = (
    "ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID "
    "IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON "
    "SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE "
    "SYS_TIME SYS_TTY_CONFIG WAKE_ALARM"
)
_CAPABILITIES = frozenset(_CAPABILITY_NAMES.split())
_CONTAINER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_IMAGE_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_REGISTRY = re.compile(
    r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
)
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_PORTS = re.compile(r"(?P<first>[0-9]+)(?:-(?P<last>[0-9]+))?")
_PROTOCOLS = ("tcp", "udp", "sctp")
_LAST_PORT = 65535
_TRUTH_VALUES = ("true", "false", "y", "yes", "n", "no", "on", "off")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLAGS = (
    *((key,) for key in ("init", "oom_kill_disable", "privileged", "read_only", "stdin_open", "tty")),
    ("healthcheck", "disable"),
)
_NUMBERS = (
    *((key,) for key in ("cpu_count", "cpu_period", "cpu_quota", "oom_score_adj")),
    ("healthcheck", "retries"),
    *(("deploy", config, "parallelism") for config in ("update_config", "rollback_config")),
    ("deploy", "restart_policy", "max_attempts"),
)
_SOURCES = {"secrets": ("file", "environment"), "configs": ("file", "environment", "content")}
# Names of a cycle that a sentence lists.
_SHOWN = 8
_COMPOSE_GO = "compose-go"
_ENGINE = "Docker Engine, creating a container"


@BOOK.stack(
    "ZB280",
    "error",
    "Services that wait for each other",
    why="Compose refuses a cycle of dependencies: no service of it could start first.",
    fix="remove one of these dependencies",
    source=f"{_COMPOSE_GO}, graph.CheckCycle",
)
def _cycle(stack: Stack) -> Iterator[Hit]:
    waits = {name: [other for other in service.written.after() if other in stack.services] for name, service in stack.services.items()}
    for circle in _cycles(waits):
        between = circle if len(circle) <= _SHOWN else [*circle[: _SHOWN - 1], f"{len(circle) - _SHOWN + 1} more"]
        way = " → ".join((*between, circle[0]))
        yield Hit(at=f"services.{circle[0]}.depends_on", message=f"the dependencies form a cycle: {way}")


def _cycles(waits: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Yield cycles, each of which leads back to a name that no earlier one has, as a walk in depth meets them; each name is left once."""
    done: set[str] = set()
    told: set[str] = set()
    for start in waits:
        walk = [(start, iter(waits[start]))] if start not in done else []
        on_way = {start: 0}
        while walk:
            name, rest = walk[-1]
            following = next(rest, None)
            if following is None:
                walk.pop()
                del on_way[name]
                done.add(name)
            elif following in told:
                continue
            elif following in on_way:
                circle = [one for one, _rest in walk[on_way[following] :]]
                told.update(circle)
                first = circle.index(min(circle))
                yield circle[first:] + circle[:first]
            elif following not in done:
                on_way[following] = len(walk)
                walk.append((following, iter(waits[following])))


@BOOK.service(
    "ZB281",
    "error",
    "A duration that Compose cannot read",
    why="A duration is a number with its unit, such as 90s or 1m30s; Compose refuses the file.",
    fix="write a number and its unit, such as 90s or 1m30s",
    source="compose-spec, Specifying durations",
)
def _duration(service: Service, _stack: Stack) -> Iterator[Hit]:
    for place in _DURATIONS:
        written = dig(service.data, *place)
        if isinstance(written, str) and "$" not in written and not _DURATION.fullmatch(written):
            yield Hit(at=".".join(place), message=f"{shown(written)} is not a duration")


@BOOK.service(
    "ZB282",
    "error",
    "A restart policy that Docker does not know",
    why="The engine refuses to create the container.",
    fix='write always, unless-stopped, on-failure, on-failure:3 or "no"',
    source=_ENGINE,
)
def _restart(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = service.data.get("restart")
    if isinstance(written, str) and "$" not in written and not _RESTART.fullmatch(written):
        yield Hit(at="restart", message=f"{shown(written)} is not a restart policy")


@BOOK.service(
    "ZB283",
    "error",
    "A capability that Linux does not have",
    why="The engine refuses to create the container.",
    fix="write a capability's name, such as NET_ADMIN",
    source="capabilities(7)",
)
def _capability(service: Service, _stack: Stack) -> Iterator[Hit]:
    for key in ("cap_add", "cap_drop"):
        for position, written in enumerate(sequence(service.data.get(key))):
            name = text(written).upper().removeprefix("CAP_")
            if name not in _CAPABILITIES and "$" not in name:
                fix = suggestion(name, _CAPABILITIES)
                yield Hit(
                    at=f"{key}[{position}]", message=f"{shown(written)} is not a capability", fix=fix if fix.startswith("write ") else ""
                )


@BOOK.stack(
    "ZB284",
    "error",
    "A container name that Docker refuses",
    why="A container's name has letters, digits, _, . and -, begins with a letter or a digit, is longer than one character, and is unique.",
    fix="choose another name, or leave container_name out",
    source=_ENGINE,
)
def _container_name(stack: Stack) -> Iterator[Hit]:
    holders: dict[str, str] = {}
    for service in stack.services.values():
        name = service.data.get("container_name")
        if not isinstance(name, str) or "$" in name:
            continue
        at = f"services.{service.name}.container_name"
        if not _CONTAINER_NAME.fullmatch(name):
            yield Hit(at=at, message=f"{shown(name)} is not a container's name")
        elif holders.setdefault(name, service.name) != service.name:
            yield Hit(at=at, message=f"{shown(name)} is the name of {holders[name]}'s container, too")


@BOOK.service(
    "ZB285",
    "error",
    "An image reference that Docker cannot read",
    why="A reference is [registry/]repository[:tag][@digest], the repository in lower case.",
    fix="write it as docker pull takes it, such as docker.io/library/postgres:17.6",
    source="distribution/reference",
)
def _image(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = service.data.get("image")
    if isinstance(written, str) and written and "$" not in written and not _is_reference(written):
        yield Hit(at="image", message=f"{shown(written)} is not an image reference")


def _is_reference(written: str) -> bool:
    """Tell whether a text is an image's name with or without tag and digest, or an image's ID."""
    if _IMAGE_ID.fullmatch(written):
        return True
    name, at, digest = written.partition("@")
    head, slash, rest = name.partition("/")
    registry, path = (head, rest) if slash and (set(".:") & set(head) or head == "localhost" or head != head.lower()) else ("", name)
    repository, colon, tag = path.partition(":")
    return (
        (not registry or _REGISTRY.fullmatch(registry) is not None)
        and _REPOSITORY.fullmatch(repository) is not None
        and (not colon or _TAG.fullmatch(tag) is not None)
        and (not at or _DIGEST.fullmatch(digest) is not None)
    )


@BOOK.service(
    "ZB286",
    "error",
    "A port that does not exist",
    why="Ports are numbers up to 65535, published as [address:][published:]target[/protocol]; ranges on both sides have the same length.",
    fix='write it as "8080:80"',
    source="compose-spec, ports",
)
def _port(service: Service, _stack: Stack) -> Iterator[Hit]:
    for position, entry in enumerate(sequence(service.data.get("ports"))):
        if "$" not in str(entry):
            problem = _wrong_port(entry)
            if problem:
                yield Hit(at=f"ports[{position}]", message=problem)
    for position, entry in enumerate(sequence(service.data.get("expose"))):
        ports, _slash, protocol = text(entry).partition("/")
        if "$" not in ports and (_range(ports) is None or (protocol or "tcp").lower() not in _PROTOCOLS):
            yield Hit(at=f"expose[{position}]", message=f"{shown(entry)} is not a port", fix='write it as "80" or "53/udp"')


def _wrong_port(entry: Any) -> str:
    """Return what is wrong with an entry of `ports`, empty where nothing is."""
    if isinstance(entry, Mapping):
        address, published, target, protocol = (text(entry.get(key)) for key in ("host_ip", "published", "target", "protocol"))
        if "target" not in entry:
            return "it has no target"
    else:
        short, _slash, protocol = text(entry).partition("/")
        host, _colon, target = short.rpartition(":")
        address, _colon, published = host.rpartition(":")
    inside, outside = _range(target), _range(published) if published else None
    for name, written, known in (("target", target, inside), ("published", published or "0", outside if published else range(1))):
        if known is None:
            return (
                f"{shown(written)} is not a {name} port from 0 to {_LAST_PORT}"
                if _PORTS.fullmatch(written)
                else f"{shown(entry)} is not a port"
            )
    if inside and outside and len(inside) > 1 and len(inside) != len(outside):
        return f"the ranges {published} and {target} differ in length"
    if (protocol or "tcp").lower() not in _PROTOCOLS:
        return f"{shown(protocol)} is not a protocol; Docker knows {', '.join(_PROTOCOLS)}"
    return "" if not address or _is_address(address.strip("[]")) else f"{shown(address)} is not an IP address"


def _range(written: str) -> range | None:
    """Return the ports of `80` or `8000-8010`."""
    match = _PORTS.fullmatch(written) if len(written) <= len("65535-65535") else None
    if match is None:
        return None
    first, last = int(match["first"]), int(match["last"] or match["first"])
    return range(first, last + 1) if first <= last <= _LAST_PORT else None


def _is_address(written: str) -> bool:
    try:
        ipaddress.ip_address(written)
    except ValueError:
        return False
    return True


@BOOK.service(
    "ZB287",
    "error",
    "A text in place of a number or of true or false",
    why="Compose reads a text here as the number or the truth value that it spells, and refuses any other text.",
    fix="write a whole number",
    source=f"{_COMPOSE_GO}, interpolateTypeCastMapping",
)
def _cast(service: Service, _stack: Stack) -> Iterator[Hit]:
    for place in _FLAGS:
        written = dig(service.data, *place)
        if isinstance(written, str) and "$" not in written and written.lower() not in _TRUTH_VALUES:
            yield Hit(at=".".join(place), message=f"{shown(written)} is neither true nor false", fix="write true or false")
    ulimits = mapping(service.data.get("ulimits"))
    limits = [
        ("ulimits", str(name), *([key] if isinstance(entry, Mapping) else [])) for name, entry in ulimits.items() for key in _of(entry)
    ]
    for numbers in (*_NUMBERS, *limits):
        written = dig(service.data, *numbers)
        if isinstance(written, str) and "$" not in written and not _INTEGER.fullmatch(written):
            yield Hit(at=".".join(numbers), message=f"{shown(written)} is not a whole number")


def _of(entry: Any) -> tuple[str, ...]:
    return ("soft", "hard") if isinstance(entry, Mapping) else ("",)


@BOOK.stack(
    "ZB288",
    "error",
    "A secret or config without one source",
    why="Compose refuses a secret that has neither or both of file and environment, and a config with none or several of file, environment and content.",
    fix="write its file",
    source=f"{_COMPOSE_GO}, checkFileObject",
)
def _source(stack: Stack) -> Iterator[Hit]:
    for section, sources in _SOURCES.items():
        for name, entry in stack.section(section).items():
            written = [source for source in sources if source in entry]
            if len(written) > 1:
                fix = f"keep one of {', '.join(written)}"
                yield Hit(at=f"{section}.{name}", message=f"{' and '.join(written)} exclude each other", fix=fix)
            elif not written and not {"external", "driver"} & entry.keys():
                yield Hit(at=f"{section}.{name}", message=f"it has none of {', '.join(sources)}")


@BOOK.stack(
    "ZB289",
    "error",
    "A name that is a directory's own",
    why="Files are kept below the names of services, volumes, secrets and configs. There, . and .. are the directory itself and the one above it.",
    fix="rename it",
    source="path_resolution(7)",
)
def _name(stack: Stack) -> Iterator[Hit]:
    for section in ("configs", "secrets", "volumes"):
        yield from (
            Hit(at=f"{section}.{name}", message=f"{shown(name)} cannot be a file's name")
            for name in stack.section(section)
            if name in (".", "..")
        )
    yield from (
        Hit(at=f"services.{name}", message=f"{shown(name)} cannot be a file's name") for name in sorted(stack.names) if name in (".", "..")
    )

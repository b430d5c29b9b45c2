# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How services start, stop and come back."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.entries import Mount
from ...compose.values import dig, seconds, text
from ..data import data_paths
from ..rule import Book, Hit, listed
from ..service import Service
from ..stack import Stack

BOOK = Book("Starting and stopping")

_DEFAULT_GRACE = 10
_DATABASES = (
    "postgres",
    "redis",
    "mongodb",
    "mysql",
    "elasticsearch",
    "opensearch",
    "clickhouse",
    "cassandra",
    "influxdb",
    "neo4j",
    "mssql",
)
_RUNTIMES = ("node", "npm", "npx", "yarn", "pnpm", "python", "python3")
# Servers that handle SIGTERM themselves.
_HANDLES = ("gunicorn", "uvicorn", "hypercorn", "daphne", "celery", "pm2-runtime", "next", "supervisord")
# Without a command these images run no program of the author's.
_BARE = ("node", "python")


@BOOK.service(
    "ZB180",
    "info",
    "A server that is killed before it has stopped",
    why="After the grace period, 10 seconds by default, Docker kills the container: a database then recovers at its next start,"
    " and a server drops open requests.",
    fix="write stop_grace_period",
    source="docker-library documentation; the projects' own shutdown times",
)
def _short_grace(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = seconds(service.data.get("stop_grace_period"))
    grace, least = _DEFAULT_GRACE if written is None else written, service.facts.grace
    if grace < least:
        yield Hit(
            at="" if written is None else "stop_grace_period",
            message=f"it is killed after {grace:g} s",
            fix=f"write stop_grace_period: {least}s",
        )


@BOOK.service(
    "ZB181",
    "warning",
    "No restart policy",
    why="After a crash, an OOM kill or a reboot of the host the service stays down.",
    fix="write restart: unless-stopped",
    source="compose-spec, restart",
)
def _stays_away(service: Service, stack: Stack) -> Iterator[Hit]:
    # What runs another program than its image's server without a policy is meant to end, and "no" is a decision.
    once = any(stack.waits_for(service.name, "service_completed_successfully")) or service.facts.role in ("client", "job")
    policy = service.data.get("restart", dig(service.data, "deploy", "restart_policy"))
    # Swarm starts again whatever ends, and does not read `restart`.
    if policy is None and not once and not service.written.profiles and not stack.swarm:
        yield Hit(at="", message="nothing starts it again")


@BOOK.service(
    "ZB182",
    "info",
    "A first process that ignores the stop signal",
    why="Process 1 ignores signals that it does not handle: node, npm, python and shells are killed after the grace period with"
    " all open requests, and leave zombies behind.",
    fix="write init: true",
    source="Docker documentation, init; node best practices",
)
def _deaf_first_process(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.data.get("init") is True or (
        service.command and service.command[0].rsplit("/", 1)[-1] in ("tini", "dumb-init", "docker-init")
    ):
        return
    words = [word.rsplit("/", 1)[-1] for word in service.command]
    deaf = service.facts.needs_init and service.facts.kind not in _BARE and not words
    deaf = deaf or (bool(words) and words[0] in _RUNTIMES and not any(word in _HANDLES for word in words))
    if deaf:
        yield Hit(at="", message=f"{words[0] if words else service.facts.kind} is process 1 and ignores SIGTERM unless it handles it")


@BOOK.service(
    "ZB183",
    "warning",
    "Databases that are upgraded unattended",
    why="Watchtower replaces every container whose image has changed, databases and what depends on them included, at any time.",
    fix="set WATCHTOWER_MONITOR_ONLY=true, or WATCHTOWER_LABEL_ENABLE=true and label what it may touch",
    source="Watchtower documentation",
)
def _unattended(service: Service, stack: Stack) -> Iterator[Hit]:
    if service.facts.kind != "watchtower":
        return
    tame = any(service.environment.get(name) == "true" for name in ("WATCHTOWER_MONITOR_ONLY", "WATCHTOWER_LABEL_ENABLE"))
    tame = tame or any(flag in service.command for flag in ("--monitor-only", "--label-enable"))
    data = sorted(other.name for other in stack.of_kind("postgres", "mysql", "mongodb", "redis"))
    if not tame and data:
        yield Hit(at="environment", message=f"it upgrades {listed(data)} too")


@BOOK.service(
    "ZB184",
    "info",
    "Asking registries more often than images change",
    why="Every round asks the registry for every image, and counts against its rate limit. Watchtower's default is once a day.",
    fix="leave it out, or write 86400",
    source="Watchtower documentation, Docker Hub rate limits",
)
def _eager_polling(service: Service, _stack: Stack) -> Iterator[Hit]:
    interval = service.environment.get("WATCHTOWER_POLL_INTERVAL", "")
    if service.facts.kind == "watchtower" and interval.isdigit() and int(interval) < 3600:
        yield Hit(at="environment.WATCHTOWER_POLL_INTERVAL", message=f"every {interval} s is {86400 // int(interval or 1)} times a day")


@BOOK.service(
    "ZB185",
    "info",
    "Certificates that are not loaded",
    why="nginx reads a certificate when it starts or reloads. After a renewal alone it serves the old one until that expires.",
    fix="add --deploy-hook, or let the server watch the file",
    source="Certbot documentation, renewal hooks",
)
def _silent_renewal(service: Service, _stack: Stack) -> Iterator[Hit]:
    line = " ".join(service.command)
    if service.facts.kind == "certbot" and "renew" in line and "hook" not in line and not line.endswith(".sh"):
        yield Hit(at="command", message=f"'{text(line)[:60]}' tells no server that the certificate is new")


@BOOK.service(
    "ZB186",
    "error",
    "Replicas that need the same port or name",
    why="A port of the host and a container name can be used once. The first container gets it, the others fail.",
    fix="leave it out and let a proxy find the containers by the service's name, or run one",
    source="Docker documentation, docker compose up --scale",
)
def _wanted_twice(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.replicas < 2:
        return
    for port in service.ports:
        if port.published not in ("", "0") and "-" not in port.published:
            yield Hit(at=port.where, message=f"{service.replicas} containers want port {port.published} of the host")
    if service.data.get("container_name"):
        yield Hit(at="container_name", message=f"{service.replicas} containers want the name '{text(service.data['container_name'])}'")


@BOOK.stack(
    "ZB187",
    "error",
    "Several servers on the same data",
    why="A database assumes that it alone uses its directory. A second server corrupts the data, or refuses to start where it notices.",
    fix="run one; for more than one, set up the database's own replication, each server with a volume of its own",
    source="the documentation of PostgreSQL, Redis and MongoDB",
)
def _shared_data(stack: Stack) -> Iterator[Hit]:
    first: dict[tuple[str, str], Service] = {}
    for service in stack.of_kind(*_DATABASES):
        if service.replicas > 1:
            for mount in service.mounts:
                if mount.kind in ("volume", "bind") and not mount.read_only:
                    message = f"{service.replicas} servers would write to {mount.source or mount.target}"
                    yield Hit(at=f"services.{service.name}.{mount.where}", message=message)
        for place, mount in _data_mounts(service):
            other = first.setdefault(place, service)
            if other is not service and not (service.written.profiles and other.written.profiles):
                message = f"{other.name} and {service.name} would both write to {mount.source}"
                yield Hit(at=f"services.{service.name}.{mount.where}", message=message)


def _data_mounts(service: Service) -> Iterator[tuple[tuple[str, str], Mount]]:
    """Yield where a server's data lie, as the source and the path within it, with the mount."""
    for path in data_paths(service):
        mount = service.mount_over(path)
        if mount and mount.kind in ("volume", "bind") and mount.source and not mount.read_only:
            inside = path[len(mount.target.rstrip("/")) :]
            # From 18 on, PostgreSQL's image keeps each major version in a directory of its own.
            own = str(service.facts.version[:1]) if service.facts.old_data and service.facts.version else ""
            yield (mount.source, inside + own), mount

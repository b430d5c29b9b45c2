# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the world, and the container, may reach."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import sequence, text
from ...images.facts import words
from ..data import is_open
from ..rule import Book, Hit, listed
from ..service import Service
from ..stack import Stack

BOOK = Book("Exposure")

_FIREWALL = "Docker documentation, packet filtering and firewalls"
_WEB = ("80", "443")
_LOOPBACK = ("127.", "::1", "localhost")
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/var/run", "/run")
_STRONG = ("ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "DAC_READ_SEARCH")
# Servers that only other services of the stack use.
_INTERNAL = words(
    """
    postgres redis mongodb mysql memcached elasticsearch opensearch clickhouse cassandra neo4j influxdb mssql couchdb kafka zookeeper
    rabbitmq qdrant meilisearch typesense weaviate dragonfly socket-proxy
    """
)


@BOOK.service(
    "ZB160",
    "warning",
    "A port that is open to the world",
    why="Docker publishes a port before the host's firewall sees the packet, so ufw and firewalld do not protect it. A warning for databases and for "
    "servers that ask for no password, a note for others, and for a port that this collection's firewall closes.",
    fix="write 127.0.0.1: before it, or leave it out: containers of one network reach each other without",
    source=_FIREWALL,
)
def _published(service: Service, stack: Stack) -> Iterator[Hit]:
    public = [text(port) for port in sequence(stack.host.get("public_ports"))] or _WEB
    closed = stack.host.get("closes_ports") is True
    for port in service.ports:
        if port.published.partition("-")[0] in public or port.address.startswith(_LOOPBACK) or "$" in port.address:
            continue
        number, kind = port.published or port.target, service.facts.kind
        if closed:
            message = "the firewall closes it to the world"
            yield Hit(at=port.where, message=message, fix=f"add {number} to stack_public_ports to open it", severity="info")
        elif is_open(service):
            message = f"port {number} of {kind}, which asks for no password, is reachable from everywhere, past the host's firewall"
            yield Hit(at=port.where, message=message)
        elif kind in _INTERNAL:
            yield Hit(at=port.where, message=f"port {number} of {kind} is reachable from everywhere, past the host's firewall")
        else:
            yield Hit(at=port.where, message="it is reachable from everywhere, past the host's firewall", severity="info")


@BOOK.service(
    "ZB161",
    "warning",
    "The Docker socket inside a container",
    why="Every program that can use the socket is root on the host; mounting it read-only does not change that.",
    fix="put a proxy in front that allows only the needed requests, or do without",
    source="Docker documentation, security",
)
def _socket(service: Service, _stack: Stack) -> Iterator[Hit]:
    # A proxy that lets only reading through is the remedy, unless it lets more through or everyone reaches it.
    if service.facts.kind == "socket-proxy" and service.environment.get("POST", "0") in ("0", "") and not service.ports:
        return
    for mount in service.mounts:
        if mount.kind == "bind" and mount.source.rstrip("/") in _SOCKETS:
            yield Hit(at=mount.where, message=f"{mount.source} makes this container root on the host")


@BOOK.service(
    "ZB162",
    "warning",
    "A privileged container",
    why="It has every capability and every device: nothing isolates the host from it.",
    fix="give it the capability or the device that it needs",
    source="Docker documentation, runtime privilege",
)
def _privileged(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.data.get("privileged") is True:
        yield Hit(at="privileged", message="nothing separates it from the host")


@BOOK.service(
    "ZB163",
    "info",
    "Weakened isolation",
    why="These capabilities, or an unconfined profile, are enough to leave the container or to read other processes' data.",
    fix="leave it out, or accept it with the reason",
    source="capabilities(7); Docker documentation, seccomp and AppArmor",
)
def _weakened(service: Service, _stack: Stack) -> Iterator[Hit]:
    for position, capability in enumerate(sequence(service.data.get("cap_add"))):
        if text(capability).removeprefix("CAP_") in _STRONG:
            yield Hit(at=f"cap_add[{position}]", message=f"{capability} weakens its isolation")
    for position, option in enumerate(sequence(service.data.get("security_opt"))):
        if text(option).endswith("unconfined"):
            yield Hit(at=f"security_opt[{position}]", message=f"{option} weakens its isolation")


@BOOK.service(
    "ZB164",
    "warning",
    "The host's root file system, writable",
    why="The container may change every file of the host, its accounts included.",
    fix="mount it read-only, or only the directory that is needed",
    source="Docker documentation, bind mounts",
)
def _writable_root(service: Service, _stack: Stack) -> Iterator[Hit]:
    for mount in service.mounts:
        if mount.kind == "bind" and mount.source in ("/", "/etc", "/root") and not mount.read_only:
            yield Hit(at=mount.where, message=f"{mount.source} of the host is writable inside")


@BOOK.service(
    "ZB165",
    "warning",
    "All capabilities dropped from an entrypoint that needs some",
    why="The image starts as root, gives its files to the server's user and becomes that user. Without the capabilities the first start fails, and "
    "Redis stays root.",
    fix="set user: to the server's own and prepare its directories, or add the capabilities",
    source="docker-library, docker-entrypoint.sh",
)
def _cannot_step_down(service: Service, _stack: Stack) -> Iterator[Hit]:
    needed = service.facts.steps_down
    dropped = [text(name) for name in sequence(service.data.get("cap_drop"))]
    added = {text(name).removeprefix("CAP_") for name in sequence(service.data.get("cap_add"))}
    missing = [name for name in needed if name not in added]
    if "ALL" in dropped and missing and not service.data.get("user") and not service.written.entrypoint:
        yield Hit(at="cap_drop", message=f"{service.facts.kind} starts as root and needs {', '.join(missing)} to become its own user")


@BOOK.service(
    "ZB166",
    "error",
    "A kernel setting that cannot be set for a container",
    why="Only settings that belong to a namespace can be set for a container; with others it does not start.",
    fix="set it on the host, with ansible.posix.sysctl or stack_sysctl",
    source="Docker documentation, namespaced kernel parameters",
)
def _host_sysctl(service: Service, _stack: Stack) -> Iterator[Hit]:
    settings = service.data.get("sysctls")
    names = (
        [text(name) for name in settings] if isinstance(settings, dict) else [text(entry).partition("=")[0] for entry in sequence(settings)]
    )
    for name in names:
        if name.startswith(("vm.", "fs.file-max", "fs.inotify", "kernel.pid_max", "net.core.rmem_max", "net.core.wmem_max")):
            yield Hit(at=f"sysctls.{name}", message=f"{name} belongs to the host")


@BOOK.stack(
    "ZB167",
    "error",
    "A port published twice",
    why="The second container does not start: the address is in use.",
    fix="publish one of them on another port or address",
    source="moby, port allocator",
)
def _taken(stack: Stack) -> Iterator[Hit]:
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for service in stack.services.values():
        if service.written.profiles:
            continue
        for port in service.ports:
            if not port.published.isdigit():
                continue
            address, key = port.address.replace("0.0.0.0", ""), (port.published, port.protocol)
            other = first.setdefault(key, (service.name, address))
            if other[0] != service.name and ("" in (address, other[1]) or address == other[1]):
                yield Hit(at=f"services.{service.name}.{port.where}", message=f"port {port.published} is published by {other[0]} too")


@BOOK.service(
    "ZB168",
    "warning",
    "A model server that any web page may call",
    why="Ollama has no authentication; with all origins allowed, a page open in a browser on the network can use it.",
    fix="name the origins that may, such as http://open-webui:8080",
    source="Ollama FAQ, OLLAMA_ORIGINS",
)
def _any_origin(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.environment.get("OLLAMA_ORIGINS", "").strip("'\"") == "*":
        yield Hit(at="environment.OLLAMA_ORIGINS", message="'*' lets every web page call it")


@BOOK.stack(
    "ZB169",
    "warning",
    "A build runner beside databases, with the engine's socket",
    why="Every job can become root on the host with the databases, and a build uses all the CPU and disk there is.",
    fix="run it on a host of its own",
    source="GitHub documentation, hardening self-hosted runners",
)
def _runner_beside_data(stack: Stack) -> Iterator[Hit]:
    data = sorted(service.name for service in stack.of_kind("postgres", "mysql", "mongodb"))
    for runner in stack.of_kind("runner"):
        if data and any(mount.source.rstrip("/") in _SOCKETS for mount in runner.mounts):
            yield Hit(at=f"services.{runner.name}", message=f"its jobs are root where {listed(data)} keep their data")

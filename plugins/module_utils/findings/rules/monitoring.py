# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What watches the stack."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.values import parsed, text
from ...evidence.grammar import PROMETHEUS
from ...units import GIB, MIB, mib
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Monitoring")

_RETENTION = "storage.tsdb.retention"
_SAMPLES = 50_000_000 * 16
_STORAGE = "Prometheus documentation, storage"


@BOOK.service(
    "ZB260",
    "info",
    "Retention by flags",
    why="The flags are deprecated since Prometheus 3.8; the configuration file's storage.tsdb.retention takes their place.",
    fix="move it to prometheus.yml: storage: {tsdb: {retention: {time: 30d, size: 10GB}}}",
    source=_STORAGE,
)
def _retention_flags(service: Service, _stack: Stack) -> Iterator[Hit]:
    for name in (f"{_RETENTION}.time", f"{_RETENTION}.size"):
        if service.facts.kind == "prometheus" and service.setting(name) is not None:
            yield Hit(at="command", message=f"--{name} is deprecated")


@BOOK.service(
    "ZB261",
    "error",
    "A retention size that Prometheus refuses",
    why="It wants a unit: B, KB, MB, GB, TB, PB or EB. With anything else it ends at its start.",
    fix="write 10GB",
    source=_STORAGE,
)
def _refused_retention(service: Service, _stack: Stack) -> Iterator[Hit]:
    written = service.setting(f"{_RETENTION}.size") if service.facts.kind == "prometheus" else None
    if written is not None and written != "0" and "$" not in written:
        try:
            PROMETHEUS.bytes(written)
        except ValueError as error:
            yield Hit(at="command", message=f"{_RETENTION}.size: {error}")


@BOOK.service(
    "ZB262",
    "warning",
    "A retention size that silently overrides the time",
    why="The size is disk, not memory, and whichever of the two is reached first counts: with a few hundred MB, days are kept and not weeks.",
    fix="set what the disk can give, about 80% of its share",
    source=_STORAGE,
)
def _size_before_time(service: Service, _stack: Stack) -> Iterator[Hit]:
    size, time = service.setting(f"{_RETENTION}.size"), service.setting(f"{_RETENTION}.time")
    read = parsed(lambda value: PROMETHEUS.bytes(text(value)), size)
    if service.facts.kind == "prometheus" and read and read < GIB and time:
        yield Hit(at="command", message=f"{size} of disk is full long before {time}")


@BOOK.service(
    "ZB263",
    "info",
    "One query that may take all of Prometheus's memory",
    why="A query may load 50 million samples of 16 bytes, 763 MiB, whatever the container's limit is; the number of queries at once bounds nothing.",
    fix="set --query.max-samples=5000000, or x-budget.tuning: {tuner: prometheus}",
    source="Prometheus documentation, command line",
)
def _heavy_query(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "prometheus" and service.memory and service.memory < 2 * _SAMPLES and not service.setting("query.max-samples"):
        yield Hit(at="command", message=f"one query may load {_SAMPLES // MIB} MiB under a limit of {mib(service.memory)}")


@BOOK.service(
    "ZB264",
    "warning",
    "node-exporter that looks at its own container",
    why="Without --path.rootfs and the host's root mounted, file system figures are those of the container; without the host's network, network figures too.",
    fix="mount /:/host:ro,rslave, add --path.rootfs=/host, network_mode: host and pid: host",
    source="node_exporter, README",
)
def _blind_node_exporter(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "node-exporter":
        if service.setting("path.rootfs") is None:
            yield Hit(at="command", message="--path.rootfs is not set")
        if service.data.get("network_mode") != "host":
            yield Hit(at="", message="it has a network of its own, so it counts its own packets")
        elif service.setting("web.listen-address") is None:
            yield Hit(
                at="command",
                message="it listens on every address of the host",
                fix="add --web.listen-address=127.0.0.1:9100, or the bridge's gateway",
            )


@BOOK.service(
    "ZB265",
    "info",
    "cAdvisor that collects everything each second",
    why="With its defaults it has outgrown 256 MiB with thirty containers; with fewer metrics less often it needs 40.",
    fix="add --docker_only --housekeeping_interval=15s --store_container_labels=false",
    source="cAdvisor documentation, runtime options",
)
def _eager_cadvisor(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "cadvisor" and service.setting("housekeeping_interval") is None:
        yield Hit(at="command", message="it takes every figure of every cgroup each second")


@BOOK.service(
    "ZB266",
    "info",
    "Alloy that cannot be reached",
    why="Its HTTP server listens on 127.0.0.1 of its container, so it cannot be scraped or probed from outside.",
    fix="add --server.http.listen-addr=0.0.0.0:12345",
    source="Alloy documentation, run",
)
def _hidden_alloy(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind == "alloy" and service.setting("server.http.listen-addr") is None:
        yield Hit(at="command", message="it listens on 127.0.0.1 only")


@BOOK.stack(
    "ZB267",
    "info",
    "Alerts that go nowhere",
    why="Prometheus only evaluates alerts; Alertmanager sends them.",
    fix="add Alertmanager, or name the existing one in prometheus.yml",
    source="Prometheus documentation, alerting",
)
def _no_alertmanager(stack: Stack) -> Iterator[Hit]:
    for service in stack.of_kind("prometheus"):
        if not any(stack.of_kind("alertmanager")):
            yield Hit(at=f"services.{service.name}", message="the stack has no Alertmanager")


@BOOK.stack(
    "ZB268",
    "info",
    "A database without metrics",
    why="Its metrics come from an exporter, which the server's image does not have.",
    fix="add the exporter",
    source="the exporters' documentation",
)
def _unmeasured(stack: Stack) -> Iterator[Hit]:
    if not any(stack.of_kind("prometheus")):
        return
    for kind in ("postgres", "redis", "mongodb"):
        if not any(stack.of_kind(f"{kind}-exporter")):
            for service in stack.of_kind(kind):
                yield Hit(at=f"services.{service.name}", message=f"Prometheus is there and no {kind} exporter")

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in Java: a heap that leaves room for what is not heap.

A JVM reads its cgroup, and takes a quarter of the limit for its heap unless it is told otherwise (java command, MaxRAMPercentage);
servers bring a fixed heap of their own, which does not follow the limit. -Xmx bounds neither metaspace, code cache, thread stacks nor
direct buffers. Each server has a variable of its own for the heap; JAVA_TOOL_OPTIONS reaches every JVM, and a heap on the command line
wins over it. A heap that an author wrote, in either place, stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ...compose.reader import Reader
from ...evidence.grammar import JAVA
from ...units import GIB, MIB
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, ceil_cores, number, whole_mib

# What a JVM takes beside its heap at least, and with a server's classes loaded.
LEAST_NATIVE = 96 * MIB
NATIVE = 192 * MIB
# Of the author's heap: card tables, marking bitmaps and remembered sets grow with it.
COLLECTOR = Fraction(11, 10)
LEAST = 160 * MIB
MOST_SHARE = Fraction(3, 4)
# Above it pointers take eight bytes instead of four (Elastic documentation, heap size).
COMPRESSED = 31 * GIB

HEAP = "Xmx"
START = "Xms"
YOUNG = "Xmn"
PERCENT = "MaxRAMPercentage"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """A server's `variable`, the `share` of the limit that its heap takes up to `most` bytes, and the heap that it has by `default`.

    `young` is the variable of the young generation, where a server wants both or none. `fixed` tells that the heap is taken whole at
    the start, `bare` that the variable holds a size and no options, and `megabytes` that it is a number of them; `source` is the page
    that says so.
    """

    name: str
    variable: str
    share: Fraction
    source: str
    default: int = 0
    most: int = COMPRESSED
    young: str = ""
    fixed: bool = False
    bare: bool = False
    megabytes: bool = False


SERVERS = (
    _Server(name="jvm", variable="JAVA_TOOL_OPTIONS", share=Fraction(6, 10), most=1024 * GIB, source="Java documentation, java command"),
    _Server(
        name="elasticsearch",
        variable="ES_JAVA_OPTS",
        share=Fraction(1, 2),
        fixed=True,
        source="Elastic documentation, advanced configuration",
    ),
    _Server(
        name="opensearch",
        variable="OPENSEARCH_JAVA_OPTS",
        share=Fraction(1, 2),
        default=GIB,
        fixed=True,
        source="OpenSearch documentation, install with Docker",
    ),
    _Server(
        name="kafka",
        variable="KAFKA_HEAP_OPTS",
        share=Fraction(1, 2),
        default=GIB,
        most=6 * GIB,
        source="Apache Kafka documentation, hardware and OS; kafka-server-start.sh",
    ),
    _Server(
        name="logstash",
        variable="LS_JAVA_OPTS",
        share=Fraction(1, 2),
        default=GIB,
        most=8 * GIB,
        fixed=True,
        source="Elastic documentation, Logstash JVM settings",
    ),
    _Server(
        name="solr", variable="SOLR_HEAP", share=Fraction(1, 2), default=GIB // 2, bare=True, source="Apache Solr reference, JVM settings"
    ),
    # Its start script reads the memory of the host: half of it up to 1 GiB, or a quarter up to 8 GiB.
    _Server(
        name="cassandra",
        variable="MAX_HEAP_SIZE",
        share=Fraction(1, 4),
        default=GIB,
        most=8 * GIB,
        young="HEAP_NEWSIZE",
        bare=True,
        source="Apache Cassandra, cassandra-env.sh",
    ),
    _Server(
        name="zookeeper",
        variable="ZK_SERVER_HEAP",
        share=Fraction(1, 2),
        default=1000 * MIB,
        most=4 * GIB,
        bare=True,
        megabytes=True,
        source="Apache ZooKeeper administrator's guide; zkEnv.sh",
    ),
    _Server(
        name="minecraft",
        variable="MEMORY",
        share=Fraction(3, 4),
        default=GIB,
        fixed=True,
        bare=True,
        source="itzg/minecraft-server documentation, JVM options",
    ),
)
# Beside the heap they live from the kernel's cache of their files.
_FILL = ("cassandra", "elasticsearch", "opensearch", "solr")


def make(server: _Server) -> Tuner:
    """Return the tuner of one server."""

    def read(reader: Reader) -> dict[str, Value]:
        return {"heap_share": reader.share("heap_share", server.share, MOST_SHARE)}

    def needs(room: Room) -> int:
        percent = room.author(PERCENT, number)
        heap = max(room.author(HEAP, JAVA.bytes) or 0, room.author(START, JAVA.bytes) or 0)
        if heap:
            return max(LEAST, int(heap * COLLECTOR) + LEAST_NATIVE + 1)
        if percent is not None and 0 < percent <= 85:
            return max(LEAST, int(LEAST_NATIVE / (1 - percent / 100 * COLLECTOR)) + 1)
        return LEAST

    def derive(room: Room) -> Tuning:
        if any(name in room.written for name in (HEAP, START, YOUNG, PERCENT)):
            return Tuning()
        limit, share = room.limit, room.share("heap_share")
        by_share = min(int(limit * share), limit - NATIVE, server.most)
        by_default = min(server.default, limit - NATIVE, limit // 2 if server.young else limit)
        heap = max(by_share, by_default, min(limit // 4, server.most)) // MIB
        settings = {HEAP: f"{heap}m"}
        explain = {
            HEAP: (
                f"{float(share) * 100:g}% of {whole_mib(limit)} MiB, at most {whole_mib(server.most)} MiB and all but {NATIVE // MIB} MiB, never less than the "
                f"quarter that a JVM takes by itself ({server.source})"
            )
        }
        if server.young:
            young = min(100 * ceil_cores(room.cpus), heap // 4)
            settings[YOUNG] = f"{max(1, young)}m"
            explain[YOUNG] = f"100 MiB for each of {ceil_cores(room.cpus)} cores, at most a quarter of the heap ({server.source})"
        if server.fixed and not server.bare:
            settings = {START: f"{heap}m", **settings}
            explain[START] = "the same as Xmx, since the server wants its heap whole from the start"
        return Tuning(settings=settings, explain=explain)

    def variables(name: str, value: str) -> tuple[str, ...]:
        if server.bare:
            return (server.young if name == YOUNG else server.variable, value.removesuffix("m") if server.megabytes else value)
        return (server.variable, f"-{name}{value}")

    def spell(name: str) -> str:
        if server.bare and name == server.variable:
            return HEAP
        return name.lstrip("-").removeprefix("XX:")

    return Tuner(
        name=server.name,
        fills=server.name in _FILL,
        keys=("heap_share",),
        knows=frozenset({HEAP, START, YOUNG, PERCENT}),
        read=read,
        needs=needs,
        derive=derive,
        spell=spell,
        variables=variables,
    )


TUNERS = tuple(make(server) for server in SERVERS)

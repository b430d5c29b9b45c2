# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Java virtual machine, and the servers that run on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...units import GIB, MIB
from ..demand import Demand
from ..grammar import JAVA, LETTERS
from ..program import Program, Rule, Values, counted, shown, sized
from ..setting import Setting
from ..spelling import Found, Spelling, Traces, embedded, files, options, prefixed, scanned, variables
from ..subject import Subject
from ..syntax import Line, exports, jvm_options, properties, yaml

_JAVA = "Oracle, java command: standard and advanced options"
# Beside a heap: what classes, compiled code and threads take whatever its size, and what a collector keeps for each tenth of it.
_LEAST, _COLLECTED = 192 * MIB, 10
_STACK = MIB
_FLAG = (
    r"(?<![\w-])(?:-(X(?:mx|ms|mn|ss))([0-9]\S*|\$\S+)"
    r"|-XX:(MaxHeapSize|InitialHeapSize|NewSize|Max(?:RAMPercentage|MetaspaceSize|DirectMemorySize)|ReservedCodeCacheSize)=(\S+))"
)
_SAME = {"MaxHeapSize": "-Xmx", "InitialHeapSize": "-Xms", "NewSize": "-Xmn"}
_BEFORE_OTHERS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")


def flag(match: re.Match[str]) -> tuple[str, str]:
    """Return the name and value of a flag; -Xmx and -XX:MaxHeapSize are the same one."""
    name = f"-{match[1]}" if match[1] else _SAME.get(match[3], f"-XX:{match[3]}")
    return name, (match[2] or match[4]).rstrip("\"'),;")


def chosen(name: str, before: Setting, after: Setting) -> Setting:
    """Return which of two spellings of a flag the JVM uses.

    A start script puts options of its own variables behind those of files, JAVA_TOOL_OPTIONS and JDK_JAVA_OPTIONS come first and
    _JAVA_OPTIONS last (JDK documentation). In which order a script takes several variables is not known, so the largest counts.
    """
    first, second = (re.split(r"[.: ]", setting.where)[-1] for setting in (before, after))
    if before.where.startswith("/") or second == "_JAVA_OPTIONS" or first in _BEFORE_OTHERS:
        return after
    if first == "_JAVA_OPTIONS" or second in _BEFORE_OTHERS:
        return before
    return max(before, after, key=lambda setting: _bytes(setting.value) if name.startswith("-X") else 0)


def _bytes(text: str) -> int:
    try:
        return JAVA.bytes(text)
    except ValueError:
        return -1


def _options_of(text: str) -> Iterator[Line]:
    for _name, written, line in jvm_options(text):
        for match in re.finditer(_FLAG, written):
            name, value = flag(match)
            yield name, value, line


def _paired(subject: Subject) -> Iterator[Found]:
    """Read a flag and its value in two variables, CATALINA_PARAMETER1=-Xmx and CATALINA_PARAMETER_VALUE1=2g."""
    for name, setting in subject.environment.items():
        beginning, _digits, number = name.partition("CATALINA_PARAMETER")
        value = subject.environment.get(f"CATALINA_PARAMETER_VALUE{number}")
        if not beginning and number.isdecimal() and value is not None and setting.value.strip() in ("-Xmx", "-Xms"):
            yield setting.value.strip(), value


def _of_scripts(text: str) -> Iterator[Line]:
    names = {"MAX_HEAP_SIZE": "-Xmx", "HEAP_NEWSIZE": "-Xmn"}
    for variable, written, line in exports(text):
        if variable in names:
            yield names[variable], written, line
        for match in re.finditer(_FLAG, written):
            name, value = flag(match)
            yield name, value, line


def _neo4j(text: str) -> Iterator[Line]:
    names = {
        f"{root}.memory.heap.{end}": flag for root in ("server", "dbms") for end, flag in (("max_size", "-Xmx"), ("initial_size", "-Xms"))
    }
    yield from ((names[name], value, line) for name, value, line in properties(text) if name in names)


def _beside(heap: int) -> int:
    """Return what a JVM may take beside its heap: a quarter of it, which vendors recommend, at least what a small one takes."""
    return max(-(-heap // 4), _LEAST)


def _held(heap: int) -> int:
    """Return what a JVM holds beside its heap: a part that does not grow, and the collector's, which does; never more than it may take."""
    return min(_beside(heap), _LEAST + -(-heap // _COLLECTED))


def _heap(values: Values) -> Iterator[Demand]:
    heap, direct = values.size(JAVA, "-Xmx", "-Xms"), values.size(JAVA, "-XX:MaxDirectMemorySize") or 0
    if heap:
        also = f", and direct buffers of {shown(direct)}" if direct else ""
        how = f"a heap of {shown(heap)}, {shown(_held(heap))} for metaspace, code, threads and the collector{also}"
        yield values.demand("heap", heap + _held(heap) + direct, how)


def _native(values: Values) -> Iterator[Demand]:
    heap, meta = values.size(JAVA, "-Xmx", "-Xms"), values.size(JAVA, "-XX:MaxMetaspaceSize")
    code, threads = values.size(JAVA, "-XX:ReservedCodeCacheSize"), values.count("server.tomcat.threads.max")
    stacks = threads * (values.size(JAVA, "-Xss") or _STACK) if threads else 0
    bounds = (meta or 0) + (code or 0) + stacks
    most = max(bounds, _beside(heap or 0))
    if heap and most > _held(heap):
        what = "metaspace, code cache and stacks" if most == bounds else "all that is not heap"
        yield values.demand("native", most - _held(heap), f"{what} may take {shown(most)}, {shown(_held(heap))} are counted")


def _search_cache(values: Values) -> Iterator[Demand]:
    heap = values.size(JAVA, "-Xmx", "-Xms")
    if heap and heap > _beside(heap):
        yield values.demand("file cache", heap - _beside(heap), f"the heap of {shown(heap)} is to be at most half of the memory")


JVM = Program(
    name="java",
    executables=("java",),
    runtime=True,
    spellings=(
        files(
            ("*/jvm.options", "*/jvm.options.d/*.options", "*/jvm*-server.options", "*/jvm.config", "*/user_jvm_args.txt"),
            _options_of,
            "Elasticsearch documentation, JVM settings; Trino documentation, JVM config",
        ),
        files(
            ("*/cassandra-env.sh", "*/setenv.sh", "*/*-env.sh"), _of_scripts, "Apache Cassandra, cassandra-env.sh; Apache Tomcat, setenv.sh"
        ),
        files(("*/neo4j.conf",), _neo4j, "Neo4j operations manual, memory configuration"),
        scanned(
            _FLAG,
            "-X",
            flag,
            f"{_JAVA}; JDK documentation, JAVA_TOOL_OPTIONS and JDK_JAVA_OPTIONS",
            at="flags `-Xmx`, `-Xms`, `-Xmn`, `-Xss`, `-XX:MaxHeapSize`, `-XX:MaxRAMPercentage`, `-XX:MaxMetaspaceSize`, "
            "`-XX:MaxDirectMemorySize`, `-XX:ReservedCodeCacheSize` in any argument and variable",
        ),
        variables(
            {"MEMORY": "-Xmx", "MAX_MEMORY": "-Xmx", "INIT_MEMORY": "-Xms"},
            "docker-minecraft-server, JVM options",
            images=("minecraft", "itzg/minecraft-server", "itzg/mc-proxy", "itzg/bungeecord"),
        ),
        variables({"MEMORYSIZE": "-Xmx"}, "mtoensing/Docker-Minecraft-PaperMC-Server, README", images=("minecraft-papermc-server",)),
        variables({"MAX_HEAP_SIZE": "-Xmx", "HEAP_NEWSIZE": "-Xmn"}, "Apache Cassandra, cassandra-env.sh"),
        variables(
            {
                "NEO4J_server_memory_heap_max__size": "-Xmx",
                "NEO4J_dbms_memory_heap_max__size": "-Xmx",
                "NEO4J_server_memory_heap_initial__size": "-Xms",
                "NEO4J_dbms_memory_heap_initial__size": "-Xms",
                "NEO4J_server.memory.heap.max_size": "-Xmx",
                "NEO4J_dbms.memory.heap.max_size": "-Xmx",
                "NEO4J_dbms.memory.heap.initial_size": "-Xms",
            },
            "Neo4j operations manual, Docker: configuration",
        ),
        variables({"SOLR_HEAP": "-Xmx"}, "Apache Solr reference guide, JVM settings"),
        variables(
            {
                "JVM_MAXIMUM_MEMORY": "-Xmx",
                "JVM_MINIMUM_MEMORY": "-Xms",
                "JVM_RESERVED_CODE_CACHE_SIZE": "-XX:ReservedCodeCacheSize",
                "SETENV_JVM_MAXIMUM_MEMORY": "-Xmx",
                "SETENV_JVM_MINIMUM_MEMORY": "-Xms",
            },
            "Atlassian, Docker images of Jira, Confluence and Bitbucket: memory; teamatldocker/jira, README",
        ),
        variables(
            {"ELASTICSEARCH_HEAP_SIZE": "-Xmx", "OPENSEARCH_HEAP_SIZE": "-Xmx", "ES_HEAP_SIZE": "-Xmx"},
            "bitnami/containers, Elasticsearch and OpenSearch: environment variables; Elasticsearch: The Definitive Guide, heap",
        ),
        variables({"NIFI_JVM_HEAP_MAX": "-Xmx", "NIFI_JVM_HEAP_INIT": "-Xms"}, "Apache NiFi, Docker image"),
        variables(
            {"DRUID_XMX": "-Xmx", "DRUID_XMS": "-Xms", "DRUID_MAXDIRECTMEMORYSIZE": "-XX:MaxDirectMemorySize"},
            "Apache Druid documentation, Docker",
        ),
        variables(
            {
                "ZK_SERVER_HEAP": "-Xmx",
                "ZOO_HEAP_SIZE": "-Xmx",
                "HADOOP_HEAPSIZE": "-Xmx",
                "HADOOP_HEAPSIZE_MAX": "-Xmx",
                "YARN_HEAPSIZE": "-Xmx",
            },
            "Apache ZooKeeper administrator's guide; bitnami/containers, ZooKeeper; Apache Hadoop, hadoop-env.sh: MB",
            unit="m",
        ),
        variables({"HBASE_HEAPSIZE": "-Xmx"}, "Apache HBase, hbase-env.sh: MB where no unit is written", unit="m"),
        variables(
            {"MEM_LIMIT": "-Xmx", "MEM_STARTUP": "-Xms"},
            "linuxserver.io, UniFi: MEM_LIMIT, MB",
            unit="m",
            images=("unifi-controller", "unifi-network-application"),
        ),
        variables({"JVM_MAX_HEAP_SIZE": "-Xmx", "JVM_INIT_HEAP_SIZE": "-Xms"}, "jacobalberty/unifi, README"),
        variables({"MAXIMUM_MEMORY": "-Xmx", "INITIAL_MEMORY": "-Xms"}, "kartoza/geoserver, README", images=("geoserver",)),
        variables(
            {"Java_Xmx": "-Xmx", "Java_Xms": "-Xms", "JAVA_XMX": "-Xmx", "JAVA_XMS": "-Xms"}, "erikvl87 and meyay, LanguageTool: README"
        ),
        Spelling(
            at="variables `CATALINA_PARAMETERn` and `CATALINA_PARAMETER_VALUEn`",
            read=_paired,
            source="teamatldocker/confluence, README",
            traces=Traces(marks=("-X",)),
        ),
        variables({"REFINE_MEMORY": "-Xmx", "REFINE_MIN_MEMORY": "-Xms"}, "OpenRefine documentation, running: memory"),
        variables({"SPARK_DAEMON_MEMORY": "-Xmx"}, "Apache Spark documentation, standalone mode"),
        variables({"LS_HEAP_SIZE": "-Xmx"}, "Logstash documentation before 5"),
        variables({"SERVER_TOMCAT_THREADS_MAX": "server.tomcat.threads.max"}, "Spring Boot documentation, application properties"),
    ),
    rules=(
        Rule(
            settings=("-Xmx", "-Xms", "-XX:MaxDirectMemorySize"),
            formula="-Xmx (or -Xms) + 192 MiB + a tenth of it, at most a quarter of it but at least 192 MiB, + -XX:MaxDirectMemorySize; "
            "a percentage is not a demand",
            source=f"{_JAVA}; native memory tracking of OpenJDK 17: G1 keeps 40 MiB and 4% of a heap before anything is in it",
            derive=_heap,
        ),
        Rule(
            settings=("-Xmx", "-Xms", "-Xss", "-XX:MaxMetaspaceSize", "-XX:ReservedCodeCacheSize", "server.tomcat.threads.max"),
            formula="the larger of a quarter of the heap, at least 192 MiB, and -XX:MaxMetaspaceSize + -XX:ReservedCodeCacheSize + request threads "
            "x -Xss (1 MiB), without what is counted beside the heap",
            source=f"{_JAVA}; docker-minecraft-server, JVM options: 25% beside the heap; Keycloak documentation, containers: 750 MB for a heap of 512; "
            "Cloud Foundry, Java buildpack memory calculator: the sum of these bounds",
            derive=_native,
        ),
        counted("server.tomcat.threads.max", plus=80, what="request threads, and those of the JVM", source="Spring Boot documentation"),
    ),
    choose=chosen,
)

_ELASTIC = "Elasticsearch documentation, heap size"


def _of_variables(subject: Subject) -> Iterator[Found]:
    for name, setting in subject.environment.items():
        if "." in name and not setting.value.startswith("-"):
            yield name, setting


SEARCH = Program(
    name="elasticsearch",
    names=("opensearch",),
    variables=("ES_JAVA_OPTS", "ES_SETTING_", "OPENSEARCH_JAVA_OPTS"),
    spellings=(
        files(
            ("*/elasticsearch.yml", "*/opensearch.yml"),
            yaml,
            "Elasticsearch documentation, configuring",
            folders=("/usr/share/elasticsearch/config", "/usr/share/opensearch/config"),
        ),
        Spelling(
            at="variables with a dot, such as `bootstrap.memory_lock`", read=_of_variables, source="Elasticsearch documentation, Docker"
        ),
        prefixed(
            "ES_SETTING_",
            lambda name: name.lower().replace("__", "\0").replace("_", ".").replace("\0", "_"),
            "Elasticsearch documentation, Docker",
        ),
    ),
    rules=(
        Rule(
            settings=("-Xmx", "-Xms"),
            formula="-Xmx, without what is counted beside the heap: twice the heap in all",
            source=f"{_ELASTIC}: no more than half of the memory; OpenSearch documentation, important settings",
            derive=_search_cache,
        ),
    ),
)

_NEO4J = "Neo4j operations manual, memory configuration"
NEO4J = Program(
    name="neo4j",
    executables=("neo4j",),
    variables=("NEO4J_server_memory_", "NEO4J_dbms_memory_", "NEO4J_dbms.memory.", "NEO4J_server.memory."),
    spellings=(
        files(("*/neo4j.conf",), properties, _NEO4J, folders=("/conf",), name=lambda name: name.replace("dbms.memory.", "server.memory.")),
        variables(
            {
                "NEO4J_server_memory_pagecache_size": "server.memory.pagecache.size",
                "NEO4J_dbms_memory_pagecache_size": "server.memory.pagecache.size",
                "NEO4J_server.memory.pagecache.size": "server.memory.pagecache.size",
                "NEO4J_dbms.memory.pagecache.size": "server.memory.pagecache.size",
            },
            "Neo4j operations manual, Docker: configuration",
        ),
    ),
    rules=(sized("buffers", LETTERS, "server.memory.pagecache.size", what="the page cache, outside of the heap", source=_NEO4J),),
)
_SONAR = {
    f"SONAR_{part.upper()}_{name.upper()}": f"sonar.{part}.{name}"
    for part in ("web", "ce", "search")
    for name in ("javaOpts", "javaAdditionalOpts")
}


def _other_heaps(values: Values) -> Iterator[Demand]:
    written: dict[str, int] = {}
    # Additional options come behind the others, and the last -Xmx counts.
    for name in _SONAR.values():
        match = re.search(r"-Xmx(\S+)", values.text(name) or "")
        if match and _bytes(match[1]) > 0:
            written[name.split(".")[1]] = _bytes(match[1])
    heaps = sorted(written.values())[:-1]
    if heaps:
        yield values.demand(
            "heap", sum(heap + _held(heap) for heap in heaps), "the heaps of the other processes, and what each takes beside it"
        )


SONARQUBE = Program(
    name="sonarqube",
    spellings=(variables(_SONAR, "SonarQube documentation, environment variables"),),
    rules=(
        Rule(
            settings=tuple(_SONAR.values()),
            formula="the -Xmx of the smaller ones, each with what is counted beside it: web server, compute engine and search are processes of their own",
            source="SonarQube documentation, environment variables",
            derive=_other_heaps,
        ),
    ),
)

_SPARK = "Apache Spark documentation, standalone mode"
SPARK = Program(
    name="spark",
    names=("spark-worker", "spark-master"),
    spellings=(
        variables({"SPARK_WORKER_MEMORY": "spark.worker.memory"}, _SPARK),
        options(
            _SPARK,
            names={"memory": "spark.worker.memory", "executor-memory": "spark.executor.memory", "driver-memory": "spark.driver.memory"},
        ),
    ),
    rules=(sized("limit", LETTERS, "spark.worker.memory", plus=GIB, what="what executors may take, and the worker", source=_SPARK),),
)

_FLINK = "Apache Flink documentation, memory of a process"
FLINK = Program(
    name="flink",
    spellings=(
        files(("*/flink-conf.yaml", "*/flink/conf/config.yaml"), yaml, _FLINK, folders=("/opt/flink/conf",)),
        embedded("FLINK_PROPERTIES", yaml, "Apache Flink documentation, Docker"),
    ),
    rules=(
        sized(
            "limit",
            LETTERS,
            "taskmanager.memory.process.size",
            "jobmanager.memory.process.size",
            what="all memory of the process",
            source=_FLINK,
        ),
    ),
)

PROGRAMS = (JVM, SEARCH, NEO4J, SONARQUBE, SPARK, FLINK)

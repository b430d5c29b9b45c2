# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written in a configuration file is read back, and no text makes a reader fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.service import Service
from ansible_collections.ziggie.stack.plugins.module_utils.evidence import syntax
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.demand import Demand
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.read import demands, written
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.setting import Setting, Written
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.subject import Configuration, Subject
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.table import PROGRAMS, programs_of
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump, load
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True)
VALUES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9./:-]{0,20}", fullmatch=True)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=8)

WRITERS: list[tuple[str, syntax.Syntax, Callable[[str, str], str]]] = [
    ("postgresql", syntax.postgresql, lambda name, value: f"{name} = '{value}' # comment"),
    ("postgresql without =", syntax.postgresql, lambda name, value: f"{name} {value}"),
    ("ini", syntax.ini(), lambda name, value: f"{name} = {value} ; comment"),
    ("words", syntax.words, lambda name, value: f"{name} {value}"),
    ("properties", syntax.properties, lambda name, value: f"{name}={value}"),
    ("exports", syntax.exports, lambda name, value: f'export {name}="{value}"'),
    ("directives", syntax.directives, lambda name, value: f"  {name}  {value}; # comment"),
    ("yaml", syntax.yaml, lambda name, value: f'{name}: "{value}" # comment'),
]
READERS = [syntax.postgresql, syntax.ini("mysqld"), syntax.words, syntax.properties, syntax.exports, syntax.directives, syntax.yaml]


@pytest.mark.parametrize(("reader", "write"), [entry[1:] for entry in WRITERS], ids=[entry[0] for entry in WRITERS])
@given(pairs=PAIRS)
def test_what_is_written_is_read(reader: syntax.Syntax, write: Callable[[str, str], str], pairs: list[tuple[str, str]]) -> None:
    text = "\n".join(write(name, value) for name, value in pairs)
    assert list(reader(text)) == [(name, value, number) for number, (name, value) in enumerate(pairs, 1)]


@given(path=st.lists(NAMES, min_size=1, max_size=5), value=VALUES)
def test_nested_names_are_dotted(path: list[str], value: str) -> None:
    block = "\n".join(f"{'  ' * depth}{name}:" for depth, name in enumerate(path)) + f" {value}"
    assert [(name, text) for name, text, _line in syntax.yaml(block)] == [(".".join(path), value)]
    elements = "".join(f"<{name}>" for name in path) + value + "".join(f"</{name}>" for name in reversed(path))
    assert [(name, text) for name, text, _line in syntax.xml(f"<clickhouse>{elements}</clickhouse>")] == [(".".join(path), value)]


def test_an_option_file_is_read_by_its_sections_and_jvm_options_by_their_lines() -> None:
    text = "[client]\nport = 1\n[mysqld]\n# a comment\nkey-buffer-size = 64M\nskip-name-resolve\n[mysqld-8.0]\nmax_connections=9\n"
    assert list(syntax.ini("mysqld")(text)) == [("key-buffer-size", "64M", 5), ("max_connections", "9", 8)]
    assert list(syntax.jvm_options("## a comment\n-Xms1g\n8-13:-XX:NewRatio=2\n")) == [("", "-Xms1g", 2), ("", "-XX:NewRatio=2", 3)]


def test_a_document_that_declares_entities_is_not_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><clickhouse><max_server_memory_usage>&b;</max_server_memory_usage></clickhouse>'
    assert list(syntax.xml(bomb)) == []


@given(text=st.text(max_size=200))
def test_no_text_makes_a_reader_fail(text: str) -> None:
    for reader in [*READERS, syntax.xml, syntax.jvm_options, syntax.ini()]:
        for _name, _value, line in reader(text):
            assert line >= 1


ODD = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["-c", "-Xmx", "-Xmx99999999999999999g", "--maxmemory", "--", "-m", "-s", "-d", "a=", "$", "1e9", "-t", "½k"]),
)
PATHS = [
    "/etc/mysql/conf.d/a.cnf",
    "/etc/redis/redis.conf",
    "/x/postgresql.conf",
    "/x/jvm.options",
    "/etc/clickhouse-server/config.d/a.xml",
    "/x/neo4j.conf",
    "/x/php.ini",
    "/x/supervisord.conf",
]
VARIABLES = [
    "JAVA_OPTS",
    "MEMORY",
    "RAM_SIZE",
    "NODE_OPTIONS",
    "OLLAMA_NUM_PARALLEL",
    "GOMEMLIMIT",
    "PHP_MEMORY_LIMIT",
    "WEB_CONCURRENCY",
    "FLINK_PROPERTIES",
]


@given(
    program=st.sampled_from(["", *(program.name for program in PROGRAMS)]),
    words=st.lists(ODD, max_size=6),
    environment=st.dictionaries(st.sampled_from(VARIABLES), ODD, max_size=4),
    files=st.dictionaries(st.sampled_from(PATHS), st.text(max_size=60), max_size=3),
)
def test_nothing_that_is_written_makes_reading_fail(
    program: str, words: list[str], environment: dict[str, str], files: dict[str, str]
) -> None:
    service = Service.read("s", {"command": words, "environment": environment, "volumes": ["./x:/etc/mysql/conf.d"]})
    subject = Subject.of(service, program=program, configuration=Configuration(files=files))
    found, wanted = written(subject), demands(subject)
    assert all(demand.amount > 0 and demand.sentence and demand.source for demand in wanted)
    assert load(Written, dump(found)) == found
    assert load(tuple[Demand, ...], dump(wanted)) == wanted
    assert load(Configuration, dump(subject.configuration)) == subject.configuration


@given(words=st.lists(ODD, max_size=6), environment=st.dictionaries(st.sampled_from(VARIABLES), ODD, max_size=4), file=st.text(max_size=60))
def test_what_a_spelling_finds_leaves_the_traces_that_it_is_looked_for_by(words: list[str], environment: dict[str, str], file: str) -> None:
    service = Service.read("s", {"command": words, "environment": environment})
    for files in ({}, {"/etc/redis/redis.conf": file}):
        subject = Subject.of(service, program="redis", configuration=Configuration(files=files))
        asked = programs_of(subject)
        for program in PROGRAMS:
            for spelling in program.spellings:
                found = bool(list(spelling.read(subject)))
                assert spelling.traces.are_in(subject) or not found, spelling.at
                assert not found or program in asked or not program.runtime, spelling.at


def at(found: Iterable[tuple[str, Setting]]) -> dict[str, tuple[str, str]]:
    return {name: (setting.value, setting.where) for name, setting in found}


FILES: list[tuple[str, str, str, dict[str, tuple[str, str]]]] = [
    ("redis", "/etc/redis/redis.conf", "# x\nmaxmemory 2gb\n", {"maxmemory": ("2gb", "/etc/redis/redis.conf:2")}),
    (
        "postgres",
        "/etc/postgresql/postgresql.conf",
        "shared_buffers = 1GB\n",
        {"shared_buffers": ("1GB", "/etc/postgresql/postgresql.conf:1")},
    ),
    (
        "mysql",
        "/etc/mysql/conf.d/a.cnf",
        "[mysqld]\ninnodb-buffer-pool-size=1G",
        {"innodb_buffer_pool_size": ("1G", "/etc/mysql/conf.d/a.cnf:2")},
    ),
    (
        "mongodb",
        "/etc/mongod.conf",
        "storage:\n  wiredTiger:\n    engineConfig:\n      cacheSizeGB: 2\n",
        {"storage.wiredTiger.engineConfig.cacheSizeGB": ("2", "/etc/mongod.conf:4")},
    ),
    (
        "elasticsearch",
        "/usr/share/elasticsearch/config/jvm.options.d/h.options",
        "-Xmx2g",
        {"-Xmx": ("2g", "/usr/share/elasticsearch/config/jvm.options.d/h.options:1")},
    ),
    (
        "clickhouse",
        "/etc/clickhouse-server/config.d/m.xml",
        "<clickhouse>\n<max_server_memory_usage>1</max_server_memory_usage></clickhouse>",
        {"max_server_memory_usage": ("1", "/etc/clickhouse-server/config.d/m.xml:2")},
    ),
    (
        "rabbitmq",
        "/etc/rabbitmq/rabbitmq.conf",
        "vm_memory_high_watermark.absolute = 1GB",
        {"vm_memory_high_watermark.absolute": ("1GB", "/etc/rabbitmq/rabbitmq.conf:1")},
    ),
    (
        "php",
        "/usr/local/etc/php-fpm.d/www.conf",
        "[www]\npm.max_children = 20\nphp_admin_value[memory_limit] = 256M\n",
        {"pm.max_children": ("20", "/usr/local/etc/php-fpm.d/www.conf:2"), "memory_limit": ("256M", "/usr/local/etc/php-fpm.d/www.conf:3")},
    ),
    (
        "python",
        "/app/gunicorn.conf.py",
        "import os\nbind = '0.0.0.0:80'\nworkers = 4  # two a core\nthreads = int(os.environ['THREADS'])\n",
        {"workers": ("4", "/app/gunicorn.conf.py:3")},
    ),
    (
        "puma",
        "/app/config/puma.rb",
        "workers ENV.fetch('WEB_CONCURRENCY', 2)\nthreads 2, 5\npreload_app!\n",
        {"RAILS_MAX_THREADS": ("5", "/app/config/puma.rb:2")},
    ),
    (
        "python",
        "/app/uwsgi.ini",
        "[uwsgi]\nprocesses = 4\nlimit-as = 512\n; threads = 9\n[other]\nthreads = 8\n",
        {"workers": ("4", "/app/uwsgi.ini:2"), "limit-as": ("512", "/app/uwsgi.ini:3")},
    ),
    (
        "kafka",
        "/opt/kafka/config/server.properties",
        "num.io.threads=16",
        {"num.io.threads": ("16", "/opt/kafka/config/server.properties:1")},
    ),
    (
        "nginx",
        "/etc/nginx/nginx.conf",
        "worker_processes 4;\nevents { worker_connections 2048; }",
        {"worker_processes": ("4", "/etc/nginx/nginx.conf:1")},
    ),
    (
        "neo4j",
        "/conf/neo4j.conf",
        "dbms.memory.heap.max_size=1G\nserver.memory.pagecache.size=2G",
        {"-Xmx": ("1G", "/conf/neo4j.conf:1"), "server.memory.pagecache.size": ("2G", "/conf/neo4j.conf:2")},
    ),
    (
        "cassandra",
        "/etc/cassandra/cassandra-env.sh",
        'MAX_HEAP_SIZE="4G"\nJVM_OPTS="-Xss512k"',
        {"-Xmx": ("4G", "/etc/cassandra/cassandra-env.sh:1"), "-Xss": ("512k", "/etc/cassandra/cassandra-env.sh:2")},
    ),
    (
        "web",
        "/etc/supervisor/conf.d/app.conf",
        "[program:web]\ncommand=gunicorn app -w 4\n",
        {"workers": ("4", "/etc/supervisor/conf.d/app.conf:2")},
    ),
    (
        "pgbouncer",
        "/etc/pgbouncer/pgbouncer.ini",
        "[databases]\nx = host=y\n[pgbouncer]\nmax_client_conn = 500\n",
        {"max_client_conn": ("500", "/etc/pgbouncer/pgbouncer.ini:4")},
    ),
]


@pytest.mark.parametrize(("program", "path", "text", "wanted"), FILES, ids=[entry[0] for entry in FILES])
def test_a_file_is_read_in_its_programs_syntax(program: str, path: str, text: str, wanted: dict[str, tuple[str, str]]) -> None:
    subject = Subject.of(Service.read("s", {}), program=program, configuration=Configuration(files={path: text}))
    found = at(written(subject).settings.items())
    assert wanted.items() <= found.items()


@pytest.mark.parametrize(("line", "workers"), [("workers = 4  # two a core", "4"), ("workers = 2 * cpu_count() + 1", "3")])
def test_of_a_file_that_is_code_only_numbers_count(line: str, workers: str) -> None:
    service = Service.read("s", {"environment": {"WEB_CONCURRENCY": "3"}})
    subject = Subject.of(service, configuration=Configuration(files={"/app/gunicorn.conf.py": line}))
    assert written(subject).value("workers") == workers

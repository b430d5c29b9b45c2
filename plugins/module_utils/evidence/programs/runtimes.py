# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runtimes other than the JVM, and the web servers and workers that are written for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ...units import KIB, MIB
from ..demand import Demand
from ..grammar import GO, PHP, number_of
from ..program import Program, Rule, Values, counted, shown, sized
from ..setting import Setting
from ..spelling import Found, Spelling, Traces, behind, files, listed, options, scanned, variables
from ..subject import Subject
from ..syntax import Line, Syntax, directives, ini, properties, words

_MIB = number_of(MIB)
_NODE = "Node.js documentation, command-line options: --max-old-space-size"
_HEAP = r"--(max[-_]old[-_]space[-_]size(?:[-_]percentage)?|max[-_]semi[-_]space[-_]size|max[-_]heap[-_]size)[= ]\"?'?([0-9]+|\$\S+)"


def _node(values: Values) -> Iterator[Demand]:
    heap = values.size(_MIB, "max-old-space-size")
    if heap:
        amount = max(-(-heap * 4 // 3), heap + 80 * MIB)
        yield values.demand(
            "heap", amount, f"an old space of {shown(heap)}, which is to be three quarters of the memory, at least 80 MiB beside it"
        )


NODE = Program(
    name="node",
    runtime=True,
    spellings=(
        scanned(
            _HEAP,
            "--max",
            lambda match: (match[1].replace("_", "-"), match[2]),
            f"{_NODE}; NODE_OPTIONS",
            at="`--max-old-space-size=MIB`, `--max-heap-size`, `--max-semi-space-size` in any argument and variable",
        ),
        variables({"UV_THREADPOOL_SIZE": "UV_THREADPOOL_SIZE"}, "libuv documentation, thread pool"),
    ),
    rules=(
        Rule(
            settings=("max-old-space-size",),
            formula="max-old-space-size x 4/3, at least 80 MiB more",
            source=f"{_NODE}: 1536 on a machine with 2 GiB",
            derive=_node,
        ),
        counted("UV_THREADPOOL_SIZE", plus=12, what="threads of libuv, and those of V8", source="libuv documentation, thread pool"),
    ),
)

GOLANG = Program(
    name="go",
    runtime=True,
    spellings=(variables({name: name for name in ("GOMEMLIMIT", "GOGC", "GOMAXPROCS")}, "Go documentation, package runtime"),),
    rules=(
        sized(
            "limit",
            GO,
            "GOMEMLIMIT",
            factor=(10, 9),
            what="the runtime's memory, and 5 to 10% for what it does not manage",
            source="Go documentation, a guide to the garbage collector: suggested uses",
        ),
    ),
)

_OMP = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "threads of numerical libraries")
NUMERICS = Program(
    name="numerical libraries",
    runtime=True,
    spellings=(variables(_OMP, "OpenMP specification, OMP_NUM_THREADS; OpenBLAS and oneMKL documentation"),),
    rules=(
        counted(
            "threads of numerical libraries",
            plus=30,
            what="one pool of threads, and the interpreter",
            source="OpenMP specification, OMP_NUM_THREADS",
        ),
    ),
)

_GUNICORN = "Gunicorn documentation, settings: workers, threads"
_WORKERS = {"w": "workers", "workers": "workers", "threads": "threads"}
_SERVERS = ("gunicorn", "uvicorn", "hypercorn", "granian", "fastapi")
_UWSGI = "uWSGI documentation, options: processes, threads, limit-as, reload-on-rss"
_OF_UWSGI = {
    "p": "workers",
    "processes": "workers",
    "workers": "workers",
    "threads": "threads",
    "limit-as": "limit-as",
    "reload-on-rss": "reload-on-rss",
}


def _numbers(text: str, names: Mapping[str, str], syntax: Syntax) -> Iterator[Line]:
    """Yield the settings of a configuration file that is a program's code: those that are numbers there, not expressions."""
    for name, value, line in syntax(text):
        number = value.partition("#")[0].rpartition(",")[2].strip()
        if name in names and number.isdecimal():
            yield names[name], number, line


def _gunicorn(text: str) -> Iterator[Line]:
    yield from _numbers(text, {"workers": "workers", "threads": "threads"}, properties)


def _uwsgi(text: str) -> Iterator[Line]:
    yield from ((_OF_UWSGI[name], value, line) for name, value, line in ini("uwsgi")(text) if name in _OF_UWSGI)


def _bounded(values: Values) -> Iterator[Demand]:
    each = values.size(_MIB, "limit-as", "reload-on-rss")
    if each:
        count = values.count("workers") or 1
        yield values.demand("workers", count * each, f"{count} processes of {shown(each)} each, where one ends or is started anew")


def _python(values: Values) -> Iterator[Demand]:
    workers, threads = values.count("workers"), values.count("threads")
    if workers or threads:
        count = (workers or 1) * (threads or 1)
        how = f"{workers or 1} workers with {threads or 1} threads each, as many processes for requests that block, and 20 beside them"
        yield values.demand("threads", count + (workers or 1) + 20, how)


GUNICORN = Program(
    name="gunicorn",
    runtime=True,
    spellings=(
        variables({"WEB_CONCURRENCY": "workers", "UVICORN_WORKERS": "workers"}, "Gunicorn and Uvicorn documentation, settings"),
        variables(
            {
                "UWSGI_WORKERS": "workers",
                "UWSGI_PROCESSES": "workers",
                "UWSGI_THREADS": "threads",
                "UWSGI_LIMIT_AS": "limit-as",
                "UWSGI_RELOAD_ON_RSS": "reload-on-rss",
            },
            "uWSGI documentation, configuration: environment variables",
        ),
        files(("*/gunicorn.conf.py", "*/gunicorn_conf.py"), _gunicorn, f"{_GUNICORN}; what is a number there"),
        files(("*/uwsgi.ini",), _uwsgi, _UWSGI),
        variables({"GUNICORN_WORKERS": "workers", "GUNICORN_THREADS": "threads"}, "variables of common start scripts"),
        listed("GUNICORN_CMD_ARGS", _GUNICORN, names=_WORKERS),
        options(f"{_GUNICORN}; Uvicorn documentation, --workers", names=_WORKERS, of=_SERVERS),
        options(_UWSGI, names=_OF_UWSGI, of=("uwsgi",)),
    ),
    rules=(
        Rule(
            settings=("workers", "threads"),
            formula="workers x threads + workers + 20",
            source=_GUNICORN,
            derive=_python,
        ),
        Rule(
            settings=("workers", "limit-as", "reload-on-rss"),
            formula="workers x (limit-as or reload-on-rss, MiB)",
            source=_UWSGI,
            derive=_bounded,
        ),
    ),
)

_KIB = number_of(KIB)
_CHILD = "max-memory-per-child"
_OF_CELERY = "Celery documentation, workers: concurrency, autoscaling, max memory per child"


def _at_work(values: Values) -> int | None:
    """Return the most children at work: the first number of `autoscale` counts where there is one."""
    scaled = (values.text("autoscale") or "").partition(",")[0].strip()
    return int(scaled) if scaled.isdecimal() and len(scaled) <= 6 else values.count("concurrency")


def _children_at_work(values: Values) -> Iterator[Demand]:
    count = _at_work(values)
    if count:
        yield values.demand("threads", count + 30, f"{count} at work: one process or thread for each job")


def _children_bounded(values: Values) -> Iterator[Demand]:
    each = values.size(_KIB, _CHILD)
    if each:
        count = _at_work(values) or 1
        yield values.demand("workers", count * each, f"{count} children of {shown(each)} each, above which one is replaced")


CELERY = Program(
    name="celery",
    runtime=True,
    spellings=(
        variables(
            {
                "CELERY_WORKER_CONCURRENCY": "concurrency",
                "CELERYD_CONCURRENCY": "concurrency",
                "SIDEKIQ_CONCURRENCY": "concurrency",
                "SIDEKIQ_THREADS": "concurrency",
                "CELERY_WORKER_MAX_MEMORY_PER_CHILD": _CHILD,
                "CELERYD_MAX_MEMORY_PER_CHILD": _CHILD,
            },
            "variables of common settings modules; Sidekiq wiki, advanced options",
        ),
        options(
            "Celery documentation, workers: concurrency; Sidekiq wiki, advanced options",
            names={"c": "concurrency", "concurrency": "concurrency"},
            of=("celery", "sidekiq"),
        ),
        options(_OF_CELERY, names={"autoscale": "autoscale", _CHILD: _CHILD}, of=("celery",)),
    ),
    rules=(
        Rule(
            settings=("concurrency", "autoscale"),
            formula="concurrency, or the first number of autoscale, + 30: one process or thread for each job",
            source=_OF_CELERY,
            derive=_children_at_work,
        ),
        Rule(
            settings=("concurrency", "autoscale", _CHILD),
            formula=f"(concurrency, or the first number of autoscale) x {_CHILD} (KiB)",
            source=_OF_CELERY,
            derive=_children_bounded,
        ),
    ),
)

_PUMA = "Puma documentation, configuration: workers and threads"


def _puma_rb(text: str) -> Iterator[Line]:
    yield from _numbers(text, {"workers": "puma.workers", "threads": "RAILS_MAX_THREADS"}, words)


def _range(subject: Subject) -> Iterator[Found]:
    """Read `-t MIN:MAX` of Puma."""
    for word, following in pairwise(behind(subject, ("puma",))):
        if word.value in ("-t", "--threads"):
            yield "RAILS_MAX_THREADS", Setting(value=following.value.rpartition(":")[2], where=following.where)


def _puma(values: Values) -> Iterator[Demand]:
    threads, workers = values.count("RAILS_MAX_THREADS"), values.count("puma.workers", "workers")
    if threads:
        yield values.demand(
            "threads", (workers or 1) * (threads + 10) + 10, f"{workers or 1} workers with {threads} threads and 10 of their own"
        )


PUMA = Program(
    name="puma",
    names=("mastodon",),
    executables=("puma", "rails"),
    spellings=(
        variables(
            {"RAILS_MAX_THREADS": "RAILS_MAX_THREADS", "MAX_THREADS": "RAILS_MAX_THREADS", "PUMA_MAX_THREADS": "RAILS_MAX_THREADS"}, _PUMA
        ),
        variables({"PUMA_WORKERS": "puma.workers"}, _PUMA),
        files(("*/puma.rb",), _puma_rb, f"{_PUMA}; what is a number there"),
        options(_PUMA, names={"w": "puma.workers", "workers": "puma.workers"}, of=("puma",)),
        Spelling(at="argument `-t MIN:MAX` of puma", read=_range, source=_PUMA),
    ),
    rules=(
        Rule(
            settings=("puma.workers", "workers", "RAILS_MAX_THREADS"),
            formula="workers x (threads + 10) + 10",
            source=_PUMA,
            derive=_puma,
        ),
    ),
)

_PHP = "PHP manual, core php.ini directives: memory_limit"
_PHP_LIMIT = 128 * MIB
_FPM = "PHP manual, FPM configuration: pm.max_children"
_ADMIN = re.compile(r"php_(?:admin_)?value\[(.+)\]")


def _pool_name(name: str) -> str:
    match = _ADMIN.fullmatch(name)
    return match[1] if match else name


def _apache(text: str) -> Iterator[tuple[str, str, int]]:
    names = {"maxrequestworkers": "MaxRequestWorkers", "maxclients": "MaxRequestWorkers"}
    yield from ((names[name], value, line) for name, value, line in words(text) if name in names)


def _defined(subject: Subject) -> Iterator[Found]:
    """Read `-d NAME=VALUE` of PHP."""
    for word, following in subject.followed:
        written = following.value if word.value == "-d" else word.value.removeprefix("-d") if word.value.startswith("-d") else ""
        name, equals, value = written.partition("=")
        if equals and ("." in name or name == "memory_limit"):
            yield name, Setting(value=value, where=word.where)


def _php(values: Values) -> Iterator[Demand]:
    limit = values.size(PHP, "memory_limit")
    if limit:
        yield values.demand("request", limit, f"one request may take memory_limit of {shown(limit)}")


def _children(values: Values) -> Iterator[Demand]:
    limit, children = values.size(PHP, "memory_limit"), values.count("pm.max_children", "MaxRequestWorkers")
    default = "memory_limit" not in values.settings and "pm.max_children" in values.settings
    each = _PHP_LIMIT if default else limit
    if each and children and children > 1:
        why = ", PHP's own memory_limit" if default else ""
        how = f"{children - 1} further workers of {shown(each)} each{why}"
        yield values.demand("workers", (children - 1) * each, how)


def _opcache(values: Values) -> Iterator[Demand]:
    cache, local = values.size(_MIB, "opcache.memory_consumption"), values.size(PHP, "apc.shm_size")
    if cache or local:
        how = f"{shown(cache or 0)} of compiled scripts and {shown(local or 0)} of APCu, shared by all workers"
        yield values.demand("buffers", (cache or 0) + (local or 0), how)


PHP_RUNTIME = Program(
    name="php",
    runtime=True,
    spellings=(
        files(
            ("*/php.ini", "*/php/conf.d/*.ini", "*/php/*/conf.d/*.ini", "*/php-local.ini", "*/php*.ini"),
            ini(),
            _PHP,
            folders=("/usr/local/etc/php/conf.d",),
        ),
        files(("*/php-fpm.d/*.conf", "*/www.conf", "*/www2.conf", "*/php-fpm.conf"), ini(), _FPM, name=_pool_name),
        files(
            ("*/mpm_prefork.conf", "*/httpd.conf", "*/apache2.conf", "*/mpm_event.conf"),
            _apache,
            "Apache HTTP Server documentation, MaxRequestWorkers",
        ),
        variables(
            {
                "PHP_MEMORY_LIMIT": "memory_limit",
                "PHP_INI_MEMORY_LIMIT": "memory_limit",
                "php.memory_limit": "memory_limit",
                "MEMORY_LIMIT": "memory_limit",
                "PHP_FPM_PM_MAX_CHILDREN": "pm.max_children",
                "FPM_PM_MAX_CHILDREN": "pm.max_children",
                "PM_MAX_CHILDREN": "pm.max_children",
                "PHP_PM_MAX_CHILDREN": "pm.max_children",
                "PHP_OPCACHE_MEMORY_CONSUMPTION": "opcache.memory_consumption",
                "OPCACHE_MEM_SIZE": "opcache.memory_consumption",
                "APC_SHM_SIZE": "apc.shm_size",
                "APACHE_MAX_REQUEST_WORKERS": "MaxRequestWorkers",
            },
            "nextcloud/docker, serversideup/docker-php and webdevops/php: environment variables",
        ),
        Spelling(at="argument `-d NAME=VALUE`", read=_defined, source="PHP manual, command line options", traces=Traces(marks=("-d",))),
    ),
    rules=(
        Rule(settings=("memory_limit",), formula="memory_limit", source=_PHP, derive=_php),
        Rule(
            settings=("memory_limit", "pm.max_children", "MaxRequestWorkers"),
            formula="(pm.max_children or MaxRequestWorkers, - 1) x memory_limit, with FPM 128 MiB where none is written",
            source=f"{_FPM}; {_PHP}: 128M by default; Apache HTTP Server documentation, MaxRequestWorkers",
            derive=_children,
        ),
        Rule(
            settings=("opcache.memory_consumption", "apc.shm_size"),
            formula="opcache.memory_consumption (MiB) + apc.shm_size",
            source="PHP manual, OPcache and APCu configuration",
            derive=_opcache,
        ),
        counted("pm.max_children", "MaxRequestWorkers", plus=10, what="one process for each worker", source=_FPM),
    ),
)


_NGINX = "nginx documentation, core functionality"
NGINX = Program(
    name="nginx",
    names=("openresty", "nginx-unprivileged"),
    executables=("nginx",),
    silent=("nginx", "nginxinc/nginx-unprivileged"),
    spellings=(
        files(("*/nginx.conf",), directives, _NGINX, folders=("/etc/nginx",), main=True),
        variables(
            {"NGINX_WORKER_PROCESSES": "worker_processes", "NGINX_WORKER_CONNECTIONS": "worker_connections"},
            "variables of common start scripts",
        ),
        Spelling(
            at='argument `-g "NAME VALUE;"`',
            read=lambda subject: (
                (name, Setting(value=value, where=word.where)) for word in subject.words for name, value, _line in directives(word.value)
            ),
            source="nginx documentation, command-line parameters",
        ),
    ),
    rules=(counted("worker_processes", plus=4, what="workers, and the master", source=f"{_NGINX}: worker_processes"),),
)

_GITLAB = "GitLab documentation, Puma: per_worker_max_memory_mb, 1500 by default, 1200 in earlier versions"
_GITLAB_WORKER = 1500


def _omnibus(subject: Subject) -> Iterator[Found]:
    setting = subject.environment.get("GITLAB_OMNIBUS_CONFIG")
    for match in re.finditer(r"(\w+)\['(\w+)'\]\s*=\s*[\"']?([^\"';#\n]+)", setting.value if setting else ""):
        yield f"{match[1]}.{match[2]}", Setting(value=match[3].strip(), where=setting.where if setting else "")


def _gitlab(values: Values) -> Iterator[Demand]:
    workers, written = values.count("puma.worker_processes"), values.count("puma.per_worker_max_memory_mb")
    if workers and workers > 1:
        each = (written or _GITLAB_WORKER) * MIB
        yield values.demand(
            "workers", (workers - 1) * each, f"{workers - 1} further Puma workers, each up to {shown(each)} before it is restarted"
        )


GITLAB = Program(
    name="gitlab",
    names=("gitlab-ce", "gitlab-ee"),
    spellings=(
        Spelling(at="`NAME['KEY'] = VALUE` in the variable `GITLAB_OMNIBUS_CONFIG`", read=_omnibus, source="GitLab documentation, Docker"),
    ),
    rules=(
        Rule(
            settings=("puma.worker_processes", "puma.per_worker_max_memory_mb"),
            formula="(puma.worker_processes - 1) x puma.per_worker_max_memory_mb",
            source=_GITLAB,
            derive=_gitlab,
        ),
    ),
)

PROGRAMS = (NODE, GOLANG, NUMERICS, GUNICORN, CELERY, PHP_RUNTIME, PUMA, NGINX, GITLAB)

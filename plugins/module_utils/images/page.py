# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation page of the image table, generated from its statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..units import MIB
from .facts import Family, Statement, Version
from .table import Table, table

_INTRODUCTION = """# Images

<!-- Generated from plugins/module_utils/images/families/ by tools/images-page; a test compares them. -->

What the collection knows of each image: every fact with the versions and tags that it holds for, its source, and when the source was read.
The budget takes floors, threads and tuners from here, the findings the rest. An image that is not listed is unknown: nothing is assumed of it.

- An image is found by its name through any registry or mirror.
- The version comes from the tag: `18.2.0-ee.0`, `version-2.0`, `pg16`, `8-jre`, `RELEASE.2024-12-18…`. A tag without a version, such as `latest`
  or `alpine`, is the newest version named below. Where the version is unknown, facts about a range of versions do not hold.
- Facts about a server hold only where the container runs it. A container that runs another program of the image (`psql`, `redis-cli`, a script),
  or that others wait for to end, is a client or a job: only tools, health check and end of support hold for it. A worker (`celery worker`,
  `sidekiq`) has the facts that are marked with its role.

To add an image, see [Contributing](../CONTRIBUTING.md#add-an-image).
"""

_LABELS = {
    "floor": "least memory",
    "request": "memory that its vendor asks for",
    "environment": "sets by itself",
    "pids": "threads",
    "boot": "CPU time of a start",
    "grace": "time to stop",
    "port": "port",
    "swap": "swap",
    "many_files": "opens many files",
    "needs_init": "needs an init process",
    "tools": "programs inside",
    "lacks": "not inside",
    "own_probe": "built-in health check",
    "probe": "probe",
    "data": "data",
    "data_variables": "data path from",
    "data_options": "data path from argument",
    "data_unless": "data path unknown with",
    "data_advice": "move the data with",
    "takes_over": "configuration replaced by any variable but",
    "data_taken_over": "data then",
    "old_data": "refuses a mount at",
    "data_marks": "version of the data from",
    "data_line": "numbers of a version that tell formats of data apart",
    "oldest_data": "opens data from version",
    "newest_rdb": "loads snapshots up to format",
    "migrates": "numbers of a version whose change migrates its database for good",
    "reads": "reads only",
    "init_scripts": "init scripts",
    "secret_file": "secrets from a file with",
    "passwords": "first start needs one of",
    "keys": "generates a key without",
    "open_unless": "asks for no password without",
    "open_when": "asks for no password with",
    "steps_down": "entrypoint needs",
    "host_memory": "sizes itself by the host's memory",
    "support_ends": "end of support",
    "ended": "discontinued",
    "instead": "use",
    "engine_29": "Docker Engine 29 from",
    "queue_when": "queue in Redis with",
    "command": "command",
}
_UNITS = {"boot": " ms", "grace": " s"}
_ALWAYS = ("open_unless", "queue_when")
_CODE = ("probe", "data_advice", "old_data", "init_scripts", "secret_file")


def page(known: Table | None = None) -> str:
    """Return the page's text."""
    return "\n".join([_INTRODUCTION, *_themes(known or table())])


def _themes(known: Table) -> Iterator[str]:
    for theme in known.themes:
        yield f"## {theme.title}\n"
        for family in theme.families:
            yield from _family(family, known.families[family.name].tuner)


def _family(family: Family, tuner: str | None) -> Iterator[str]:
    yield f"### {family.name}\n"
    yield f"Images: {', '.join(f'`{image}`' for image in family.images)}."
    if family.newest:
        yield f"`latest` was {family.newest} on {family.newest_read}."
    if family.marker:
        yield f"The version follows `{family.marker}` in the tag."
    if family.like:
        yield (
            f"All that is said of [{family.like}](#{family.like}), except:" if family.statements else f"As [{family.like}](#{family.like})."
        )
    if tuner:
        yield f"Tuner: `{tuner}`."
    yield ""
    if family.statements:
        yield "| Facts | Hold for | Source | Read |\n|---|---|---|---|"
        yield from map(_row, family.statements)
        yield ""


def _row(statement: Statement) -> str:
    facts = "; ".join(f"{_LABELS[name]}: {_shown(name, value)}" for name, value in statement.values.items())
    return f"| {facts} | {_scope(statement)} | {_cell(statement.source)} | {statement.read} |"


def _scope(statement: Statement) -> str:
    parts = [f"tags with `{statement.tag}`"] if statement.tag else []
    if statement.since:
        parts.append(f"{_dotted(statement.since)} and later" if not statement.before else f"{_dotted(statement.since)} and later,")
    if statement.before:
        parts.append(f"before {_dotted(statement.before)}")
    if statement.roles != ("server",):
        parts.append(" and ".join(statement.roles))
    return " ".join(parts) or "all"


def _shown(name: str, value: object) -> str:
    if name in ("floor", "request") and isinstance(value, int):
        return f"{value // MIB} MiB" if value else "unknown"
    if name == "swap":
        return "harmless" if value else "harmful"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "unknown"}[value]
    if isinstance(value, Mapping):
        pairs = (f"`{key}`: {_words(sorted(entry)) if isinstance(entry, frozenset) else entry}" for key, entry in value.items())
        return ", ".join(pairs) or ("anything" if name == "reads" else "unknown")
    if name == "engine_29" and isinstance(value, tuple):
        return _dotted(value)
    if isinstance(value, frozenset | tuple):
        return _words(sorted(value) if isinstance(value, frozenset) else value) or ("always" if name in _ALWAYS else "none")
    if isinstance(value, int):
        return f"{value}{_UNITS.get(name, '')}"
    return f"`{_cell(str(value))}`" if value and name in _CODE else _cell(str(value)) or "none"


def _words(words: Iterable[object]) -> str:
    return ", ".join(f"`{_cell(str(word))}`" for word in words if word)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))

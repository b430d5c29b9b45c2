# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of the image table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["server", "worker", "client", "job"]
Version = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one container's image, in the version and role in which it runs.

    An empty value means "not known". Sizes are bytes, times seconds unless the name says otherwise.

    `family` is the entry of the table, `kind` the program that runs: empty for a client or a job, which run something else.
    `version` is what the tag says, or the newest known for `latest`; None where the tag does not tell.
    `floor`: least memory with which the program works. `request`: what its vendor asks for or recommends, for it or for a machine that runs it;
    it works with less. `environment`: settings `NAME=value` that the image, or its start script, has by itself and that decide how much memory it
    takes; what its author writes counts before them. `pids`: threads that it has under ordinary load. `boot`: CPU time of a start
    in milliseconds. `grace`: time that a clean stop may take. `port`: where it listens. `swap`: False where swap harms it.
    `many_files`: it opens a file or two for each connection or segment. `needs_init`: as process 1 it ignores SIGTERM.
    `tools`: all programs of interest to a probe that the image has, None where that is not known; `lacks`: programs known to be missing.
    `own_probe`: whether the image has a HEALTHCHECK. `probe`: a probe that works in the image.
    `data`: paths whose loss is a loss. `data_variables`: variables that name another path. `data_options`: arguments that do.
    `data_unless`: with one of these variables, arguments or endings of an argument the path is in a file that is not read here.
    `data_advice`: a setting that moves the data to a path where a volume belongs.
    `takes_over`: a prefix of variables, any of which, but for those named, replaces the whole configuration that the image brings.
    `data_taken_over`: where the data are then.
    `old_data`: a path at which a volume was mounted for earlier versions and with which this version does not start.
    `data_marks`: files that name the version of the data, by the end of their names. `data_line`: how many numbers of a version tell formats of data
    apart; data of a newer one are refused. `oldest_data`: the oldest version whose data it opens, `own` where it opens only its own.
    `newest_rdb`: the newest format of a snapshot that it loads. `migrates`: how many numbers of a version tell states of its database apart; at the start
    of a newer one it migrates the database, and takes that back nowhere.
    `reads`: a prefix of variables, and all variables with it that the image reads. `init_scripts`: a directory whose scripts may read others.
    `secret_file`: suffix of variables that name a file to read the value from. `passwords`: a first start needs one of these variables.
    `keys`: without one of these variables it generates a key of its own.
    `open_unless`: it asks for no password unless one of these variables, arguments or endings of an argument is there; None where it asks.
    `open_when`: settings `NAME=value` with which it asks for no password.
    `steps_down`: capabilities that the entrypoint needs, which starts as root and becomes another user.
    `host_memory`: how to tell the program its limit, where it would size itself by the host's memory.
    `support_ends`: days on which the support of versions ended. `ended`: why it is at its end, and `instead` what to use.
    `engine_29`: first version that works with Docker Engine 29. `queue_when`: variable and value with which it keeps a queue in Redis,
    empty where it always does, None where it never does. `command`: what it runs, where that is not what its tuner expects.
    `tuner`, `tier` and `batch`: what a budget assumes where the author says nothing.
    """

    family: str = ""
    kind: str = ""
    role: Role = "server"
    version: Version | None = None
    floor: int = 0
    request: int = 0
    environment: tuple[str, ...] = ()
    pids: int = 0
    boot: int = 0
    grace: int = 0
    port: int = 0
    swap: bool | None = None
    many_files: bool = False
    needs_init: bool = False
    tools: frozenset[str] | None = None
    lacks: frozenset[str] = frozenset()
    own_probe: bool | None = None
    probe: str = ""
    data: tuple[str, ...] = ()
    data_variables: tuple[str, ...] = ()
    data_options: tuple[str, ...] = ()
    data_unless: tuple[str, ...] = ()
    data_advice: str = ""
    takes_over: Mapping[str, frozenset[str]] = field(default_factory=dict)
    data_taken_over: tuple[str, ...] = ()
    old_data: str = ""
    data_marks: tuple[str, ...] = ()
    data_line: int = 0
    oldest_data: str = ""
    newest_rdb: int = 0
    migrates: int = 0
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    init_scripts: str = ""
    secret_file: str = ""
    passwords: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    open_unless: tuple[str, ...] | None = None
    open_when: tuple[str, ...] = ()
    steps_down: tuple[str, ...] = ()
    host_memory: str = ""
    support_ends: Mapping[str, str] = field(default_factory=dict)
    ended: str = ""
    instead: str = ""
    engine_29: Version = ()
    queue_when: tuple[str, ...] | None = None
    command: tuple[str, ...] = ()
    tuner: str = ""
    tier: str = ""
    batch: bool = False

    def missing(self, program: str) -> bool:
        """Tell whether a program is known not to be in the image."""
        return program in self.lacks or (self.tools is not None and program not in self.tools)

    def replaces_configuration(self, variable: str) -> bool:
        """Tell whether this variable replaces the whole configuration that the image brings."""
        return any(variable.startswith(prefix) and variable not in harmless for prefix, harmless in self.takes_over.items())

    def past_support(self) -> tuple[str, str] | None:
        """Return the version whose support has ended and the day, None where it has not or is not known."""
        if self.version is None:
            return None
        for text, day in self.support_ends.items():
            line = version(text)
            if self.version[: len(line)] == line:
                return text, day
        return None


UNKNOWN = Facts()
# True of the image itself, whatever a container of it runs.
OF_THE_IMAGE = frozenset({"tools", "lacks", "own_probe", "needs_init", "support_ends", "ended", "instead", "engine_29", "secret_file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sourced statement: values that hold from version `since` until before version `before`, for tags that contain `tag`.

    `source` says where it is written or how it was measured, `read` the month or day on which that was read.
    """

    source: str
    read: str
    since: Version = ()
    before: Version = ()
    tag: str = ""
    roles: tuple[Role, ...] = ("server",)
    values: Mapping[str, Any]

    def holds(self, found: Version | None, tag: str) -> bool:
        """Tell whether it holds for a version and a tag. A range holds for no unknown version."""
        if self.tag and self.tag not in tag:
            return False
        if not self.since and not self.before:
            return True
        return found is not None and found >= self.since and (not self.before or found < self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Images that run the same program.

    `images` are names as a registry has them, `owner/*` all others of an owner; a name is found through any mirror. `like` is a family
    whose statements, kind, tuner, tier, servers and workers hold here too, before this family's own. `kind` is the program.
    `newest` is the version behind `latest`, `newest_read` the day on which that was read. `marker` precedes the version in a tag (`pg` in
    `0.8.0-pg17`). `servers` are the commands that are the server, a word or two: any other command is a client. Without them only a
    shell or a well-known client is. `workers` are words that make a worker of it. `runtime`: its command is the author's own program. `ends`: its
    program is a client, or does something once, so that no container of it is a server.
    `tuner`, `tier` and `batch` are what a budget assumes of its server.
    """

    name: str
    images: tuple[str, ...]
    statements: tuple[Statement, ...] = ()
    like: str = ""
    kind: str = ""
    newest: str = ""
    newest_read: str = ""
    marker: str = ""
    servers: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    runtime: bool = False
    ends: bool = False
    tuner: str | None = None
    tier: str = ""
    batch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Families that a reader looks for in one place: a file of the table."""

    title: str
    families: tuple[Family, ...]


def version(text: str) -> Version:
    """Return `8.0.29` as numbers, empty for an empty text."""
    return tuple(int(number) for number in text.split(".")) if text else ()


def words(text: str) -> frozenset[str]:
    """Return words as a set."""
    return frozenset(text.split())

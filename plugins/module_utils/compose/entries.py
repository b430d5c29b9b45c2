# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of a service that have a short and a long syntax: mounts, ports, probes, dependencies, files.

Each type reads both forms; `where` is the entry's path within its service. The grammar of the short forms is that of
https://github.com/compose-spec/compose-spec/blob/main/05-services.md and of compose-go's `format` package.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..units import parse_size
from .values import STARTED, dig, items, mapping, parsed, seconds, sequence, text, variables, whole, words

_PROBE_SECONDS, _PROBE_RETRIES = 30.0, 3
_VARIABLE = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")
_HIDDEN = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A mount: `kind` is volume, bind, tmpfs or another type of the long syntax.

    `source` is empty for an anonymous volume and a tmpfs. `target` has no trailing slash. `size` is that of a tmpfs in bytes,
    `None` where none is written.
    """

    kind: str
    source: str
    target: str
    read_only: bool = False
    size: int | None = None
    where: str

    @classmethod
    def read_all(cls, service: Mapping[str, object]) -> Iterator[Mount]:
        """Yield the entries of `volumes`, then those of `tmpfs`."""
        for position, entry in enumerate(sequence(service.get("volumes"))):
            yield cls.read(entry, f"volumes[{position}]")
        for position, entry in enumerate(items(service.get("tmpfs"))):
            target, _colon, options = text(entry).partition(":")
            where = f"tmpfs[{position}]"
            size = parsed(parse_size, variables(options.split(",")).get("size"))
            yield cls(kind="tmpfs", source="", target=_path(target), size=size, where=where)

    @classmethod
    def read(cls, entry: object, where: str = "") -> Mount:
        """Read one entry of `volumes`."""
        if isinstance(entry, Mapping):
            kind, source, target = (text(entry.get(key)) for key in ("type", "source", "target"))
            size = parsed(parse_size, dig(entry, "tmpfs", "size"))
            read_only = text(entry.get("read_only")) == "true"
            return cls(kind=kind or "volume", source=source, target=_path(target), read_only=read_only, size=size, where=where)
        source, target, options = short_mount(text(entry))
        kind = "bind" if is_path(source) else "volume"
        return cls(kind=kind, source=source, target=_path(target), read_only="ro" in options.split(","), where=where)

    def bound(self, project_src: str) -> str:
        """Return the directory on the host that it binds, empty where it binds none that is known before Compose reads it."""
        if self.kind != "bind" or self.source.startswith("~") or "$" in self.source:
            return ""
        return posixpath.normpath(posixpath.join(project_src, self.source))

    def kept_in(self, project_src: str) -> tuple[str, str]:
        """Return the name of the volume or the path of the directory with what it holds, and a few words on it; both are empty where it keeps nothing."""
        if self.kind == "volume" and self.source:
            return self.source, f"volume {self.source}"
        directory = self.bound(project_src)
        # A release's own files are no data.
        owned = posixpath.relpath(directory or "/", project_src).split("/", 1)[0] in ("config", "bin")
        return ("", "") if owned or not directory else (directory, f"directory {directory}")


def short_mount(written: str) -> tuple[str, str, str]:
    """Return source, target and options of `[SOURCE:]TARGET[:OPTIONS]`.

    A colon within a variable (`${NAME:-default}`) does not separate, nor does that of a Windows drive; a single letter that is
    followed by one absolute path only is a volume's name.
    """
    parts = [part.replace(_HIDDEN, ":") for part in _VARIABLE.sub(lambda match: match[0].replace(":", _HIDDEN), written).split(":")]
    if len(parts) > 2 and len(parts[0]) == 1 and parts[0].isalpha() and (parts[2].startswith("/") or len(parts) > 3):
        parts[:2] = [f"{parts[0]}:{parts[1]}"]
    if len(parts) > 2 and len(parts[1]) == 1 and parts[1].isalpha() and parts[2].startswith("\\"):
        parts[1:3] = [f"{parts[1]}:{parts[2]}"]
    return ("", parts[0], "") if len(parts) == 1 else (parts[0], parts[1], ":".join(parts[2:]))


def is_path(source: str) -> bool:
    """Tell whether a mount's source is a path rather than a volume's name; one that starts with a variable is taken for a path."""
    return source.startswith((".", "/", "~", "\\\\", "$")) or (source[1:2] == ":" and source[0].isalpha())


def of_system(path: str) -> bool:
    """Tell whether a path of the host is the operating system's or the engine's, where no service keeps data of its own."""
    return path == "/" or path.startswith(
        ("/proc", "/sys", "/dev", "/run", "/var/run", "/etc", "/usr", "/lib", "/boot", "/var/lib/docker", "/tmp/.X11")
    )


def _path(target: str) -> str:
    return target.rstrip("/") or target[:1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port: `address` is empty where it is published on all of the host's, `published` where the engine chooses one."""

    address: str
    published: str
    target: str
    protocol: str = "tcp"
    where: str

    @classmethod
    def read_all(cls, service: Mapping[str, object]) -> Iterator[Port]:
        """Yield the entries of `ports`."""
        for position, entry in enumerate(sequence(service.get("ports"))):
            yield cls.read(entry, f"ports[{position}]")

    @classmethod
    def read(cls, entry: object, where: str = "") -> Port:
        """Read one entry of `ports`, `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]` or a mapping."""
        if isinstance(entry, Mapping):
            address, published, target, protocol = (text(entry.get(key)) for key in ("host_ip", "published", "target", "protocol"))
        else:
            short, _slash, protocol = text(entry).partition("/")
            host, _colon, target = short.rpartition(":")
            address, _colon, published = host.rpartition(":")
        return cls(address=address.strip("[]"), published=published, target=target, protocol=protocol or "tcp", where=where)

    def numbers(self) -> range:
        """Return the host's ports of `8080` or `8000-8010`, none where the text is something else."""
        first, _dash, last = self.published.partition("-")
        low, high = whole(first), whole(last or first)
        return range(0) if low is None or high is None or not 0 <= low <= high < 65536 else range(low, high + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A health check: its words without CMD and CMD-SHELL, its times in seconds. `shell` tells whether a shell reads it."""

    words: tuple[str, ...]
    shell: bool
    interval: float
    timeout: float
    start_period: float | None
    retries: int

    @classmethod
    def read(cls, healthcheck: object) -> Probe | None:
        """Read `healthcheck`, `None` where it names no test or is disabled: the image may still bring its own."""
        check = mapping(healthcheck)
        test = check.get("test")
        parts = words(test) if isinstance(test, (list, tuple)) else (text(test).replace("$$", "$"),)
        if not test or text(check.get("disable")) == "true" or parts[0] == "NONE":
            return None
        shell = isinstance(test, str) or parts[0] == "CMD-SHELL"
        interval, timeout, retries = seconds(check.get("interval")), seconds(check.get("timeout")), whole(check.get("retries"))
        return cls(
            words=parts if isinstance(test, str) else parts[1:],
            shell=shell,
            interval=_PROBE_SECONDS if interval is None else interval,
            timeout=_PROBE_SECONDS if timeout is None else timeout,
            start_period=seconds(check.get("start_period")),
            retries=_PROBE_RETRIES if retries is None else retries,
        )

    @property
    def line(self) -> str:
        """Return the command as a line."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A service that another one waits for.

    `condition` is Compose's, `restart` tells whether a new container of that service means a new one of this, `required` whether
    Compose refuses to start without it.
    """

    name: str
    condition: str = STARTED
    restart: bool = False
    required: bool = True

    @classmethod
    def read_all(cls, service: Mapping[str, object]) -> Iterator[Dependency]:
        """Yield the entries of `depends_on`, a list of names or a mapping."""
        depends_on = service.get("depends_on")
        if not isinstance(depends_on, Mapping):
            yield from (cls(name=text(name)) for name in sequence(depends_on))
            return
        for name, entry in depends_on.items():
            how = mapping(entry)
            yield cls(
                name=str(name),
                condition=text(how.get("condition")) or STARTED,
                restart=text(how.get("restart")) == "true",
                required=text(how.get("required", True)) == "true",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """A file of variables for a container: `path` as written, `raw` where the file is not interpolated."""

    path: str
    required: bool = True
    raw: bool = False
    where: str

    @classmethod
    def read_all(cls, service: Mapping[str, object]) -> Iterator[EnvFile]:
        """Yield the entries of `env_file`: a path, or a list of paths and mappings."""
        written = service.get("env_file")
        for position, entry in enumerate(items([written] if isinstance(written, Mapping) else written)):
            where = "env_file" if isinstance(written, str) else f"env_file[{position}]"
            if isinstance(entry, Mapping):
                required, raw = text(entry.get("required", True)) == "true", text(entry.get("format")) == "raw"
                yield cls(path=text(entry.get("path")), required=required, raw=raw, where=where)
            else:
                yield cls(path=text(entry), where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A secret or config that a service gets: the name it is declared under, and the path inside the container."""

    source: str
    target: str
    where: str

    @classmethod
    def read_all(cls, service: Mapping[str, object], section: str) -> Iterator[Reference]:
        """Yield the entries of `secrets` or `configs`; without a target a secret lies in /run/secrets, a config in /."""
        parent = "/run/secrets/" if section == "secrets" else "/"
        entries = service.get(section)
        for position, entry in enumerate(sequence(entries)):
            long = mapping(entry)
            source = text(long.get("source")) if isinstance(entry, Mapping) else text(entry)
            target = text(long.get("target")) or source
            yield cls(source=source, target=target if target.startswith("/") else parent + target, where=f"{section}[{position}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ulimit:
    """A limit of the kernel on a process; -1 means unlimited."""

    soft: int
    hard: int

    def exceeds(self, most: int) -> bool:
        """Tell whether either limit is above a number."""
        return self.cut(most) != self

    def cut(self, most: int) -> Ulimit:
        """Return the same with neither limit above a number."""
        soft, hard = (most if limit < 0 or limit > most else limit for limit in (self.soft, self.hard))
        return Ulimit(soft=soft, hard=hard)

    @classmethod
    def read_all(cls, service: Mapping[str, object]) -> dict[str, Ulimit]:
        """Return `ulimits` by name, one number or `{soft, hard}`."""
        found = {}
        for name, entry in mapping(service.get("ulimits")).items():
            both = mapping(entry)
            soft, hard = (whole(both.get("soft")), whole(both.get("hard"))) if both else (whole(entry), None)
            soft, hard = (hard if soft is None else soft), (soft if hard is None else hard)
            if soft is not None and hard is not None:
                found[str(name)] = cls(soft=soft, hard=hard)
        return found

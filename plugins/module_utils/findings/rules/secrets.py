# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: who can read them, and whether they work."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compose.values import mapping, sequence, text
from ...problems import Severity
from ..rule import Book, Hit
from ..service import Service
from ..stack import Stack

BOOK = Book("Secrets")

_INSPECT = "Docker documentation, docker inspect and Compose secrets"
_FLAG = re.compile(r"--?(?:requirepass|masterauth|password|passwd|pass|admin-password|root-password|secret|token|api-key|auth-token)")
_ASSIGNED = re.compile(r"(?:REDISCLI_AUTH|PGPASSWORD|MYSQL_PWD|[A-Z_]*(?:PASSWORD|SECRET|TOKEN))=(?![\"']?\$\(|[\"']?`|[\"']?$)(\S+)")
_SECRET = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASS|PWD|SECRET|SECRET_KEY|SECRET_KEY_BASE|TOKEN|API_KEY|APIKEY|ENCRYPTION_KEY|PRIVATE_KEY|ACCESS_KEY)$"
)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@")
_SWITCHES = ("true", "false", "yes", "no", "on", "off", "0", "1", "enabled", "disabled")
_NO_PASSWORD = {
    "POSTGRES_HOST_AUTH_METHOD": "trust",
    "ALLOW_EMPTY_PASSWORD": "yes",
    "MYSQL_ALLOW_EMPTY_PASSWORD": "",
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": "",
}


@BOOK.service(
    "ZB150",
    "warning",
    "A secret in an argument",
    why="Arguments are in `docker inspect`, in `ps` on the host, in /proc and in logs of commands.",
    fix="mount a secret and let the program read the file, or a configuration file that contains it",
    source=_INSPECT,
)
def _in_arguments(service: Service, _stack: Stack) -> Iterator[Hit]:
    for key, words in (("command", service.command), ("healthcheck.test", service.probe.words if service.probe else ())):
        name = _told(words) or _assigned(words)
        if name:
            yield Hit(at=key, message=f"the value of {name} is an argument, which every user of the host can read")


@BOOK.service(
    "ZB151",
    "info",
    "A secret in the environment",
    why="The environment is in `docker inspect`, is passed to every child process and probe, and ends up in error reports.",
    fix="mount a secret; where the program reads variables only, let its entrypoint read the file",
    source=_INSPECT,
)
def _in_environment(service: Service, _stack: Stack) -> Iterator[Hit]:
    suffix = service.facts.secret_file
    for name, value in service.environment.items():
        # A value that stands in the file is ZB152's.
        if "$" not in value:
            continue
        if _SECRET.search(name):
            fix = f"add {suffix} to the name, give it the path of a mounted secret" if suffix else ""
            yield Hit(at=f"environment.{name}", message="everyone who can inspect the container can read it", fix=fix)
        elif _URL.search(value):
            yield Hit(at=f"environment.{name}", message="the URL holds a password that everyone who can inspect the container can read")


@BOOK.service(
    "ZB152",
    "warning",
    "A secret written in the file",
    why="The Compose file is read by many people and kept in version control.",
    fix="take it out, change it, and write ${NAME:?} or a secret",
    source=_INSPECT,
)
def _literal(service: Service, _stack: Stack) -> Iterator[Hit]:
    for name, value in service.environment.items():
        found = value if _SECRET.search(name) else (match[1] if (match := _URL.search(value)) else "")
        # Some programs take the path of a mounted secret in place of the secret itself.
        if found and "$" not in found and found.lower() not in _SWITCHES and not found.startswith("/run/secrets/"):
            yield Hit(at=f"environment.{name}", message="its value is in the file, and everyone who can inspect the container can read it")


@BOOK.service(
    "ZB153",
    "error",
    "A variable and its file form together",
    why="The image refuses to start when both are set.",
    fix="keep the one that ends in _FILE",
    source="docker-library, docker-entrypoint.sh",
)
def _both_forms(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.secret_file != "_FILE" or service.facts.kind == "n8n":
        return
    for name, value in service.environment.items():
        if value and service.environment.get(f"{name}_FILE"):
            yield Hit(at=f"environment.{name}", message=f"{name} and {name}_FILE are both set")


@BOOK.service(
    "ZB154",
    "warning",
    "Owner and mode of a secret that Compose ignores",
    why="A secret from a file is a bind mount: uid, gid and mode are for Swarm, and the container sees the file as it is on the host.",
    fix="give the file on the host the owner and mode that the container needs, and leave them out here",
    source="docker/compose, create.go",
)
def _ignored_owner(service: Service, stack: Stack) -> Iterator[Hit]:
    declared = stack.section("secrets")
    for position, entry in enumerate(sequence(service.data.get("secrets"))):
        secret = mapping(entry)
        keys = [key for key in ("uid", "gid", "mode") if key in secret]
        if keys and "file" in declared.get(text(secret.get("source")), {}):
            yield Hit(at=f"secrets[{position}]", message=f"{', '.join(keys)} of '{secret['source']}' do nothing")


@BOOK.service(
    "ZB155",
    "warning",
    "A database without a password",
    why="Everyone who reaches the port, from any container of the network, is its administrator. A note where no port is published.",
    fix="set a password by a mounted secret",
    source="docker-library documentation",
)
def _open_database(service: Service, _stack: Stack) -> Iterator[Hit]:
    severity: Severity | None = None if service.ports else "info"
    for name, value in _NO_PASSWORD.items():
        written = service.environment.get(name, "")
        if written and (not value or written.lower() == value):
            yield Hit(at=f"environment.{name}", message=f"'{written}' lets everyone in without a password", severity=severity)
    configured = "--auth" in service.command or "--config" in service.command or service.written.unread
    named = any(name.startswith("MONGO_INITDB_ROOT_USERNAME") for name in service.variables)
    if service.facts.kind == "mongodb" and not configured and not named:
        fix = "set MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD_FILE"
        yield Hit(at="environment", message="MongoDB asks for no password", fix=fix, severity=severity)


@BOOK.service(
    "ZB156",
    "warning",
    "A first start without a password",
    why="With an empty data directory the image refuses to start until it is given one.",
    fix="set one of them",
    source="docker-library, docker-entrypoint.sh",
)
def _no_password(service: Service, _stack: Stack) -> Iterator[Hit]:
    wanted = service.facts.passwords
    if wanted and not service.written.unread and not any(name in service.variables for name in wanted):
        yield Hit(
            at="environment",
            message=f"{service.facts.kind} does not start the first time without a password",
            fix=f"set {wanted[0]}{service.facts.secret_file}",
        )


@BOOK.service(
    "ZB157",
    "info",
    "An application that generates its own key",
    why="The key that encrypts stored data is in the volume only: with another volume, what is in the database cannot be read.",
    fix="generate a key, keep it as a secret, and pass it in",
    source="n8n and Open WebUI documentation",
)
def _own_key(service: Service, _stack: Stack) -> Iterator[Hit]:
    keys = service.facts.keys
    told = any(name in service.variables for name in keys) or any(key in word for key in keys for word in service.command)
    if keys and not told and not service.written.unread:
        yield Hit(at="environment", message=f"{keys[0]} is not set", fix=f"set {keys[-1]}")


@BOOK.service(
    "ZB158",
    "warning",
    "MongoDB with half of its administrator",
    why="The image wants the root user's name and password together and refuses to start with one of them.",
    fix="set both, the password by its _FILE form",
    source="docker-library/mongo, docker-entrypoint.sh",
)
def _half_an_administrator(service: Service, _stack: Stack) -> Iterator[Hit]:
    if service.facts.kind != "mongodb" or service.written.unread:
        return
    have = [any(name.startswith(f"MONGO_INITDB_ROOT_{part}") for name in service.variables) for part in ("USERNAME", "PASSWORD")]
    if have[0] != have[1]:
        yield Hit(at="environment", message=f"the root user has {'a name and no password' if have[0] else 'a password and no name'}")


def _told(command: tuple[str, ...]) -> str:
    words = " ".join(command).split()
    for position, word in enumerate(words):
        flag, equals, value = word.partition("=")
        following = value if equals else words[position + 1] if position + 1 < len(words) else ""
        cli = any("-cli" in before or "mysqladmin" in before for before in words[:position])
        if (_FLAG.fullmatch(flag) or (cli and flag in ("-a", "--pass"))) and following and not _from_file(following):
            return flag
        if cli and re.fullmatch(r"-p\S+", word) and "mysqladmin" in " ".join(words[:position]) and not _from_file(word[2:]):
            return "-p"
    return ""


def _assigned(words: tuple[str, ...]) -> str:
    match = _ASSIGNED.search(" ".join(words))
    return match[0].partition("=")[0] if match else ""


def _from_file(value: str) -> bool:
    return value.startswith(("$(", '"$(', "'$(", "`", "/", "-"))

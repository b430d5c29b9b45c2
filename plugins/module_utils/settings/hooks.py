# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks: what the operator has run or called on the host before and after a deploy, a tier, a service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from ..compose.values import seconds
from ..host.codes import HOOK_INVALID
from ..problems import Finding, suggestion
from ..tiers import TIERS
from ..units import shown

PATH = "stack_hooks"
When = Literal["before", "after"]
DEPLOY, TIER, SERVICE = "deploy", "tier:", "service:"

_TIMEOUT = 60.0
_CHOICES = {"when": ("before", "after"), "on_failure": ("fail", "warn")}
_KEYS = ("when", "of", "command", "url", "timeout", "on_failure", "environment")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A program with its arguments, or a URL that is called, at a moment: `when` `of` what, which is `deploy`, `tier:<name>` or `service:<name>`.

    `number` is its place in the list. It may take `timeout` seconds. `fatal` tells whether its failure counts. The values of `environment`, and a URL
    beyond its host, may be secret.
    """

    number: int
    when: When
    of: str
    command: tuple[str, ...] = ()
    url: str = ""
    timeout: float = _TIMEOUT
    fatal: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return its place in the inventory."""
        return f"{PATH}[{self.number}]"

    @property
    def moment(self) -> str:
        """Return when it runs."""
        kind, _colon, name = self.of.partition(":")
        return f"{self.when} {kind} {name}".rstrip()

    @property
    def what(self) -> str:
        """Return what it runs or calls, without what may be secret."""
        address = urlsplit(self.url)
        return f"{address.scheme}://{address.hostname}" if self.url else self.command[0]


def schedule(hooks: Iterable[Hook], touched: Mapping[str, Iterable[str]]) -> Iterator[Hook]:
    """Yield the hooks of a deploy in the order in which they run; `touched` are the services that it touches, by tier, in its order."""
    listed = list(hooks)
    tiers = {tier: list(services) for tier, services in touched.items() if services}
    if tiers:
        yield from at(listed, "before", [DEPLOY])
        for tier, services in tiers.items():
            yield from at(listed, "before", [f"{TIER}{tier}"])
            for service in services:
                yield from at(listed, "before", [f"{SERVICE}{service}"])
                yield from at(listed, "after", [f"{SERVICE}{service}"])
            yield from at(listed, "after", [f"{TIER}{tier}"])
        yield from at(listed, "after", [DEPLOY])


def at(hooks: Iterable[Hook], when: When, of: Iterable[str]) -> Iterator[Hook]:
    """Yield the hooks of a moment, in the order of the list."""
    listed = list(hooks)
    for one in of:
        yield from (hook for hook in listed if (hook.when, hook.of) == (when, one))


def parse(data: object, services: Iterable[str] | None = None) -> tuple[tuple[Hook, ...], list[Finding]]:
    """Return the hooks that can be run, and what is wrong with the others; `services` are those of the stack, where they are known."""
    if not isinstance(data, (list, tuple)):
        return (), [_error(PATH, f"expected a list, got {shown(data)}", "write a list of hooks, each with when, of, and command or url")]
    hooks, findings = [], []
    for number, given in enumerate(data):
        wrong = list(_wrong(given, f"{PATH}[{number}]", services))
        findings += wrong
        if not wrong:
            hooks.append(_hook(number, given))
    return tuple(hooks), findings


def _hook(number: int, given: Mapping[str, Any]) -> Hook:
    return Hook(
        number=number,
        when=given["when"],
        of=given["of"],
        command=tuple(map(str, given.get("command") or ())),
        url=given.get("url") or "",
        timeout=_seconds(given.get("timeout")) or _TIMEOUT,
        fatal=(given.get("on_failure") or "fail") == "fail",
        environment={name: str(value) for name, value in (given.get("environment") or {}).items()},
    )


def _wrong(given: object, path: str, services: Iterable[str] | None) -> Iterator[Finding]:
    if not isinstance(given, Mapping):
        yield _error(path, f"expected a mapping, got {shown(given)}", "write when, of, and command or url")
        return
    for key in given:
        if key not in _KEYS:
            yield _error(f"{path}.{key}", "a hook has no setting of this name", suggestion(key, _KEYS))
    for key, choices in _CHOICES.items():
        if given.get(key, "fail" if key == "on_failure" else None) not in choices:
            yield _error(
                f"{path}.{key}", f"expected {' or '.join(choices)}, got {shown(given.get(key))}", suggestion(given.get(key), choices)
            )
    yield from _wrong_of(given.get("of"), f"{path}.of", services)
    if ("command" in given) == ("url" in given):
        yield _error(path, "a hook has either a command or a url", "write one of the two")
    elif "command" in given:
        yield from _wrong_command(given["command"], f"{path}.command")
    else:
        yield from _wrong_url(given["url"], f"{path}.url")
    if "timeout" in given and not _seconds(given["timeout"]):
        yield _error(f"{path}.timeout", f"{shown(given['timeout'])} is no duration above 0", "write it as 30s or 2m")
    yield from _wrong_environment(given.get("environment", {}), f"{path}.environment")


def _wrong_of(of: object, path: str, services: Iterable[str] | None) -> Iterator[Finding]:
    kind, colon, name = of.partition(":") if isinstance(of, str) else ("", "", "")
    if of == DEPLOY:
        return
    if kind == "tier" and colon:
        if name not in TIERS:
            yield _error(path, f"there is no tier {shown(name)}", suggestion(name, TIERS))
    elif kind == "service" and colon:
        if services is not None and name not in services:
            yield _error(path, f"there is no service {shown(name)} in the stack", suggestion(name, services))
    else:
        yield _error(
            path, f"expected deploy, tier:<name> or service:<name>, got {shown(of)}", "write deploy, tier:critical or service:redis"
        )


def _wrong_command(command: object, path: str) -> Iterator[Finding]:
    texts = isinstance(command, (list, tuple)) and all(isinstance(word, (str, int, float)) and "\0" not in str(word) for word in command)
    if not texts or not command:
        yield _error(path, f"expected a list of words, got {shown(command)}", "write the program and each argument as an element of a list")
    elif not str(command[0]).startswith("/"):  # type: ignore[index]
        message = f"{shown(command[0])} is not the absolute path of a program on the host"  # type: ignore[index]
        yield _error(f"{path}[0]", message, "write where it lies, such as /usr/local/bin/notify")


def _wrong_url(url: object, path: str) -> Iterator[Finding]:
    # Whatever is written may be secret, so it is not shown.
    try:
        address = urlsplit(url) if isinstance(url, str) else None
        right = address is not None and address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0
    except ValueError:
        right = False
    if not right or re.search(r"[\s\x00-\x1f]", str(url)):
        yield _error(path, "this is not the URL of a web server", "write https://, the host, and the path")


def _wrong_environment(environment: object, path: str) -> Iterator[Finding]:
    if not isinstance(environment, Mapping):
        yield _error(path, "expected a mapping of names to values", "write each variable as NAME: value")
        return
    for name, value in environment.items():
        if not _VARIABLE.fullmatch(str(name)):
            yield _error(f"{path}.{name}", "this is no name of a variable", "use letters, digits and _, such as API_TOKEN")
        elif not isinstance(value, (str, int, float)) or "\0" in str(value):
            yield _error(f"{path}.{name}", "expected a text", "write the value in quotes")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or value is None:
        return 0.0
    return float(value) if isinstance(value, (int, float)) and 0 < value < float("inf") else seconds(value) or 0.0


def _error(path: str, message: str, fix: str) -> Finding:
    return Finding(code=HOOK_INVALID, severity="error", path=path, message=message, fix=fix)

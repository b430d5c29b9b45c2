# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay one Compose document, or a service that extends another, over an earlier one.

The rules are those of https://github.com/compose-spec/compose-spec/blob/main/13-merge.md and of compose-go's `override` package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .entries import Mount, Port
from .values import STARTED, items, mapping, text, variables

Path = tuple[str, ...]


class Reset:
    """The value of `!reset`: the key is as if nobody had written it, here and in earlier documents."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "!reset"

    def __deepcopy__(self, memo: object) -> Reset:
        return self


RESET: Final = Reset()


def without_resets(value: Any) -> Any:
    """Return plain data without the keys and items that are `!reset`."""
    if isinstance(value, Mapping):
        return {key: without_resets(entry) for key, entry in value.items() if entry is not RESET}
    if isinstance(value, list):
        return [without_resets(entry) for entry in value if entry is not RESET]
    return value


def removed(document: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Return a document without the keys at these paths: what a later one says with `!reset` or `!override` does not merge."""
    found = dict(document)
    for first, *rest in paths:
        if first not in found:
            continue
        if not rest:
            del found[first]
        elif isinstance(found[first], Mapping):
            found[first] = removed(found[first], [tuple(rest)])
    return found


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole document laid over another."""
    merged = dict(base)
    for section, value in over.items():
        if section == "services":
            services = dict(mapping(base.get("services")))
            for name, service in mapping(value).items():
                both = isinstance(services.get(name), Mapping) and isinstance(service, Mapping)
                services[name] = merge_service(services[name], service) if both else services.get(name) if service is None else service
            merged["services"] = services
        elif section == "networks" and isinstance(value, Mapping) and isinstance(base.get(section), Mapping):
            merged[section] = _each(base[section], value, _NETWORK)
        elif section == "volumes" and isinstance(value, Mapping) and isinstance(base.get(section), Mapping):
            merged[section] = _each(base[section], value, {"labels": _assigned})
        else:
            merged[section] = _generic(base.get(section), value)
    return merged


def merge_service(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service laid over another."""
    return _laid(base, over, _SERVICE)


Rule = Callable[[Any, Any], Any]


def _laid(base: Mapping[str, Any], over: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = base.get(key) is not None and (value is not None or rules.get(key) is _replaced)
        merged[key] = rules.get(key, _generic)(base[key], value) if both else base.get(key) if value is None else value
    return merged


def _each(base: Mapping[str, Any], over: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    both = {name: _laid(mapping(base[name]), mapping(entry), rules) for name, entry in over.items() if mapping(base.get(name))}
    return {**base, **over, **both}


def _generic(base: Any, over: Any) -> Any:
    """Merge mappings, append lists, let null change nothing and any other value replace."""
    if over is None:
        return base
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return _laid(base, over, {})
    return [*base, *over] if isinstance(base, list) and isinstance(over, list) else over


def _replaced(_base: Any, over: Any) -> Any:
    return over


def _assigned(base: Any, over: Any) -> Any:
    return {**variables(base), **variables(over)}


def _named(meant: Any = None) -> Rule:
    """Return the rule of names that may be a list; `meant` is what a name alone stands for."""

    def mapped(value: Any) -> Any:
        return value if isinstance(value, Mapping) else {text(name): meant for name in items(value)}

    return lambda base, over: _generic(mapped(base), mapped(over))


def _keyed(key: Callable[[Any], object]) -> Rule:
    """Return the rule of a list whose later entries replace earlier ones of the same key."""
    return lambda base, over: list({key(entry): entry for entry in [*items(base), *items(over)]}.values())


def _port(entry: Any) -> object:
    port = Port.read(entry)
    return port.address or "0.0.0.0", port.published, port.target, port.protocol


def _granted(entry: Any) -> str:
    return text(entry.get("target") or entry.get("source")) if isinstance(entry, Mapping) else text(entry)


def _device(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return text(entry.get("target") or entry.get("source"))
    source, _colon, rest = text(entry).partition(":")
    return rest.partition(":")[0] or source


def _hosts(base: Any, over: Any) -> list[str]:
    return list(dict.fromkeys([*_host_lines(base), *_host_lines(over)]))


def _host_lines(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}={text(address)}" for name, addresses in value.items() for address in (items(addresses) or [addresses])]
    return [text(line) for line in items(value)]


def _built(base: Any, over: Any) -> Any:
    below, above = ({"context": value} if isinstance(value, str) else mapping(value) for value in (base, over))
    return _laid(below, above, {"args": _assigned, "labels": _assigned, "additional_contexts": _assigned, "extra_hosts": _hosts})


def _logged(base: Any, over: Any) -> Any:
    drivers = {text(mapping(value).get("driver")) for value in (base, over) if mapping(value).get("driver")}
    return _generic(base, over) if len(drivers) < 2 else over


def _subnets(base: Any, over: Any) -> Any:
    return _keyed(lambda entry: text(mapping(entry).get("subnet")))(base, over)


_NETWORK: Mapping[str, Rule] = {
    "labels": _assigned,
    "ipam": lambda base, over: _laid(mapping(base), mapping(over), {"config": _subnets}),
}
_once = _keyed(text)
_SERVICE: Mapping[str, Rule] = {
    "command": _replaced,
    "entrypoint": _replaced,
    "healthcheck": lambda base, over: _laid(mapping(base), mapping(over), {"test": _replaced}),
    "deploy": lambda base, over: _laid(mapping(base), mapping(over), {"labels": _assigned}),
    "build": _built,
    "logging": _logged,
    "ulimits": lambda base, over: {**mapping(base), **mapping(over)},
    **dict.fromkeys(("annotations", "environment", "labels", "sysctls"), _assigned),
    "depends_on": _named({"condition": STARTED}),
    "models": _named({}),
    "networks": _named(),
    **dict.fromkeys(("cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "expose", "label_file", "links", "profiles", "tmpfs"), _once),
    "env_file": _keyed(lambda entry: text(entry.get("path")) if isinstance(entry, Mapping) else text(entry)),
    "ports": _keyed(_port),
    "volumes": _keyed(lambda entry: Mount.read(entry).target),
    "devices": _keyed(_device),
    "extra_hosts": _hosts,
    "secrets": _keyed(_granted),
    "configs": _keyed(_granted),
}

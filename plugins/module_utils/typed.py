# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed values as plain data and back: `load(type(value), dump(value)) == value`, exactly.

What a value looks like as plain data follows from its type alone, so a field that is added to a dataclass is stored and read back without a line of code.
Plain data are the dicts, lists, texts, numbers and nulls of JSON. A class may state its own form by `to_dict` and `from_dict`. Reading is strict: a key that
is absent, unknown or of another type is a `ValueError` whose sentence starts with its path, such as `services.postgres.memory.limit`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_Load = Callable[[Any, str], Any]
_SCALARS: tuple[type, ...] = (str, bool, int, float)


def named(name: str) -> dict[str, str]:
    """Return the metadata of a field that is called otherwise as plain data: `field(metadata=named("class"))`."""
    return {"name": name}


# A field with this metadata is left out of plain data while it has its default.
OPTIONAL = {"optional": "yes"}


def dump(value: Any) -> Any:
    """Return a typed value as plain data."""
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, dict):
        return {str(key): dump(entry) for key, entry in value.items()}
    own = getattr(value, "to_dict", None)
    if own is not None:
        return own()
    if is_dataclass(value) and not isinstance(value, type):
        return dump_fields(value)
    if isinstance(value, Mapping):
        return {str(key): dump(entry) for key, entry in value.items()}
    if isinstance(value, frozenset):
        return sorted(dump(entry) for entry in value)
    if isinstance(value, (tuple, list)):
        return [dump(entry) for entry in value]
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form as plain data")


def dump_fields(value: Any) -> dict[str, Any]:
    """Return a dataclass as plain data, field by field, for a `to_dict` that adds to it."""
    plain = {}
    kind: Any = type(value)
    for field, name, optional in _dumped(kind):
        entry = getattr(value, field)
        if optional is None or entry != _default(optional):
            plain[name] = dump(entry)
    return plain


@cache
def _dumped(kind: Any) -> tuple[tuple[str, str, Field[Any] | None], ...]:
    """Return of each field its name here and as plain data, and the field itself where it is left out while it has its default."""
    return tuple((one.name, _name(one), one if "optional" in one.metadata else None) for one in fields(kind))


def load(kind: type[T], data: Any, path: str = "") -> T:
    """Return plain data as a value of a type. Raises `ValueError` with the path of what is wrong."""
    value: T = _loader(kind)(data, path)
    return value


def load_fields(kind: type[T], data: Any, path: str = "") -> T:
    """Return plain data as a dataclass, field by field, for a `from_dict` that takes something away first."""
    value: T = _fields_loader(kind)(data, path)
    return value


def _cached(make: Callable[[Any], _Load]) -> Callable[[Any], _Load]:
    """Make the loader of a type once."""
    return cache(make)


@_cached
def _loader(kind: Any) -> _Load:
    if kind is Any or kind is object:
        return lambda data, _path: data
    if hasattr(kind, "from_dict"):
        return lambda data, path: _own(kind, data, path)
    if isinstance(kind, type) and is_dataclass(kind):
        return _fields_loader(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is Literal:
        return lambda data, path: data if data in arguments else _refuse(data, path, " or ".join(map(repr, arguments)))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _sequence(tuple, _loader(arguments[0]))
    if origin is frozenset:
        return _sequence(frozenset, _loader(arguments[0]))
    if origin is list:
        return _sequence(list, _loader(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(_loader(arguments[1]))
    if kind is Fraction:
        return _fraction
    if kind in (*_SCALARS, types.NoneType):
        return _scalar(kind)
    raise TypeError(f"{kind} has no form as plain data")


@_cached
def _fields_loader(kind: Any) -> _Load:
    hints = get_type_hints(kind)
    known = {_name(one): (one.name, _loader(hints[one.name]), _needed(one)) for one in fields(kind)}
    needed = {name for name, (_field, _load, must) in known.items() if must}

    def read(data: Any, path: str) -> Any:
        if not isinstance(data, Mapping):
            return _refuse(data, path, "a mapping")
        for name in data:
            if name not in known:
                raise ValueError(f"{_at(path, str(name))}: nothing reads this key")
        for name in sorted(needed - data.keys()):
            raise ValueError(f"{_at(path, name)}: this key is missing")
        return kind(**{known[name][0]: known[name][1](entry, _at(path, str(name))) for name, entry in data.items()})

    return read


def _name(one: Field[Any]) -> str:
    return str(one.metadata.get("name", one.name))


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


def _needed(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _own(kind: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        return _refuse(data, path, "a mapping")
    try:
        return kind.from_dict(data)
    except ValueError as error:
        raise ValueError(_at(path, str(error)) if path else str(error)) from error


def _union(arguments: tuple[Any, ...]) -> _Load:
    loaders = [_loader(argument) for argument in arguments]

    def read(data: Any, path: str) -> Any:
        said = []
        for loader in loaders:
            try:
                return loader(data, path)
            except ValueError as error:
                said.append(str(error))
        # The last one is that of the null.
        raise ValueError(said[0])

    return read


def _sequence(make: Callable[[list[Any]], Any], loader: _Load) -> _Load:
    def read(data: Any, path: str) -> Any:
        if not isinstance(data, (list, tuple)):
            return _refuse(data, path, "a list")
        return make([loader(entry, f"{path}[{position}]") for position, entry in enumerate(data)])

    return read


def _mapping(loader: _Load) -> _Load:
    def read(data: Any, path: str) -> Any:
        if not isinstance(data, Mapping):
            return _refuse(data, path, "a mapping")
        return {str(key): loader(entry, _at(path, str(key))) for key, entry in data.items()}

    return read


def _scalar(kind: type) -> _Load:
    def read(data: Any, path: str) -> Any:
        if kind is float and isinstance(data, int) and not isinstance(data, bool):
            return float(data)
        # A bool is an int to Python, and not to anybody who reads JSON.
        if isinstance(data, kind) and isinstance(data, bool) == (kind is bool):
            return data
        return _refuse(data, path, {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}.get(kind, "null"))

    return read


def _fraction(data: Any, path: str) -> Any:
    try:
        return Fraction(data if isinstance(data, str) else "")
    except (ValueError, ZeroDivisionError):
        return _refuse(data, path, "a fraction such as 1/2")


def _refuse(data: Any, path: str, wanted: str) -> Any:
    shown = repr(data)
    raise ValueError(f"{path or 'the document'}: expected {wanted}, got {shown if len(shown) <= 60 else f'{shown[:57]}…'}")


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the files of the image table, and nothing that is not in its schema."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, get_type_hints

from ..budget import codes
from ..compose.reader import Reader
from ..problems import Problems, suggestion
from ..tiers import TIERS
from ..units import shown
from .facts import Facts, Family, Role, Statement, Theme, Version, version

# What an entry of the table is found by or decides; all else of `Facts` is a fact that a statement may give.
_NO_FACTS = ("family", "kind", "role", "version", "tuner", "tier", "batch")
_DEFAULTS = Facts()
FACTS: Mapping[str, Any] = {name: kind for name, kind in get_type_hints(Facts).items() if name not in _NO_FACTS}
_SCOPE = ("source", "read", "since", "before", "tag", "roles")
_FAMILY = (*(one.name for one in fields(Family) if one.name not in ("name", "statements")), "facts")
_MOST = {"port": 65535}
_UNKNOWN = "unknown"
_DAY_FIX = "write a month or a day, such as 2026-11 or 2026-11-23"


def read(files: Mapping[str, str]) -> tuple[Theme, ...]:
    """Return the themes of files, by name of the file their TOML. Raises `BudgetError` with all that is wrong in all of them."""
    problems = Problems()
    themes = {name: theme for name, text in files.items() for theme in _theme(name, text, problems)}
    _fit(themes, problems)
    problems.raise_errors()
    return tuple(themes.values())


def _theme(name: str, text: str, problems: Problems) -> Iterator[Theme]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.error(codes.BAD_SHAPE, name, f"this is no TOML ({error})", "mend that line")
        return
    reader = Reader(data, name, problems)
    title = _needed(reader, "title", "write what its images have in common")
    yield Theme(title=title, families=tuple(_family(reader, entry) for entry in data if entry != "title"))


def _family(reader: Reader, name: str) -> Family:
    entry = reader.section(name, _FAMILY)
    statements: list[Any] = entry.typed("facts", list[Any], [])
    images = entry.typed("images", tuple[str, ...], ())
    if not images and not entry.bad("images"):
        _missing(entry, "images", 'write the names that registries have, such as ["owner/name"]')
    return Family(
        name=name,
        images=images,
        statements=tuple(
            _statement(Reader(data, f"{entry.at('facts')}[{position}]", entry.problems, (*_SCOPE, *FACTS)))
            for position, data in enumerate(statements, 1)
        ),
        like=entry.text("like", ""),
        kind=entry.text("kind", ""),
        newest=_version(entry, "newest"),
        newest_read=_day(entry, "newest_read") if entry.has("newest") else "",
        marker=entry.text("marker", ""),
        servers=entry.typed("servers", tuple[str, ...], ()),
        workers=entry.typed("workers", tuple[str, ...], ()),
        runtime=entry.flag("runtime", False),
        ends=entry.flag("ends", False),
        tuner=entry.typed("tuner", str, None),
        tier=entry.choice("tier", "", TIERS),
        batch=entry.flag("batch", False),
    )


def _statement(entry: Reader) -> Statement:
    values = {name: _value(entry, name, FACTS[name]) for name in entry.data if name in FACTS}
    if not values:
        entry.problems.error(codes.MISSING_KEY, entry.path, "it states no fact", f"write one of {', '.join(FACTS)}")
    since, before = version(_version(entry, "since")), version(_version(entry, "before"))
    if since and before and since >= before:
        message = f"no version is from {shown(entry.raw('since'))} and before {shown(entry.raw('before'))}"
        entry.problems.error(codes.BAD_CHOICE, entry.path, message, "write the earlier one as since")
    return Statement(
        source=_needed(entry, "source", "write the document, and what in it says so, or what was measured on which version"),
        read=_day(entry, "read"),
        since=since,
        before=before,
        tag=entry.text("tag", ""),
        roles=entry.typed("roles", tuple[Role, ...], ("server",)),
        values=values,
    )


def _value(entry: Reader, name: str, kind: Any) -> Any:
    default = getattr(_DEFAULTS, name)
    if entry.raw(name) == _UNKNOWN:
        return default
    if name in ("floor", "request"):
        return entry.size(name, default)
    if name == "environment":
        return tuple(setting for setting in entry.typed(name, kind, default) if _is_setting(entry, name, setting))
    if name == "support_ends":
        days = entry.section(name)
        return {line: _day(days, line) for line in days.data}
    if kind == Version:
        return version(_version(entry, name))
    if kind is int:
        return entry.count(name, default, most=_MOST.get(name, 2**31 - 1))
    return entry.typed(name, kind, default)


def _is_setting(entry: Reader, name: str, setting: str) -> bool:
    if "=" in setting:
        return True
    entry.problems.error(codes.BAD_TEXT, entry.at(name), f"{shown(setting)} sets nothing", "write NAME=value")
    return False


def _version(entry: Reader, name: str) -> str:
    text = entry.text(name, "")
    if re.fullmatch(r"(\d{1,5}(\.\d{1,5})*)?", text):
        return text
    entry.problems.error(codes.BAD_TEXT, entry.at(name), f"{shown(text)} is no version", 'write numbers, such as "17" or "8.0.29"')
    return ""


def _day(entry: Reader, name: str) -> str:
    """Return a month or a day as it is written."""
    text = _needed(entry, name, _DAY_FIX)
    if not text:
        return text
    try:
        date.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d{2}", text) else text)
    except ValueError:
        entry.problems.error(codes.BAD_TEXT, entry.at(name), f"{shown(text)} is no day", _DAY_FIX)
    return text


def _needed(entry: Reader, name: str, fix: str) -> str:
    if not entry.has(name):
        _missing(entry, name, fix)
    return entry.text(name, "")


def _missing(entry: Reader, name: str, fix: str) -> None:
    entry.problems.error(codes.MISSING_KEY, entry.at(name), "this key is missing", fix)


def _fit(themes: Mapping[str, Theme], problems: Problems) -> None:
    """Note what is written twice, and families that are like none, or like themselves."""
    placed = [(f"{file}.{family.name}", family) for file, theme in themes.items() for family in theme.families]
    like = {family.name: family.like for _path, family in placed}
    places: dict[tuple[str, str], str] = {}
    for path, family in placed:
        for key in (("family", family.name), *(("image", image) for image in family.images)):
            if key in places:
                problems.error(codes.BAD_CHOICE, path, f"the {key[0]} {shown(key[1])} is already in {places[key]}", "write it once")
            places[key] = path
        seen, other = {family.name}, family.like
        while other in like and other not in seen:
            seen.add(other)
            other = like[other]
        if other:
            problems.error(codes.BAD_CHOICE, f"{path}.like", f"{shown(other)} is no other family", suggestion(other, like.keys() - seen))

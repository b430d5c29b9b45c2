# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's settings: now, at every boot, and as they were before.

The first run notes what a setting was. A setting that is no longer asked for is given that value back.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from ..host.before import PLACE
from ..host.huge_pages import FILES, FOLDER
from ..host.units import MARK
from .document import Command, Document

SYSCTL = "/etc/sysctl.d/60-ziggie.conf"
HUGE_PAGES = "/etc/tmpfiles.d/60-ziggie-huge-pages.conf"


def documents(sysctl: Mapping[str, Any], huge_pages: Mapping[str, str], facts: Mapping[str, Any]) -> list[Document]:
    """Return the files that set `sysctl` and `huge_pages`, and the note of what was before, which gives back what is not set any more.

    `sysctl` are parameters with their values, `huge_pages` is as `huge_pages.choose` returns it; empty ones set nothing.
    """
    wanted = {
        name: plain(value) for name, value in sorted(sysctl.items()) if facts["sysctl"].get(name) and name not in facts["sysctl_fixed"]
    }
    pages = {name: value for name, value in huge_pages.items() if _settable(facts, name)}
    differs = any(plain(facts["sysctl"][name]) != value for name, value in wanted.items())
    lines = [f"{name} = {value}" for name, value in wanted.items()]
    writes = [f"w {FOLDER}/{FILES[name]} - - - - {value}" for name, value in pages.items()]
    return [
        _note(wanted, pages, facts),
        Document(path=SYSCTL, content="\n".join([MARK, *lines, ""]) if lines else None, apply=_load(lines), due=differs),
        Document(
            path=HUGE_PAGES,
            content="\n".join([MARK, *writes, ""]) if writes else None,
            apply=(("systemd-tmpfiles", "--create", HUGE_PAGES),) if writes else (),
            due=any(facts["huge_pages"][name] != value for name, value in pages.items()),
        ),
    ]


def _settable(facts: Mapping[str, Any], name: str) -> bool:
    return bool(facts["systemd"] and facts["huge_pages"]["writable"] and facts["huge_pages"][name])


def plain(value: Any) -> str:
    """Return a parameter's value as the kernel's own files have it, its words one space apart."""
    return " ".join(str(value).split())


def _load(lines: list[str]) -> tuple[Command, ...]:
    return (("sysctl", "--quiet", "--load", SYSCTL),) if lines else ()


def _note(wanted: Mapping[str, str], pages: Mapping[str, str], facts: Mapping[str, Any]) -> Document:
    noted = facts["before"]
    kept = {
        "sysctl": {name: noted["sysctl"].get(name, plain(facts["sysctl"][name])) for name in wanted},
        "huge_pages": {name: noted["huge_pages"].get(name, facts["huge_pages"][name]) for name in pages},
    }
    content = json.dumps(kept, indent=2, sort_keys=True) + "\n" if wanted or pages else None
    return Document(path=PLACE, content=content, mode="0600", apply=tuple(_give_back(noted, kept)))


def _give_back(noted: Mapping[str, Mapping[str, str]], kept: Mapping[str, Mapping[str, str]]) -> Iterator[Command]:
    for name, value in sorted(noted["sysctl"].items()):
        if name not in kept["sysctl"]:
            yield ("sysctl", "--quiet", "--write", f"{name}={value}")
    for name, value in sorted(noted["huge_pages"].items()):
        if name not in kept["huge_pages"]:
            yield ("sh", "-c", f"echo {shlex.quote(value)} > {FOLDER}/{FILES[name]}")

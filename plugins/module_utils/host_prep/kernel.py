# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel parameters and huge pages, set now and at every boot.

The first run notes the former value of a setting. A setting that is no longer asked for gets its former value back.

MongoDB 8 wants huge pages for everything (`always`), with `defrag` at `defer+madvise` and `max_ptes_none` 0, so that no huge page is
given for a few bytes (MongoDB manual, TCMalloc performance optimization). Redis opts out by itself, whatever the host has (`disable-thp`).
Everything else is best off where huge pages are given on request (`madvise`): limits are tight, and huge pages round up.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.model import Budget
from ..compose.project import section
from ..compose.values import text
from ..host import kernel
from ..host.codes import SYSCTL_FIXED
from ..host.facts import Facts, FormerSettings
from ..images.name import ImageName
from ..problems import Finding
from ..systemd import MARK
from .document import Command, Document
from .paths import FORMER, HUGE_PAGES, SYSCTL

_MONGODB = 8


def huge_pages(wanted: str, compose: Mapping[str, Any], budget: Budget | None, facts: Facts) -> dict[str, str]:
    """Return what `enabled`, `defrag` and `max_ptes_none` should be; one that stays as it is has no entry.

    A container leaves them alone: they belong to the machine around it.
    """
    if wanted == "keep" or facts.virtualization == "container":
        return {}
    enabled = wanted if wanted != "auto" else "always" if _has_new_mongodb(compose, budget) else "madvise"
    if enabled == "always":
        return {"enabled": enabled, "defrag": "defer+madvise", "max_ptes_none": "0"}
    return {"enabled": enabled}


def _has_new_mongodb(compose: Mapping[str, Any], budget: Budget | None) -> bool:
    running = {name for name, share in budget.services.items() if share.enabled} if budget else set()
    images = [ImageName.parse(text(service.get("image"))) for name, service in section(compose, "services").items() if name in running]
    return any(image.repository.rpartition("/")[2] == "mongo" and (image.version() or ()) >= (_MONGODB,) for image in images)


def settable(sysctl: Mapping[str, Any], facts: Facts) -> dict[str, str]:
    """Return the parameters that the host has and may set, by name, as the kernel writes their values."""
    return {name: plain(value) for name, value in sorted(sysctl.items()) if facts.sysctl.get(name) and name not in facts.sysctl_fixed}


def settable_pages(pages: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the settings of huge pages that the host has and may set."""
    return {name: value for name, value in pages.items() if facts.systemd and facts.huge_pages.writable and getattr(facts.huge_pages, name)}


def documents(sysctl: Mapping[str, Any], pages: Mapping[str, str], facts: Facts) -> list[Document]:
    """Return the files that set `sysctl` and huge `pages`, and the note of former values, which gives back what is not set any more.

    Empty mappings set nothing.
    """
    wanted, wanted_pages = settable(sysctl, facts), settable_pages(pages, facts)
    lines = [f"{name} = {value}" for name, value in wanted.items()]
    writes = [f"w {_page_file(name)} - - - - {value}" for name, value in wanted_pages.items()]
    return [
        _note(wanted, wanted_pages, facts),
        Document(
            path=SYSCTL,
            content="\n".join([MARK, *lines, ""]) if lines else None,
            apply=(("sysctl", "--quiet", "--load", SYSCTL),) if lines else (),
            due=any(plain(facts.sysctl[name]) != value for name, value in wanted.items()),
            effect="kernel parameters change at once; nothing restarts",
        ),
        Document(
            path=HUGE_PAGES,
            content="\n".join([MARK, *writes, ""]) if writes else None,
            apply=(("systemd-tmpfiles", "--create", HUGE_PAGES),) if writes else (),
            due=any(getattr(facts.huge_pages, name) != value for name, value in wanted_pages.items()),
            effect="new allocations of memory follow it; nothing restarts",
        ),
    ]


def impossible(sysctl: Mapping[str, Any], facts: Facts) -> Iterator[Finding]:
    """Yield the parameters that the host does not have, or may not set to what is wanted."""
    for name, value in sysctl.items():
        has = facts.sysctl.get(name, "")
        if not has or (name in facts.sysctl_fixed and plain(has) != plain(value)):
            yield Finding(
                code=SYSCTL_FIXED,
                severity="warning",
                path=f"stack_sysctl.{name}",
                message=f"it stays {has} here: the host may not set it" if has else "the kernel does not have this setting",
                fix="set it on the machine around this host, or remove it from stack_sysctl" if has else "remove it from stack_sysctl",
            )


def plain(value: Any) -> str:
    """Return a parameter's value as the kernel's own files have it, its words one space apart."""
    return " ".join(str(value).split())


def _page_file(name: str) -> str:
    return f"{kernel.HUGE_PAGES}/{kernel.HUGE_PAGES_FILES[name]}"


def _note(wanted: Mapping[str, str], pages: Mapping[str, str], facts: Facts) -> Document:
    kept = FormerSettings(
        sysctl={name: facts.former.sysctl.get(name, plain(facts.sysctl[name])) for name in wanted},
        huge_pages={name: facts.former.huge_pages.get(name, getattr(facts.huge_pages, name)) for name in pages},
    )
    plain_data = {"sysctl": dict(kept.sysctl), "huge_pages": dict(kept.huge_pages)}
    content = json.dumps(plain_data, indent=2, sort_keys=True) + "\n" if wanted or pages else None
    return Document(
        path=FORMER,
        content=content,
        mode="0600",
        apply=tuple(_give_back(facts.former, kept)),
        effect="settings that are no longer asked for get their former values back; nothing restarts",
    )


def _give_back(noted: FormerSettings, kept: FormerSettings) -> Iterator[Command]:
    for name, value in sorted(noted.sysctl.items()):
        if name not in kept.sysctl:
            yield ("sysctl", "--quiet", "--write", f"{name}={value}")
    for name, value in sorted(noted.huge_pages.items()):
        if name not in kept.huge_pages:
            yield ("sh", "-c", f"echo {shlex.quote(value)} > {_page_file(name)}")

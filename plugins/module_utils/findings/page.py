# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation page of all findings, generated from the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .known import PARTS
from .library import BOOKS
from .rule import Rule

_INTRODUCTION = """# Findings

<!-- Generated from the rules by tools/findings-page; a test compares them. -->

A finding is one stated problem: a code that never changes its meaning, a severity, the path of the value, a sentence, and the fix.
`ziggie.stack.plan`, `ziggie.stack.adopt` and every run show all of them at once, for any Compose file. Images are recognised by their name on a
registry, through any mirror ([what is known of each](images.md)).

- **error**: it stops a service or loses data for certain. A run does not start with one.
- **warning**: it causes trouble sooner or later.
- **info**: worth knowing.

Findings that say the same of several services are one line with all their paths.

A finding that is right where you are is accepted by its code, with the reason, and shows as accepted from then on:

```yaml
stack_accepted:
  ZB161: the socket is behind a proxy that allows reading only
  ZB160:
    reason: the game server is public
    paths: [services.game.ports]
```

A Compose file may accept a finding itself, beside what it is about; it holds for the service, network, volume, secret or config it stands in:

```yaml
services:
  cadvisor:
    x-accepted:
      ZB161: it reads the engine, and nothing of it is published
```
"""


def page() -> str:
    """Return the page's text."""
    return "\n".join([_INTRODUCTION, *_contents(), *_themes(), *_tables()])


def _contents() -> Iterator[str]:
    yield "| Code | Severity | What it is about |\n|---|---|---|"
    for book in BOOKS:
        for rule in book.rules:
            yield f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity} | {rule.title} |"
    yield "| ZB100 | error | An acceptance of a code that does not exist, or without a reason |\n"


def _themes() -> Iterator[str]:
    for book in BOOKS:
        yield f"## {book.theme}\n"
        for rule in book.rules:
            yield _entry(rule)


def _entry(rule: Rule) -> str:
    return f"### {rule.code}\n\n**{rule.title}** ({rule.severity})\n\n{rule.why}\n\nWhat to do: {rule.fix}.\n\nSource: {rule.source}.\n"


def _tables() -> Iterator[str]:
    for part in PARTS:
        yield f"## {part.title}\n\n{part.about}\n"
        yield from _table(part.meanings)


def _table(meanings: Mapping[str, str]) -> Iterator[str]:
    yield "| Code | What it means |\n|---|---|"
    for code, meaning in meanings.items():
        yield f"| {code} | {meaning} |"
    yield ""

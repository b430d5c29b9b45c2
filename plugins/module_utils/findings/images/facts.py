# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is true of an image. An empty value means that it is not known; times are seconds, sizes bytes.

    `kind` is the program. `tools` maps a part of the tag ("" for all others) to the programs that a probe may call, from
    `tools_since` on. `data` are paths whose loss is a loss. `reads` maps a prefix of variables that is the image's own to all
    that it reads under it. `secret_file` is the suffix by which it reads a variable from a file, `passwords` are variables of
    which a first start needs one, `keys` those without which it makes a key of its own. `boot` is the CPU time of a start in
    milliseconds. `steps_down` are the capabilities of an entrypoint that starts as root. `ended` says since when nobody
    maintains it and `instead` what took its place; `support_ends` maps a version to the day. `engine_29` is the first version
    that speaks to Docker Engine 29. `queue_when` is the variable and value with which it keeps a queue in Redis, or ("", "")
    when it always does. `command` is what it runs where that is not what its engine's own image runs.
    `engine`, `tier`, `floor` (`floor_slim` where the tag says slim) and `batch` are what a budget assumes where its author says nothing.
    """

    kind: str = ""
    tools: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tools_since: tuple[int, ...] = ()
    data: tuple[str, ...] = ()
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    secret_file: str = ""
    passwords: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    own_probe: bool | None = None
    probe: str = ""
    boot: int = 0
    grace: int = 0
    pids: int = 0
    many_files: bool = False
    floor: int = 0
    floor_slim: int = 0
    steps_down: tuple[str, ...] = ()
    ended: str = ""
    instead: str = ""
    support_ends: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    engine_29: tuple[int, ...] = ()
    needs_init: bool = False
    queue_when: tuple[str, str] | None = None
    command: tuple[str, ...] = ()
    engine: str = ""
    tier: str = ""
    batch: bool = False

    def inside(self, tag: str, version: tuple[int, ...]) -> frozenset[str] | None:
        """Return the programs inside, by the longest part of the tag that the table knows; nothing where they are not known."""
        part = max((part for part in self.tools if part in tag), key=len, default=None)
        if part is None or (version and version < self.tools_since):
            return None
        return self.tools[part]


UNKNOWN = Facts()


def words(text: str) -> frozenset[str]:
    """Return words as a set."""
    return frozenset(text.split())

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container does and holds, in a few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...budget.units import MIB, cores
from .figures import amount, counted, percent
from .markup import Html, join, tag
from .view import View, container_state


def live(view: View, name: str) -> Iterator[Html]:
    """Return a list with what each container of a service does; nothing where there is none."""
    containers = view.containers.get(name, [])
    if containers:
        yield tag("h4", "Live")
        entries = [
            tag("div", tag("dt", tag("code", container.get("name", name))), tag("dd", join(_seen(container), "; ")))
            for container in containers
        ]
        yield tag("dl", *entries, class_="explained")


def _seen(container: Mapping[str, Any]) -> Iterator[str]:
    yield f"{container_state(container)}, {counted(container.get('restarts', 0), 'restart')}{', a stand-in' if container.get('stand_in') else ''}"
    if container.get("oom_killed"):
        yield "killed for want of memory"
    yield from _held(container.get("kernel") or {})
    yield from _used(container.get("use") or {})
    for item in (container.get("settings") or {}).get("differences", []):
        yield f"{item['key']} is {item['live']}, not {item['desired']}"


def _held(kernel: Mapping[str, Any]) -> Iterator[str]:
    held = []
    if "memory" in kernel:
        held.append(amount(kernel["memory"]) if kernel["memory"] else "no limit of memory")
    if kernel.get("cpu_quota"):
        held.append(f"{cores(kernel['cpu_quota'])} CPUs")
    if kernel.get("pids"):
        held.append(f"{kernel['pids']:,} pids")
    if held:
        yield f"the kernel holds it to {', '.join(held)}"


def _used(use: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (("working_set", "needs {} now"), ("memory", "has {} with page cache"), ("memory_peak", "had {} at most")):
        if key in use:
            yield words.format(amount(round(use[key] / MIB) * MIB))
    if "cpu" in use:
        yield f"takes {cores(use['cpu'])} CPUs"
    if use.get("throttled_share"):
        yield f"held back in {percent(round(use['throttled_share'] * 10_000), 10_000)} of its CPU periods"
    for key, words in (("memory_at_limit", "met its memory limit"), ("oom_kills", "lost a process to it")):
        if use.get(key):
            yield f"{words} {counted(use[key], 'time')}"

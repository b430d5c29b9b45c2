# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container is doing, in a few words each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.container import Container
from ...units import MIB, cores
from .figures import amount, counted, percent
from .view import container_state


def told(container: Container) -> str:
    """Return state, what the kernel enforces, and what it uses."""
    return "; ".join(_told(container))


def _told(container: Container) -> Iterator[str]:
    yield f"{container_state(container)}, {counted(container.restarts, 'restart')}{', a stand-in' if container.stand_in else ''}"
    if container.oom_killed:
        yield "OOM-killed"
    yield from _held(container.kernel.values)
    yield from _used(container.use or {})


def _held(kernel: Mapping[str, Any]) -> Iterator[str]:
    held = []
    if "memory" in kernel:
        held.append(amount(int(kernel["memory"])) if kernel["memory"] else "unlimited memory")
    if kernel.get("cpu_quota"):
        held.append(f"{cores(int(kernel['cpu_quota']))} CPUs")
    if kernel.get("pids"):
        held.append(f"{kernel['pids']:,} pids")
    if held:
        yield f"the kernel enforces {', '.join(held)}"


def _used(use: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (("working_set", "uses {} now"), ("memory", "{} with page cache"), ("memory_peak", "peak {}")):
        if key in use:
            yield words.format(amount(round(use[key] / MIB) * MIB))
    if "cpu" in use:
        yield f"takes {cores(use['cpu'])} CPUs"
    if use.get("throttled_share"):
        yield f"throttled in {percent(round(use['throttled_share'] * 10_000), 10_000)} of its CPU periods"
    for key, words in (("memory_at_limit", "hit its memory limit"), ("oom_kills", "lost a process to it")):
        if use.get(key):
            yield f"{words} {counted(use[key], 'time')}"

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about a host that runs."""

from __future__ import annotations

NEAR_LIMIT = "ZA001"
KILLED = "ZA002"
RESTARTING = "ZA003"
UNHEALTHY = "ZA004"
ENDED = "ZA005"
THROTTLED = "ZA006"
FEW_PIDS = "ZA007"
STALLED = "ZA008"
NOT_ENFORCED = "ZA009"
OVERCOMMITTED = "ZA010"
UNBOUNDED = "ZA011"
LITTLE_MEMORY = "ZA012"
SWAPPING = "ZA013"
LITTLE_DISK = "ZA014"
LARGE_LOG = "ZA015"
TAG_MOVED = "ZA016"

MEANINGS = {
    NEAR_LIMIT: "a container uses 90 % of its memory limit or more, or did while it was watched",
    KILLED: "the kernel OOM-killed a process of a container",
    RESTARTING: "the engine restarts a container again and again",
    UNHEALTHY: "the health check of a container fails",
    ENDED: "a container exited with an error and is not running",
    THROTTLED: "a CPU quota throttles a container in 25 % of all periods or more",
    FEW_PIDS: "a container uses 90 % of its pids limit or more",
    STALLED: "tasks of a container waited for memory in more than 10 % of the last minute",
    NOT_ENFORCED: "the kernel enforces another memory limit than the engine holds",
    OVERCOMMITTED: "the memory limits add up to more than the host has",
    UNBOUNDED: "containers without a memory limit can use all memory of the host",
    LITTLE_MEMORY: "less than 10 % of the host's memory is available",
    SWAPPING: "more than half of the host's swap is in use",
    LITTLE_DISK: "the file system of the engine's data is nearly full",
    LARGE_LOG: "the log of a container takes a gibibyte or more",
    TAG_MOVED: "a tag names another image than before, or than the definition pins",
}

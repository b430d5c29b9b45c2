# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a JVM takes beside its heap: a part that does not grow, and the collector's, which does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.service import Service
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.demand import Need, need
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.read import demands
from ansible_collections.ziggie.stack.plugins.module_utils.evidence.subject import Subject
from ansible_collections.ziggie.stack.plugins.module_utils.units import GIB, MIB

# What G1 keeps for a heap that is taken whole and empty: OpenJDK 17.0.15, four threads of the collector, -XX:NativeMemoryTracking=summary.
# The rest of the same JVM, which has loaded no program, is 23 MiB.
COLLECTOR = {256: 51, 512: 61, 1024: 81, 2048: 122, 4096: 202, 8192: 355}


def java(options: str) -> Need:
    return need(demands(Subject.of(Service.read("s", {"image": "app", "environment": {"JAVA_OPTS": options}}))))


@pytest.mark.parametrize(("heap", "collector"), COLLECTOR.items())
def test_the_floor_holds_what_the_collector_keeps_and_a_server(heap: int, collector: int) -> None:
    assert java(f"-Xmx{heap}m").floor >= (heap + collector + 100) * MIB


def test_the_request_holds_the_quarter_that_vendors_recommend() -> None:
    assert java("-Xmx8g").request == 10 * GIB
    assert java("-Xmx512m").request == java("-Xmx512m").floor == 704 * MIB


def test_a_larger_heap_never_needs_less() -> None:
    for smaller, larger in pairwise(java(f"-Xmx{size}m") for size in range(64, 4096, 16)):
        assert smaller.floor < larger.floor
        assert smaller.request < larger.request
        assert larger.floor <= larger.request


@pytest.mark.parametrize(
    ("bounds", "beside"),
    [
        ("-XX:MaxMetaspaceSize=256m -XX:ReservedCodeCacheSize=240m", 496),
        ("-XX:MaxMetaspaceSize=64m", 256),
        ("-Xss2m -XX:MaxMetaspaceSize=256m", 656),
        ("-XX:MaxMetaspaceSize=256m", 456),
    ],
)
def test_what_the_author_allows_beside_the_heap_is_requested(bounds: str, beside: int) -> None:
    threads = {"SERVER_TOMCAT_THREADS_MAX": "200"} if beside in (656, 456) else {}
    service = Service.read("s", {"image": "app", "environment": {"JAVA_OPTS": f"-Xmx1g {bounds}", **threads}})
    assert need(demands(Subject.of(service))).request == (1024 + beside) * MIB

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cAdvisor, standing in: its flags, and real figures of the containers."""

from __future__ import annotations

import sys
import threading
import time

import cadvisor_families
from standin import contract, engine, web

METRICS = frozenset(
    [
        "accelerator",
        "advtcp",
        "app",
        "cpu",
        "cpuLoad",
        "cpu_topology",
        "cpuset",
        "disk",
        "diskIO",
        "hugetlb",
        "memory",
        "memory_numa",
        "network",
        "oom_event",
        "percpu",
        "perf_event",
        "pressure",
        "process",
        "referenced_memory",
        "resctrl",
        "sched",
        "tcp",
        "udp",
    ]
)
given = dict(argument.lstrip("-").partition("=")[::2] for argument in sys.argv[1:])
for name in (given.get("disable_metrics") or "").split(","):
    if name and name not in METRICS:
        contract.refuse("cadvisor", f"invalid value for flag -disable_metrics: unsupported metric '{name}' specified")
LABELS = tuple(label for label in given.get("whitelisted_container_labels", "").split(",") if label)
EVERY = float(given.get("housekeeping_interval", "1s").removesuffix("s"))


class Housekeeping(threading.Thread):
    """Reads the figures once per interval, however often they are asked for."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.text = ""

    def run(self) -> None:
        while True:
            try:
                self.text = cadvisor_families.exposition(LABELS)
            except OSError as error:
                print(f"cadvisor: {error}", file=sys.stderr, flush=True)
            time.sleep(EVERY)


try:
    engine.get("/_ping")
except OSError as error:
    contract.refuse("cadvisor", f"{engine.SOCKET}: {error}")
housekeeping = Housekeeping()
housekeeping.start()
web.serve(
    "cadvisor",
    int(given.get("port", "8080")),
    {
        "/": lambda _: web.html("<!doctype html><title>cAdvisor (stand-in)</title><p>This is a stand-in for cAdvisor."),
        "/healthz": lambda _: web.text("ok"),
        "/metrics": web.metrics("cadvisor", lambda: housekeeping.text),
    },
)

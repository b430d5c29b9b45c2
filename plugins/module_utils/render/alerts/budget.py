# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Budget as series, so that rules and dashboards compare with the very numbers that were deployed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...budget.units import cores
from ..watched import Watched

Service = Mapping[str, Any]

# A name with colons is a rule's by convention: no exporter's metric can be taken for it.
SERIES: dict[str, Callable[[Service], str]] = {
    "service:budget:info": lambda _service: "1",
    "service:budget_memory_limit:bytes": lambda service: str(service["memory"]["limit"]),
    "service:budget_memory_reservation:bytes": lambda service: str(service["memory"]["reservation"]),
    "service:budget_cpu_limit:cores": lambda service: cores(service["cpus"]["limit"]),
    "service:budget_cpu_reservation:cores": lambda service: cores(service["cpus"]["reservation"]),
}


def series(watched: Watched) -> list[dict[str, Any]]:
    """Return one recording rule per service and number."""
    return [
        {
            "record": name,
            "expr": f"vector({value(service)})",
            "labels": {
                "service": service_name,
                "tier": service["tier"],
                "priority": service["priority"],
                "batch": "true" if service.get("batch") else "false",
            },
        }
        for service_name, service in watched.services.items()
        for name, value in SERIES.items()
    ]

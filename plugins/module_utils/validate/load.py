# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the API, the models and restarts are as fast as the report promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..budget.model import Budget, Share
from .check import Check, failed, judged, unknown


def api(found: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    """Judge the API's latency and errors under load."""
    if found["error"]:
        yield unknown("latency.api", sentence=found["error"])
        return
    for name in ("p95", "p99"):
        yield judged(
            f"latency.{name}",
            well=found[name] < targets[f"api_{name}"] * 1000,
            figure=f"{found[name]} ms",
            sentence=f"{name.upper()} is {found[name]} ms at {found['per_second']:.0f} requests a second; "
            f"less than {targets[f'api_{name}'] * 1000:g} ms is the target",
        )
    yield judged(
        "latency.errors",
        well=not found["errors"] and found["requests"] > 0,
        figure=f"{found['errors']} of {found['requests']}, P50 {found['p50']} ms",
        sentence=f"{found['errors']} of {found['requests']} requests failed",
    )


def models(measured: Mapping[str, Any], targets: Mapping[str, float]) -> Iterator[Check]:
    """Judge the first token, cold and warm."""
    for service, found in measured.items():
        for name in ("cold", "warm"):
            if found["error"]:
                yield unknown(f"ollama.{name}", service, sentence=found["error"])
                continue
            target = targets[f"model_{name}"]
            yield judged(
                f"ollama.{name}",
                service,
                well=found[name] < target,
                figure=f"{found[name]:.2f} s",
                sentence=f"{found['model']} needs {found[name]:.1f} s to its first token, less than {target:g} s is the target",
            )


def restarts(measured: Mapping[str, Any], budget: Budget | None, targets: Mapping[str, float]) -> Iterator[Check]:
    """Judge how long each container was away, and what was refused meanwhile where others stood beside it."""
    for service, found in measured.items():
        if "asked" in found:
            yield _unbroken(service, found)
        if found["error"]:
            yield unknown("restart.time", service, sentence=found["error"])
            continue
        target = targets[_kind(budget.services.get(service.partition("/")[0]) if budget else None)]
        if not found["recovered"]:
            yield failed("restart.time", service, figure=f"{found['seconds']:.1f} s", sentence=f"it did not recover: {found['said']}")
            continue
        yield judged(
            "restart.time",
            service,
            well=found["seconds"] < target,
            figure=f"{found['seconds']:.1f} s",
            sentence=f"restarted and healthy after {found['seconds']:.1f} s, less than {target:g} s is the target",
        )


def _unbroken(service: str, found: Mapping[str, Any]) -> Check:
    if not found["asked"]:
        return unknown("restart.requests", service, sentence="it could not be asked while it was restarted")
    failed_ones = sum(found["failed"].values())
    told = ", ".join(f"{count} x {what}" for what, count in sorted(found["failed"].items()))
    return judged(
        "restart.requests",
        service,
        well=not failed_ones,
        figure=f"{failed_ones} of {found['asked']} failed, the slowest took {found['slowest']:.1f} s",
        sentence=f"{failed_ones} of {found['asked']} requests failed while it was restarted, though others stood beside it: {told}",
    )


def _kind(share: Share | None) -> str:
    tuner = share.tuning.tuner if share else None
    if tuner in ("postgres", "redis", "mongodb"):
        return "restart_database"
    return "restart_api" if share and tuner == "python" and share.tier == "critical" else "restart_other"

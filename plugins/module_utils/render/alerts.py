# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules file of Prometheus: the Budget as series, and the alerts of `roles/monitoring/files/alerts/` that compare with it.

A file of alerts is a group: `rules`, and `when` and `service` for those rules that do not state their own. A rule has

- `alert`, `expr`, `for` and `summary`, as Prometheus knows them;
- `severity`: `critical`, `warning`, `info`, `none`, or `by tier` (critical for a service of the critical tier, else warning);
- `service`: the service that it is about, or `host`; without it, the expression itself has to yield the labels `service` and `tier`;
- `when` and `unless`: services that have to run, or must not; `a|b` is either. `@live-state` stands for a host that writes the live
  state of its services, `@volumes` for services with storage, `@backups` for places of backups that are monitored, `@backed-up` for a stack that is backed up
  by `stack_backup`, `@heartbeat` for a heartbeat, and
  `@redis-evicts` for a Redis that drops keys when it is full.

`[[ name ]]` and `[[ name * factor ]]` stand for a figure of the Budget (`values`). A rule with a figure that the Budget does not have is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from ..budget.model import Share
from ..compose.values import dig
from ..deploy.release import STALE
from ..typed import load, named
from ..units import cores, parse_size
from .monitored import HOST, HOST_TIER, Monitored
from .scrape import vanished

# A service of the critical tier pages the operator at once, the others can wait for the morning.
_BY_TIER = '{{ if eq $labels.tier "critical" }}critical{{ else }}warning{{ end }}'

# superuser_reserved_connections of PostgreSQL, which applications cannot use.
_POSTGRES_RESERVED = 3

# The tier of each service, and of the host itself, whose directory every backup holds.
_TIERS = f'(service:budget:info or label_replace(label_replace(vector(1), "service", "{HOST}", "", ""), "tier", "{HOST_TIER}", "", ""))'

_VALUE = re.compile(r"\[\[ ([a-z_.]+)(?: \* ([0-9.]+))? \]\]")

# A name with colons is a rule's by convention: no exporter's metric can be taken for it.
_SERIES: dict[str, Callable[[Share], str]] = {
    "service:budget:info": lambda _service: "1",
    "service:budget_memory_limit:bytes": lambda service: str(service.memory.limit),
    "service:budget_memory_reservation:bytes": lambda service: str(service.memory.reservation),
    "service:budget_cpu_limit:cores": lambda service: cores(service.cpus.limit),
    "service:budget_cpu_reservation:cores": lambda service: cores(service.cpus.reservation),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert, as it is written."""

    alert: str
    expr: str
    wait: str = field(metadata=named("for"))
    severity: Literal["critical", "warning", "info", "none", "by tier"]
    summary: str
    service: str = ""
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The alerts of one file."""

    name: str
    rules: tuple[Rule, ...]
    service: str = ""
    when: tuple[str, ...] = ()


def group(name: str, written: Any) -> Group:
    """Return the alerts of a file. Raises `ValueError` with the path of what is wrong."""
    return load(Group, {**written, "name": name} if isinstance(written, Mapping) else written, name)


def document(monitored: Monitored, groups: Iterable[Group]) -> dict[str, Any]:
    """Return the rules file. Raises `ValueError` for a figure that no Budget has."""
    known, facts = values(monitored), _facts(monitored)
    made: list[dict[str, Any]] = [{"name": "budget", "interval": "1m", "rules": list(_series(monitored))}]
    for one in groups:
        alerts = [_alert(rule, one, monitored, known) for rule in one.rules if _wanted(rule, one, facts, known)]
        if alerts:
            made.append({"name": one.name, "interval": "30s", "rules": alerts})
    return {"groups": made}


def values(monitored: Monitored) -> dict[str, int | str | None]:
    """Return the figures that alerts may name: counts, bytes and seconds; `None` where the Budget has none."""
    connections, maxmemory = monitored.tuned("postgres", "max_connections"), monitored.tuned("redis", "maxmemory")
    pooled, of_mongodb = monitored.tuned("pgbouncer", "max_db_connections"), monitored.tuned("mongodb", "maxConns")
    return {
        "postgres.connections": None if connections is None else int(connections) - _POSTGRES_RESERVED,
        "pgbouncer.connections": None if pooled is None else int(pooled),
        "pgbouncer.database": _pooled_database(monitored),
        "redis.maxmemory": None if maxmemory is None else parse_size(maxmemory),
        "mongodb.connections": None if of_mongodb is None else int(of_mongodb),
        "live_state.stale": STALE,
        "backups.tiers": _TIERS,
        "metrics.vanished": vanished(monitored) or None,
    }


def _series(monitored: Monitored) -> Iterator[dict[str, Any]]:
    """Yield one recording rule per service and figure."""
    for name, service in monitored.services.items():
        labels = {"service": name, "tier": service.tier, "priority": service.priority, "batch": "true" if service.batch else "false"}
        for record, figure in _SERIES.items():
            yield {"record": record, "expr": f"vector({figure(service)})", "labels": dict(labels)}


def _facts(monitored: Monitored) -> set[str]:
    """Return the names of what runs and of what else a rule can depend on."""
    others = {
        "@live-state": monitored.has_live_state,
        "@volumes": any(service.storage for service in monitored.services.values()),
        "@backups": bool(monitored.settings.backups),
        "@backed-up": monitored.backed_up,
        "@heartbeat": monitored.settings.heartbeat is not None,
        "@redis-evicts": monitored.tuned("redis", "maxmemory-policy") not in (None, "noeviction"),
    }
    return {*monitored.services, *(name for name, fact in others.items() if fact)}


def _wanted(rule: Rule, one: Group, facts: set[str], known: Mapping[str, int | str | None]) -> bool:
    def holds(condition: str) -> bool:
        return not facts.isdisjoint(condition.split("|"))

    named_values = [name for text in (rule.expr, rule.summary) for name, _factor in _VALUE.findall(text)]
    missing = [name for name in named_values if name not in known]
    if missing:
        raise ValueError(f"{one.name}.{rule.alert}: no Budget has {missing[0]}; write one of {', '.join(sorted(known))}")
    return (
        all(map(holds, rule.when or one.when))
        and not any(map(holds, rule.unless))
        and all(known[name] is not None for name in named_values)
    )


def _alert(rule: Rule, one: Group, monitored: Monitored, known: Mapping[str, int | str | None]) -> dict[str, Any]:
    def filled(text: str) -> str:
        return _VALUE.sub(lambda match: _times(known[match[1]], match[2]), text)

    service = rule.service or one.service
    labels = {"severity": _BY_TIER if rule.severity == "by tier" else rule.severity}
    if service:
        labels |= {"service": service, "tier": HOST_TIER if service == HOST else monitored.tier(service)}
    annotations = {"summary": filled(rule.summary), "runbook_url": monitored.runbook(rule.alert)}
    return {"alert": rule.alert, "expr": filled(rule.expr), "for": rule.wait, "labels": labels, "annotations": annotations}


def _times(value: int | str | None, factor: str | None) -> str:
    return str(value) if factor is None else f"{float(Fraction(str(value)) * Fraction(factor)):g}"


def _pooled_database(monitored: Monitored) -> str:
    environment = dig(monitored.compose["services"], "ziggie-api", "environment")
    return str(environment.get("DATABASE_NAME", "ziggie")) if isinstance(environment, dict) else "ziggie"

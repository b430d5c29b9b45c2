# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerting rules: expressions that never fire, always fire, or count the wrong thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..alerts import Alert
from ..rule import Book, Hit
from ..stack import Stack

BOOK = Book("Alerting rules")

_ZERO = r"(?:container_spec_memory_limit_bytes|container_spec_cpu_quota|redis_memory_max_bytes)"
_BY_ZERO = re.compile(rf"/\s*\(?\s*{_ZERO}(?:\{{[^}}]*\}})?(?!\s*(?:\{{[^}}]*\}}\s*)?(?:>|!=)\s*0(?![.0-9]))")
_MOUNT_POINT = re.compile(r"mountpoint=\"([^\"]+)\"")
_UNKNOWN = {
    "mongodb_opcounters_query": "mongodb_ss_opcounters",
    "redis_used_memory": "redis_memory_used_bytes",
    "container_memory_limit_bytes": "container_spec_memory_limit_bytes",
}
_EXPORTERS = {"pg": "postgres", "redis": "redis", "mongodb": "mongodb"}


@BOOK.alert(
    "ZB270",
    "warning",
    "An alert that divides by zero",
    why="cAdvisor reports a limit of 0 for a container without one, and Redis a maximum of 0: the quotient is +Inf and the "
    "alert always fires.",
    fix="write (container_spec_memory_limit_bytes > 0)",
    source="cadvisor, lib/metrics/prometheus.go",
)
def _by_zero(alert: Alert, _stack: Stack) -> str:
    return "the divisor is 0 for what has no limit" if _BY_ZERO.search(alert.expression) else ""


@BOOK.alert(
    "ZB271",
    "warning",
    "Usage that counts the page cache",
    why="container_memory_usage_bytes includes the files that the container has read: a healthy database is always near its limit.",
    fix="use container_memory_working_set_bytes",
    source="cAdvisor documentation, metrics",
)
def _page_cache(alert: Alert, _stack: Stack) -> str:
    return "container_memory_usage_bytes counts the page cache" if "container_memory_usage_bytes" in alert.expression else ""


@BOOK.alert(
    "ZB272",
    "warning",
    "A quantile of each series by itself",
    why="Without a sum by (le), histogram_quantile gives one quantile for each path, method and instance: a rare endpoint fires it.",
    fix="write histogram_quantile(0.95, sum by (le) (rate(…)))",
    source="Prometheus documentation, histogram_quantile",
)
def _lone_quantile(alert: Alert, _stack: Stack) -> str:
    wrong = "histogram_quantile" in alert.expression and not re.search(r"(?:by|without)\s*\(", alert.expression)
    return "histogram_quantile without sum by (le)" if wrong else ""


@BOOK.alert(
    "ZB273",
    "info",
    "An alert on the last two samples",
    why="irate uses two samples only, so an alert flaps with every spike.",
    fix="use rate",
    source="Prometheus documentation, irate",
)
def _last_two_samples(alert: Alert, _stack: Stack) -> str:
    return "irate is for graphs" if re.search(r"\birate\(", alert.expression) else ""


@BOOK.alert(
    "ZB274",
    "warning",
    "A path that is not a mount point",
    why="A plain directory has no file system series: the alert never fires.",
    fix="use the mount point that the directory lies on (findmnt -T shows it), or match by fstype",
    source="node_exporter, filesystem collector",
)
def _no_mount_point(alert: Alert, stack: Stack) -> str:
    have = stack.mount_points()
    wrong = next((point for point in _MOUNT_POINT.findall(alert.expression) if have and point not in have), "")
    return f"nothing is mounted at {wrong}" if wrong else ""


@BOOK.alert(
    "ZB275",
    "warning",
    "A metric that does not exist",
    why="An expression over a metric that no exporter has gives no result: the alert never fires.",
    fix="use the name that the exporter gives",
    source="the exporters' documentation",
)
def _no_metric(alert: Alert, _stack: Stack) -> str:
    wrong = next((name for name in _UNKNOWN if re.search(rf"\b{name}\b", alert.expression)), "")
    return f"no exporter has {wrong}; its name is {_UNKNOWN[wrong]}" if wrong else ""


@BOOK.alert(
    "ZB276",
    "warning",
    "A metric whose exporter is missing",
    why="Without the exporter the metric has no series: the alert never fires.",
    fix="add the exporter to the stack",
    source="the exporters' documentation",
)
def _no_exporter(alert: Alert, stack: Stack) -> str:
    for prefix, kind in _EXPORTERS.items():
        if re.search(rf"\b{prefix}_[a-z]", alert.expression) and stack.services and not any(stack.of_kind(f"{kind}-exporter")):
            return f"the stack has no {kind} exporter"
    return ""


@BOOK.stack(
    "ZB277",
    "warning",
    "No alert for a missing target",
    why="Other alerts are silent about what cannot be scraped: the worst failure looks healthy.",
    fix="add an alert on up == 0",
    source="Prometheus documentation, alerting best practices",
)
def _nothing_on_absence(stack: Stack) -> Iterator[Hit]:
    if stack.alerts and not any(re.search(r"\bup\b|\babsent", alert.expression) for alert in stack.alerts):
        yield Hit(at=stack.alerts[0].path.rpartition(":")[0], message="no rule looks at up")

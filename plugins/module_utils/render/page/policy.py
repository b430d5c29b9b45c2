# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules by which the pool was shared, all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .figures import amount, listed
from .markup import Html, join, tag
from .view import View

_MEANINGS = {
    "reserve.memory": "kept for the operating system",
    "reserve.cpus": "cores kept for the operating system",
    "reserve.disk": "kept on the filesystem of the operating system",
    "reserve.swap": "kept for the operating system",
    "reserve.pids": "processes and threads kept for the operating system",
    "reserve.files": "open files kept for the operating system",
    "disk.image": "what an image takes on average",
    "disk.logs": "what the logs of one container take at most",
    "margin.memory": "pool that nobody gets",
    "memory": "fit shares what there is; declared keeps the written limits",
    "overcommit.memory": "how often the pool may be given away, under declared",
    "overcommit.cpus": "how often the cores may be given away",
    "weights.high": "what priority high weighs",
    "weights.medium": "what priority medium weighs",
    "weights.low": "what priority low weighs",
    "cpu_quota": "which services get a hard CPU limit",
    "cpuset": "critical keeps whole cores for the critical tier, split keeps it on them, too",
    "defaults.memory.floor": "for a service that names none",
    "defaults.memory.request": "for a service that names none",
    "defaults.cpus.reservation": "for a service that names none",
    "defaults.cpus.limit": "for a service that names none",
    "defaults.pids": "for a service that names none",
    "defaults.files": "for a service that names none",
    "credentials": "what the operator has set",
}
_SIZES = (
    "reserve.memory",
    "reserve.disk",
    "reserve.swap",
    "margin.memory",
    "disk.image",
    "disk.logs",
    "defaults.memory.floor",
    "defaults.memory.request",
)


def policy(view: View) -> Html:
    """Return every key of the policy with its value and meaning."""
    rows = [
        tag(
            "tr",
            tag("th", tag("code", key), scope="row"),
            tag("td", _value(key, value), class_="number"),
            tag("td", _MEANINGS.get(key, ""), class_="note"),
        )
        for key, value in _flat("", view.budget["policy"])
    ]
    head = tag("tr", *(tag("th", title, scope="col") for title in ("Key", "Value", "Meaning")))
    table = tag("table", tag("caption", "The policy, complete"), tag("thead", head), tag("tbody", *rows), class_="policy")
    return tag("div", table, class_="scroll", role="region", aria_label="Policy", tabindex=0)


def _flat(prefix: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    else:
        yield prefix, value


def _value(key: str, value: object) -> Html | str:
    if key in _SIZES and isinstance(value, int):
        return amount(value)
    if isinstance(value, list):
        return join([listed([str(item) for item in value], 20) or "none"])
    return str(value)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures in Prometheus's text format, written and read again.

Source: prometheus.io/docs/instrumenting/exposition_formats; node-exporter's textfile collector reads version 0.0.4 of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_SAMPLE = re.compile(r"([a-z_]+)(?:\{([^}]*)\})? (\S+)")
_LABEL = re.compile(r'([a-z_]+)="([^"]*)"')


@dataclass(slots=True, kw_only=True)
class Family:
    """One metric with its samples, in Prometheus's units: bytes, seconds, cores."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    samples: list[tuple[dict[str, str], float]] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """Note one sample."""
        self.samples.append((labels, value))


def text(families: Iterable[Family]) -> str:
    """Return the families that have samples, in the order given."""
    lines = []
    for family in families:
        if family.samples:
            lines.append(f"# HELP {family.name} {family.help}")
            lines.append(f"# TYPE {family.name} {family.kind}")
            lines.extend(f"{family.name}{_labels(labels)} {value!r}" for labels, value in family.samples)
    return "".join(f"{line}\n" for line in lines)


def values(written: str, name: str, label: str = "") -> dict[str, float]:
    """Return the values of a metric of ours by one of its labels, or under `""`; what is no sample is passed over."""
    found = {}
    for line in written.splitlines():
        match = _SAMPLE.fullmatch(line)
        if match and match[1] == name:
            try:
                found[dict(_LABEL.findall(match[2] or "")).get(label, "")] = float(match[3])
            except ValueError:
                continue
    return found


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{key}="{value.translate(_ESCAPES)}"' for key, value in labels.items()) + "}" if labels else ""

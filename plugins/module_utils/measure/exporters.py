# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus sees: whether each exporter can be asked, and whether each says that its own server is up.

An exporter that is scraped without its server answers all the same, with `…_up 0`.
"""

from __future__ import annotations

from urllib.parse import quote

from ..engine.settings.programs import PROMETHEUS_PORT
from ..engine.settings.subject import Subject, UnknownError
from .scene import Found, Scene

QUERY = '{__name__=~"(pg|redis|mongodb|nginx)_up"}'


def measure(scene: Scene) -> Found:
    """Return `targets` (each with `job`, `up`, `said`), `servers` (each with `metric`, `job`, `up`), and an `error` where there is no answer."""
    for subject in scene.of_tuner("prometheus").values():
        try:
            return {"targets": _targets(subject), "servers": _servers(subject), "error": ""}
        except UnknownError as reason:
            return {"targets": [], "servers": [], "error": str(reason)}
        except (KeyError, TypeError, IndexError) as error:
            return {"targets": [], "servers": [], "error": f"its answer cannot be read: {error}"}
    return {"targets": [], "servers": [], "error": "no Prometheus runs"}


def _targets(subject: Subject) -> list[Found]:
    active = subject.fetch(PROMETHEUS_PORT, "/api/v1/targets?state=active")["data"]["activeTargets"]
    return [{"job": str(target["labels"]["job"]), "up": target["health"] == "up", "said": str(target["lastError"])} for target in active]


def _servers(subject: Subject) -> list[Found]:
    result = subject.fetch(PROMETHEUS_PORT, f"/api/v1/query?query={quote(QUERY)}")["data"]["result"]
    return [
        {"metric": str(series["metric"]["__name__"]), "job": str(series["metric"].get("job", "")), "up": float(series["value"][1]) == 1}
        for series in result
    ]

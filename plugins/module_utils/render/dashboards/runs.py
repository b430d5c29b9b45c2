# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's log of runs, as Loki has it: `host.run_log` writes it, the log shipper reads it."""

from __future__ import annotations

from ..monitored import Monitored
from .panel import Panel, Query
from .source import LOKI

SHIPPERS = ("alloy", "promtail")

# The runs after which the stack may be another one: playbooks of these names.
DEPLOYING = ("site", "deploy", "rollback", "upgrade", "recover", "migrate_storage")

_SAID = (
    'line_format "{{.verb}} by {{.user}}@{{.machine}} {{.event}} {{.outcome}}'
    '{{if .plan}} plan {{.plan}}{{end}}{{if .release}} release {{.release}}{{end}}{{if .why}}: {{.why}}{{end}}"'
)
RUNS = f'{{job="runs"}} | json | {_SAID}'
DEPLOYMENTS = f'{{job="runs"}} | json | event="ended" | verb=~"{"|".join(DEPLOYING)}" | {_SAID}'


def are_shipped(monitored: Monitored) -> bool:
    """Tell whether logs are shipped to Loki, this one among them."""
    return monitored.runs("loki") and any(monitored.runs(shipper) for shipper in SHIPPERS)


def panel() -> Panel:
    """Return the panel of the latest runs."""
    return Panel(
        title="Runs on this host",
        kind="logs",
        source=LOKI,
        width=24,
        height=6,
        description="Who changed the stack, when, and how it ended; a run that was killed has no line that it ended.",
        queries=[Query(expr=RUNS)],
    )

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of the stack's own backups: how old, how large, how long, against what is promised."""

from __future__ import annotations

from collections.abc import Sequence

from ..monitored import Monitored
from .board import Board
from .panel import Panel, Query, stat
from .row import Row

_AGE = 'time() - max by (volume) (ziggie_backup_state_timestamp_seconds{{state="{state}"}})'
_WEEK = 7 * 86400
_DRILL_TOO_OLD = 777600


def board(monitored: Monitored) -> Board | None:
    """Return the dashboard, `None` where the stack is not backed up, or nothing tells how."""
    if not monitored.runs("prometheus") or not monitored.has_live_state or not monitored.backed_up:
        return None
    return Board(
        name="backups",
        title="backups",
        rows=[
            Row(title="Now", panels=worst()),
            Row(title="Age", panels=_ages()),
            Row(title="Size and duration", panels=_efforts()),
            Row(title="Repositories", panels=_repositories()),
        ],
    )


def worst() -> list[Panel]:
    """Return one number of each kind: of the volume that is worst off."""
    failed = "sum(ziggie_backup_failed) or vector(0)"
    return [
        _stat("Oldest newest backup", f"max({_AGE.format(state='stored')})", "BackupTooOld compares each volume with its own promise."),
        _stat("Oldest drilled backup", f"max({_AGE.format(state='drilled')})", "DrillTooOld fires above 9 days.", _DRILL_TOO_OLD),
        _stat("Failed", failed, "Volumes whose last backup or drill failed.", 1, unit="short"),
        _stat("Slowest way back", "max(ziggie_backup_drill_seconds)", "The longest restore of the last drills."),
    ]


def _ages() -> list[Panel]:
    point = f"({_AGE.format(state='stored')})"
    return [
        Panel(
            title="Age of the newest backup, of the promised recovery point",
            kind="bargauge",
            unit="percentunit",
            steps=(("green", None), ("orange", 0.95), ("red", 1.0)),
            description="BackupTooOld fires above 100%.",
            queries=[
                Query(
                    expr=f"sort_desc({point} / on (volume) max by (volume) (ziggie_backup_recovery_point_seconds))",
                    legend="{{volume}}",
                    instant=True,
                )
            ],
        ),
        Panel(
            title="Age of the newest drilled backup",
            kind="bargauge",
            unit="s",
            steps=(("green", None), ("orange", _WEEK), ("red", _DRILL_TOO_OLD)),
            description="A volume that was never drilled is not here. DrillTooOld fires above 9 days.",
            queries=[Query(expr=f"sort_desc({_AGE.format(state='drilled')})", legend="{{volume}}", instant=True)],
        ),
    ]


def _efforts() -> list[Panel]:
    return [
        Panel(
            title="Size of the newest backup",
            kind="timeseries",
            unit="bytes",
            description="Before compression. BackupShrunk fires below half of what it was within three days.",
            queries=[Query(expr="max by (volume) (ziggie_backup_size_bytes)", legend="{{volume}}")],
        ),
        Panel(
            title="Duration of the newest backup",
            kind="timeseries",
            unit="s",
            description="How long it took, of each volume.",
            queries=[Query(expr="max by (volume) (ziggie_backup_duration_seconds)", legend="{{volume}}")],
        ),
        Panel(
            title="Way back, as drilled",
            kind="timeseries",
            unit="s",
            lines=("^promised",),
            description="RecoveryTimeExceeded fires above what is promised.",
            queries=[
                Query(expr="max by (volume) (ziggie_backup_drill_seconds)", legend="{{volume}}"),
                Query(expr="max by (volume) (ziggie_backup_recovery_time_seconds)", legend="promised for {{volume}}"),
            ],
        ),
    ]


def _repositories() -> list[Panel]:
    used = "1 - min by (repository) (ziggie_backup_repository_free_bytes / ziggie_backup_repository_size_bytes)"
    return [
        Panel(
            title="Disk of the repositories, used",
            kind="timeseries",
            unit="percentunit",
            maximum=1,
            steps=(("transparent", None), ("red", 0.9)),
            description="Of repositories that are directories of the host. RepositoryAlmostFull fires above 90%.",
            queries=[Query(expr=used, legend="{{repository}}")],
        ),
        Panel(
            title="Age of locks",
            kind="timeseries",
            unit="s",
            description="While a backup runs there is one. RepositoryLocked fires above 12 hours.",
            queries=[Query(expr="time() - min by (repository) (ziggie_backup_repository_lock_timestamp_seconds)", legend="{{repository}}")],
        ),
    ]


def _stat(title: str, expr: str, description: str, red: float | None = None, *, unit: str = "s") -> Panel:
    steps: Sequence[tuple[str, float | None]] = (("green", None), *((("red", red),) if red else ()))
    return stat(title, expr, description, unit=unit, steps=steps)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Plan from what a run's tasks returned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils.budget.model import Budget
from ..module_utils.deploy.changes import Changes, compare, with_secrets
from ..module_utils.deploy.release import services_of
from ..module_utils.deploy.released_files import FileChange, FileDigest
from ..module_utils.host.run_log import Downtime, LoggedRun
from ..module_utils.host_prep.changes import HostChange
from ..module_utils.plan.plan import Live, Plan, make, stated
from ..module_utils.preflight.prepare import Fitting
from ..module_utils.preflight.protection import Protection
from ..module_utils.settings.hooks import Hook
from ..module_utils.typed import load
from .plain import plain


def plan_of(prepared: Any, release: Any, live: Any, host: str, *, asked: bool, secrets: Iterable[str] = ()) -> Plan:
    """Return the Plan. Raises `ValueError` with the path of what cannot be read.

    `prepared` is what the filter `preflight` returned, `release` what the filter `release` returned, `live` what the module `stack_info` returned;
    the last two are empty where there is none. `secrets` are the files of secrets that the module `secrets` would write, where it was asked.
    """
    found, released, seen = (
        load(dict[str, Any], plain(given or {}), name) for given, name in ((prepared, "prepared"), (release, "release"), (live, "live"))
    )
    engine = load(dict[str, Any], load(dict[str, Any], found["host"], "host")["engine"], "host.engine")
    return make(
        str(host),
        asked=asked,
        engine_runs=bool(engine["running"]),
        budget=Budget.from_dict(found["budget"]) if found["budget"] else None,
        fitting=load(Fitting, found["fitting"], "fitting") if found["fitting"] else None,
        findings=stated(found["findings"]),
        host_changes=load(tuple[HostChange, ...], found["changes"], "changes"),
        hooks=load(tuple[Hook, ...], found.get("hooks", []), "hooks"),
        data=load(tuple[Protection, ...], found.get("data", []), "data"),
        live=_live(released, seen, secrets, fresh=asked and not engine["installed"]) if released else None,
    )


def runs_of(seen: Mapping[str, Any]) -> tuple[LoggedRun, ...]:
    """Return the latest runs on the host from what the module `stack_info` returned. Raises `ValueError`."""
    return load(tuple[LoggedRun, ...], seen.get("runs", []), "runs")


def _live(released: dict[str, Any], seen: dict[str, Any], secrets: Iterable[str], *, fresh: bool) -> Live | None:
    if "changes" in seen:
        changes = Changes.from_dict(seen["changes"])
        if secrets:
            changes = with_secrets(changes, services_of(released["services"], "services"), secrets)
        files = load(tuple[FileChange, ...], seen.get("files", []), "files")
        told = str(seen.get("failed_before") or "")
        away = load(dict[str, Downtime], seen.get("downtimes", {}), "downtimes")
        return Live(changes=changes, files=files, secrets=tuple(secrets), failed_before=told, runs=runs_of(seen), downtimes=away)
    if not fresh:
        return None
    # Without an engine there are no containers, and nothing of a release.
    digests = load(list[FileDigest], released["digests"], "digests")
    files = tuple(FileChange(path=one.path, action="write") for one in digests)
    return Live(changes=compare(services_of(released["services"], "services"), ()), files=files, secrets=tuple(secrets))

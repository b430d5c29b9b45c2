# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Plan from what a run's tasks returned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from ..module_utils.preflight.ways_in import PublishedPort, WayIn
from ..module_utils.settings.hooks import Hook
from ..module_utils.typed import load
from .plain import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a run's tasks returned about one host, as plain data.

    `prepared` is what the filter `preflight` returned, `release` what the filter `release` returned, `live` what the module `stack_info` returned;
    the last two are empty where there is none. `secrets` are the files of secrets that the module `secrets` would write, where it was asked.
    `asked` tells whether a host was asked.
    """

    prepared: dict[str, Any]
    release: dict[str, Any]
    live: dict[str, Any]
    host: str
    asked: bool
    secrets: tuple[str, ...]

    @classmethod
    def given(
        cls, prepared: Any, release: Any = None, live: Any = None, host: str = "", asked: bool = True, secrets: Iterable[str] = ()
    ) -> Answers:
        """Take over what Ansible hands to a filter. Raises `ValueError` for what is no mapping."""
        found, released, seen = (
            load(dict[str, Any], plain(given or {}), name) for given, name in ((prepared, "prepared"), (release, "release"), (live, "live"))
        )
        return cls(
            prepared=found, release=released, live=seen, host=str(host), asked=bool(asked), secrets=tuple(sorted(plain(list(secrets))))
        )


def plan_of(answers: Answers) -> Plan:
    """Return the Plan. Raises `ValueError` with the path of what cannot be read."""
    found, released = answers.prepared, answers.release
    engine = load(dict[str, Any], load(dict[str, Any], found["host"], "host")["engine"], "host.engine")
    return make(
        answers.host,
        asked=answers.asked,
        engine_runs=bool(engine["running"]),
        budget=Budget.from_dict(found["budget"]) if found["budget"] else None,
        fitting=load(Fitting, found["fitting"], "fitting") if found["fitting"] else None,
        findings=stated(found["findings"]),
        host_changes=load(tuple[HostChange, ...], found["changes"], "changes"),
        hooks=load(tuple[Hook, ...], found.get("hooks", []), "hooks"),
        data=load(tuple[Protection, ...], found.get("data", []), "data"),
        ways_in=load(tuple[WayIn, ...], found.get("ways_in", []), "ways_in"),
        ports=load(tuple[PublishedPort, ...], found.get("ports", []), "ports"),
        live=_live(answers, fresh=answers.asked and not engine["installed"]) if released else None,
    )


def runs_of(seen: Mapping[str, Any]) -> tuple[LoggedRun, ...]:
    """Return the latest runs on the host from what the module `stack_info` returned. Raises `ValueError`."""
    return load(tuple[LoggedRun, ...], seen.get("runs", []), "runs")


def _live(answers: Answers, *, fresh: bool) -> Live | None:
    released, seen, secrets = answers.release, answers.live, answers.secrets
    if "changes" in seen:
        changes = Changes.from_dict(seen["changes"])
        if secrets:
            changes = with_secrets(changes, services_of(released["services"], "services"), secrets)
        files = load(tuple[FileChange, ...], seen.get("files", []), "files")
        told = str(seen.get("failed_before") or "")
        away = load(dict[str, Downtime], seen.get("downtimes", {}), "downtimes")
        return Live(changes=changes, files=files, secrets=secrets, failed_before=told, runs=runs_of(seen), downtimes=away)
    if not fresh:
        return None
    # Without an engine there are no containers, and nothing of a release.
    digests = load(list[FileDigest], released["digests"], "digests")
    files = tuple(FileChange(path=one.path, action="write") for one in digests)
    return Live(changes=compare(services_of(released["services"], "services"), ()), files=files, secrets=secrets)

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts as Ansible hands them over."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.catalog.credentials import unusable
from ..module_utils.host import atomic
from ..module_utils.host.codes import SETTING_UNREADABLE
from ..module_utils.host.facts import Facts
from ..module_utils.host_prep.capabilities import decide
from ..module_utils.observe.ledger import Ledger
from ..module_utils.preflight.prepare import Wish
from ..module_utils.problems import Finding
from ..module_utils.settings.host import Settings
from .plain import plain


def facts_of(host: Any) -> Facts:
    """Return the facts that M(ziggie.stack.host_info) returned. Raises `AnsibleFilterError` where they are something else."""
    try:
        return Facts.from_dict(plain(host))
    except ValueError as error:
        raise AnsibleFilterError(f"host: expected what ziggie.stack.host_info returns; {error}") from error


def wish_of(said: Mapping[str, Any]) -> Wish:
    """Return what an inventory says about a host; of the directories in `templates` the core takes the names of the services that have one.

    `credentials` are names, or a mapping of names to values, whose values are checked.
    """
    given = {name: plain(value) for name, value in said.items() if value is not None}
    if "templates" in given:
        roots = [Path(str(root)).expanduser() for root in given["templates"]]
        given["templates"] = sorted({entry.name for root in roots if root.is_dir() for entry in root.iterdir() if entry.is_dir()})
    if isinstance(given.get("credentials"), dict):
        # The core plans with names only; a value never gets into what it returns.
        values = given["credentials"]
        given["credentials"] = sorted(values)
        given["known"] = [*given.get("known", ()), *(finding.to_dict() for finding in unusable(values))]
    if "ledger" in given:
        given["ledger"], wrong = _ledger(Path(os.path.expandvars(str(given["ledger"]))).expanduser())
        given["known"] = [*given.get("known", ()), *(finding.to_dict() for finding in wrong)]
    return Wish(**given)


def _ledger(path: Path) -> tuple[Ledger, list[Finding]]:
    """Return the ledger of a file on the controller, an empty one where there is none, and what is wrong with it."""
    try:
        written = atomic.read(path)
        return (Ledger() if written is None else Ledger.parse(written)), []
    except (OSError, ValueError, RecursionError) as error:
        why = atomic.why(error) if isinstance(error, OSError) else str(error)
        message, fix = f"{path} cannot be read ({why}), so no image counts as seen", "repair it, or move it away"
        return Ledger(), [Finding(code=SETTING_UNREADABLE, severity="warning", path="updates_ledger", message=message, fix=fix)]


def known_host(host: Any) -> dict[str, Any]:
    """Return facts and what the host can enforce by them, as the rules of `findings/` take a host; nothing where there are no facts."""
    if not host:
        return {}
    facts = facts_of(host)
    return {**facts.to_dict(), "capabilities": decide(facts, Settings(), {})[0].to_dict()}

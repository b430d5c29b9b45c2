# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which plan files were applied to a host, so that none is applied twice. One that has expired is refused by its date, so it is forgotten here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..host import atomic
from ..typed import dump, load

FILE = "used_plans.json"


class UsedError(Exception):
    """A plan file cannot be used up; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One plan file that was applied: when and by whom, and when it expires, both as the file writes times."""

    at: str
    by: str
    expires: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPlans:
    """The plan files that were applied and have not expired, by the number that each has once."""

    plans: Mapping[str, Use] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> UsedPlans:
        """Return what a file holds. Raises `UsedError` for one that cannot be read: a plan that it may name must not be applied again."""
        try:
            content = atomic.read(path)
            return cls() if content is None else load(cls, json.loads(content))
        except OSError as error:
            why = str(error.strerror)
        except (ValueError, RecursionError) as error:
            why = str(error)
        raise UsedError(f"{path} cannot be read ({why}), so nobody knows whether the plan was applied; remove it and make the plan again")

    def with_use(self, nonce: str, use: Use) -> UsedPlans:
        """Return them with one more, without those that have expired when it is used. Raises `UsedError` where it was used."""
        if nonce in self.plans:
            used = self.plans[nonce]
            raise UsedError(f"it was applied already, at {used.at} by {used.by}; make the plan again")
        # Times of this form are in order as texts.
        valid = {name: one for name, one in self.plans.items() if one.expires > use.at}
        return UsedPlans(plans={**valid, nonce: use})


def use_up(directory: Path, nonce: str, use: Use, *, check: bool = False) -> None:
    """Note that a plan file is applied; with `check` only look whether it was. Raises `UsedError`."""
    path = directory / FILE
    plans = UsedPlans.read(path).with_use(nonce, use)
    if check:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
        text = json.dumps(dump(plans), sort_keys=True).encode()
        atomic.write(path, text, atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600))
    except OSError as error:
        raise UsedError(f"{error.filename or path} cannot be written ({error.strerror}), and a plan is applied once only") from error

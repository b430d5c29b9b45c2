# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several runs of the matrix have found, so that it can be run a few faults at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ansible_collections.ziggie.stack.tests.faults.trial import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Every attempt, how many writes were acknowledged meanwhile, and in how many seconds runs were refused that came second."""

    results: tuple[Result, ...] = ()
    writes: int = 0
    refused: tuple[float, ...] = field(default=())

    @classmethod
    def read(cls, path: Path) -> Record:
        """Return what a file holds, nothing where there is none."""
        if not path.exists():
            return cls()
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(results=tuple(Result(**one) for one in found["results"]), writes=found["writes"], refused=tuple(found["refused"]))

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    def plus(self, results: Sequence[Result], writes: int, refused: Sequence[float]) -> Record:
        """Return it with another run; an attempt that was made again counts as it ended last."""
        again = {(one.fault, one.seed) for one in results}
        kept = [one for one in self.results if (one.fault, one.seed) not in again]
        return Record(results=(*kept, *results), writes=self.writes + writes, refused=(*self.refused, *refused))

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make recorded series for the bench out of audits that were kept, of any Docker host, one point an audit.

for i in $(seq 100); do ansible-playbook ziggie.stack.audit -e audit_watch=8s -e audit_interval=1s -e audit_file=audits/$(date +%s).json; done
.venv/bin/python -m ansible_collections.ziggie.stack.tests.bench.recommend.record --how 'one sentence' audits/*.json > recorded.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.observe.kept import of_audits
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit
from ansible_collections.ziggie.stack.plugins.plugin_utils.audits import read_audit
from ansible_collections.ziggie.stack.tests.bench.recommend.series import Recorded


def recorded(how: str, audits: Sequence[Audit]) -> Recorded:
    """Return the highest working set of each service in each audit; a service that was seen in less than half of them is left out."""
    ordered = sorted(audits, key=lambda audit: audit.when)
    points = of_audits(ordered)
    return Recorded(
        how=how,
        seconds=round((ordered[-1].when - ordered[0].when) / max(1, len(ordered) - 1)),
        services={name: tuple(point.use for point in those) for name, those in points.items() if 2 * len(those) >= len(ordered)},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("audits", nargs="+", type=Path)
    parser.add_argument("--how", required=True, help="of what host, when and under what load this was recorded")
    arguments = parser.parse_args()
    print(json.dumps(recorded(arguments.how, [read_audit(path) for path in arguments.audits]).to_dict()))


if __name__ == "__main__":
    main()

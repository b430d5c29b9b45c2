# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of Debian's mongodb-exporter of 2018 under the names that Percona's 0.53 gives them with --collector.diagnosticdata."""

from __future__ import annotations

import re

# The family of today, and by the sample of 2018 the labels that it has there. Percona's families are untyped.
FAMILIES: dict[str, dict[str, str]] = {
    "mongodb_ss_connections": {
        r'mongodb_connections\{state="(\w+)"\}': r'{conn_type="\1"}',
        r"mongodb_connections_metrics_created_total": '{conn_type="totalCreated"}',
    },
    "mongodb_ss_opcounters": {r'mongodb_op_counters_total\{type="(\w+)"\}': r'{legacy_op_type="\1"}'},
    "mongodb_ss_wt_cache_bytes_currently_in_the_cache": {r'mongodb_wiredtiger_cache_bytes\{type="total"\}': ""},
    "mongodb_ss_wt_cache_maximum_bytes_configured": {r"mongodb_wiredtiger_cache_max_bytes": ""},
}

# A line about a family that both have under one name, or that is not MongoDB's at all (go_, process_).
KEPT = re.compile(r"(?:# (?:HELP|TYPE) )?(?:mongodb_up |(?!#|mongodb_))")


def current(text: str) -> str:
    """Return the exposition with today's names; a family that only the version of 2018 has is left out, as the reference has none."""
    lines = text.splitlines()
    kept = [line for line in lines if KEPT.match(line)]
    for family, samples in FAMILIES.items():
        found = [
            f"{family}{match.expand(labels)} {match['value']}"
            for sample, labels in samples.items()
            for line in lines
            if (match := re.fullmatch(rf"{sample} (?P<value>\S+)", line))
        ]
        kept += [f"# TYPE {family} untyped", *found] if found else []
    return "\n".join(kept) + "\n"

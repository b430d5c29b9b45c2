# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack end to end, on the lab host."""

from __future__ import annotations

from testkit.integration import lab
from testkit.outcome import Outcome, from_junit, single
from testkit.place import OUTPUT, ROOT
from testkit.process import follow

# Said outright, since molecule otherwise advises another folder on each run.
MOLECULE = {"MOLECULE_GLOB": "molecule/*/molecule.yml"}


def molecule() -> Outcome:
    """Run the scenario `default`: create, converge, idempotence, verify. The lab host stays, for whoever looks at it."""
    # Before molecule, which would show nothing of it until it is over.
    if not lab():
        return single("lab", False)
    reports = OUTPUT / "molecule"
    for report in reports.glob("*.xml"):
        report.unlink()
    done = follow(["molecule", "test", "--scenario-name", "default", "--destroy", "never"], "molecule", environment=MOLECULE)
    expected = [
        path.name for path in sorted((ROOT / "molecule/default/tests").iterdir()) if path.is_dir() and not path.name.startswith("_")
    ]
    total = sum((from_junit(reports / f"{name}.xml", held=True) for name in expected), Outcome())
    # Converge and idempotence are molecule's own: its verdict counts once beside the tests'.
    return total if total.failed else total + single("molecule itself", done.code == 0)

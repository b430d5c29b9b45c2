# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack end to end, on the lab host."""

from __future__ import annotations

from testkit.outcome import Outcome, from_junit
from testkit.place import OUTPUT, ROOT
from testkit.process import follow, run

_HOST = "ziggie-lab"


def molecule() -> Outcome:
    """Run the scenario `default`; a lab host that stood before is left standing."""
    stood = run(["docker", "inspect", _HOST]).code == 0
    for command in ("tools/engine ensure", "tools/lab up"):
        if follow(command.split(), "lab").code != 0:
            return Outcome(failed=1)
    reports = sorted((OUTPUT / "molecule").glob("*.xml"))
    for report in reports:
        report.unlink()
    done = follow(["molecule", "test", "--scenario-name", "default", "--destroy", "never"], "molecule")
    total = Outcome()
    for report in sorted((OUTPUT / "molecule").glob("*.xml")):
        total += from_junit(report, held=True)
    # create, converge, idempotence: one each, and molecule's own verdict on the whole.
    steps = Outcome(passed=1) if done.code == 0 else Outcome(failed=int(not total.failed))
    if not stood and not _keep():
        follow(["molecule", "destroy", "--scenario-name", "default"], "molecule-destroy")
    return total + steps


def _keep() -> bool:
    return (ROOT / ".lab" / "keep").exists()

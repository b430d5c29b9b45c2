# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that was written to a file is applied as it was shown, once, and not to a host that has changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# No engine tunes it, so its limits can change alone.
SERVICE = "sim-studio"
OTHER = "redis-exporter"


def flat(played: Any) -> str:
    """Return output as one line, since Ansible wraps it."""
    return " ".join(played.text.split())


@pytest.mark.usefixtures("restored")
def test_a_plan_file_is_applied_as_shown_and_only_once(
    play: Callable[..., Any], inspect: Any, cgroup: Callable[[str, str, str], str], budget: dict[str, Any], tmp_path: Path
) -> None:
    file, wanted = tmp_path / "x.json", budget["services"][SERVICE]["pids"] + 7
    override = {"catalog_overrides": {"services": {SERVICE: {"x-budget": {"pids": wanted}}}}}
    before = {name: (container["Id"], container["State"]["StartedAt"]) for name, container in inspect().items()}
    planned = play("plan", variables={**override, "plan_file": str(file)})
    assert planned.code == 0, planned.text[-3000:]
    assert file.stat().st_mode & 0o777 == 0o600
    [host] = json.loads(file.read_text(encoding="utf-8"))["hosts"].values()
    assert [(one["subject"], one["impact"]) for one in host["actions"] if one["area"] == "container"] == [(SERVICE, "in place")]

    without = play(variables={"plan": str(file)})
    assert without.code != 0
    assert "is rendered otherwise than planned" in flat(without)

    applied = play(variables={**override, "plan": str(file)})
    assert applied.code == 0, applied.text[-3000:]
    assert int(cgroup(SERVICE, "pids.max", "pids.max")) == wanted
    assert {name: (container["Id"], container["State"]["StartedAt"]) for name, container in inspect().items()} == before

    again = play(variables={**override, "plan": str(file)})
    assert again.code != 0
    assert "cannot be used: it was applied already, at 20" in flat(again)


@pytest.mark.usefixtures("restored")
def test_a_host_that_drifted_is_refused_by_name_before_anything_is_touched(
    play: Callable[..., Any], ask: Any, inspect: Any, look: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "x.json"
    assert play("plan", variables={"plan_file": str(file)}).code == 0
    ask(f"docker update --pids-limit 77 {inspect()[OTHER]['Id']}")
    before = look()
    refused = play(variables={"plan": str(file)})
    assert refused.code != 0
    assert "Nothing was changed." in flat(refused)
    assert f"{OTHER}: limits.pids was " in flat(refused)
    assert look() == before

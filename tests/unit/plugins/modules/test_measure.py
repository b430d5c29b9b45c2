# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module says where there is nothing to measure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import Holder, Lock

Run = Callable[..., dict[str, Any]]


def test_no_engine_is_a_sentence(run: Run, tmp_path: Path) -> None:
    answer = run("measure", parts=["probes"], project_src=str(tmp_path), socket=str(tmp_path / "none.sock"))
    assert answer["failed"] is True
    assert answer["msg"].startswith("Cannot measure the stack: the engine at ")
    assert "Traceback" not in answer["msg"]


def test_an_unknown_part_is_refused(run: Run, tmp_path: Path) -> None:
    assert "value of parts must be one or more of" in run("measure", parts=["everything"], project_src=str(tmp_path))["msg"]


def test_a_restart_waits_for_no_other_run(run: Run, tmp_path: Path) -> None:
    lock = tmp_path / "ziggie.lock"
    Lock(lock).take(Holder.of({"holder": {"user": "anna", "machine": "laptop", "run": "boot:1:7:100"}, "verb": "site"}))
    answer = run("measure", parts=["restart"], project_src=str(tmp_path), socket=str(tmp_path / "none.sock"), lock=str(lock))
    assert answer["msg"].startswith("Another run works on this host: site by anna@laptop since ")

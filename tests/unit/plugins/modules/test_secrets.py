# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No answer of the module holds a value."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.usefixtures("_anybody")


@pytest.fixture(name="_anybody")
def _anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.getuid():
        monkeypatch.setattr(os, "chown", lambda *_arguments: None)


@pytest.fixture(name="options")
def _options(tmp_path: Path) -> dict[str, Any]:
    entry = {"path": "web/key", "content": "key @api_key@ @db@\n", "uid": os.getuid(), "gid": os.getgid()}
    return {
        "store": str(tmp_path / "store"),
        "directory": str(tmp_path / "files"),
        "provided": {"api_key": "s3cr3t-of-mine"},
        "files": [entry],
    }


@pytest.mark.parametrize("check", [True, False])
def test_no_value_comes_back(run: Run, options: dict[str, Any], tmp_path: Path, check: bool) -> None:
    answer = run("secrets", check=check, **options)
    assert answer["changed"] is True
    assert answer["created"] == ["api_key", "db"]
    assert answer["written"] == [str(tmp_path / "files/web/key")]
    made = (tmp_path / "store/db").read_text() if not check else "s3cr3t"
    assert "s3cr3t" not in json.dumps(answer)
    assert made not in json.dumps(answer)
    assert (tmp_path / "store").exists() is not check


def test_a_second_run_changes_nothing(run: Run, options: dict[str, Any]) -> None:
    run("secrets", **options)
    answer = run("secrets", **options)
    assert (answer["changed"], answer["created"], answer["written"]) == (False, [], [])


def test_what_cannot_be_done_is_one_sentence(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no directory")
    answer = run("secrets", **options)
    assert answer["failed"] is True
    assert answer["msg"].startswith("Cannot keep the secrets: ")
    assert "s3cr3t" not in json.dumps(answer)

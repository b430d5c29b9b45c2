# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module says in a sentence what it did not change, and shows no value."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
ROTATION = {
    "secret": "redis_password",
    "method": "restart",
    "user": "",
    "service": "redis",
    "step": "begun",
    "files": [{"path": "redis/password", "content": "@redis_password@", "uid": os.getuid(), "gid": os.getgid()}],
}


@pytest.fixture(name="options")
def _options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    if os.getuid():
        monkeypatch.setattr(os, "chown", lambda *_arguments: None)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/redis_password").write_text("s3cr3t")
    return {"store": str(tmp_path / "secrets"), "project_src": str(tmp_path / "stack"), "socket": str(tmp_path / "absent.sock")}


def test_where_nothing_was_interrupted_nothing_is_settled(run: Run, options: dict[str, Any]) -> None:
    answer = run("rotate", state="settled", **options)
    assert (answer["changed"], answer["settled"], answer["recreated"]) == (False, "", [])


def test_in_check_mode_nothing_is_changed(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    assert run("rotate", check=True, rotation=ROTATION, **options)["changed"] is True
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["redis_password"]


def test_without_a_release_it_goes_back_and_keeps_what_it_needs(run: Run, options: dict[str, Any], tmp_path: Path) -> None:
    answer = run("rotate", rotation=ROTATION, given="n3w-s3cr3t", **options)
    assert (answer["failed"], answer["whole"]) == (True, False)
    assert answer["msg"].startswith("redis_password was not changed: ")
    assert "Going back to the old value did not succeed: " in answer["msg"]
    assert "s3cr3t" not in json.dumps(answer)
    assert (tmp_path / "secrets/redis_password").read_text() == "s3cr3t"
    assert {path.name for path in (tmp_path / "secrets").iterdir()} >= {".rotation", ".redis_password.old", ".redis_password.new"}


@pytest.mark.parametrize(("rotation", "says"), [({**ROTATION, "files": "x"}, "rotation: files: "), ({}, "rotation: ")])
def test_what_is_not_a_rotation_is_told(run: Run, options: dict[str, Any], rotation: dict[str, Any], says: str) -> None:
    answer = run("rotate", rotation=rotation, **options)
    assert answer["failed"] is True
    assert answer["msg"].startswith(says)

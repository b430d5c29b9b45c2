# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping and bringing back, as a playbook calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import DataFormat, Release
from ansible_collections.ziggie.stack.tests.unit.samples import released

Run = Callable[..., dict[str, Any]]


@pytest.fixture(name="lay")
def _lay(tmp_path: Path) -> Callable[..., None]:
    def lay(word: str, device: str = "/data", **more: Any) -> None:
        (tmp_path / "stack").mkdir(exist_ok=True)
        (tmp_path / "stack/compose.yml").write_text(word)
        (tmp_path / "stack/budget.json").write_text(json.dumps({"name": word}))
        release = Release(services={word: released(word, **more)}, volumes={"v": device})
        (tmp_path / "stack/release.json").write_text(json.dumps(release.to_dict()))

    return lay


def test_what_is_kept_comes_back_and_a_check_touches_nothing(run: Run, lay: Callable[..., None], tmp_path: Path) -> None:
    lay("one")
    assert run("releases", directory=str(tmp_path), state="kept", check=True)["changed"] is True
    assert not (tmp_path / "releases").exists()
    first = run("releases", directory=str(tmp_path), state="kept")
    assert first["changed"] is True
    assert run("releases", directory=str(tmp_path), state="kept")["changed"] is False
    lay("two")
    run("releases", directory=str(tmp_path), state="kept")
    told = run("releases", directory=str(tmp_path), state="restored", check=True)
    assert (tmp_path / "stack/compose.yml").read_text() == "two"
    done = run("releases", directory=str(tmp_path), state="restored")
    assert (tmp_path / "stack/compose.yml").read_text() == "one"
    assert told == done
    assert done["release"] == first["release"]
    assert done["services"] == json.loads(json.dumps({"one": released("one").to_dict()}))
    assert done["budget"] == {"name": "one"}
    assert done["changed_paths"] == ["budget.json", "compose.yml", "release.json"]
    assert (done["diff"][1]["before"], done["diff"][1]["after"]) == ("two", "one")


def test_without_a_release_it_says_so_in_a_sentence(run: Run, tmp_path: Path) -> None:
    answer = run("releases", directory=str(tmp_path), state="restored")
    assert answer["failed"] is True
    assert answer["msg"].startswith("Nothing was changed: no release is kept in ")


def test_data_that_would_be_left_behind_is_refused(run: Run, lay: Callable[..., None], tmp_path: Path) -> None:
    lay("one", "/old")
    run("releases", directory=str(tmp_path), state="kept")
    lay("two", "/new")
    answer = run("releases", directory=str(tmp_path), state="restored")
    assert answer["failed"] is True
    assert "its data would be left behind" in answer["msg"]
    assert (tmp_path / "stack/compose.yml").read_text() == "two"


def test_a_release_from_before_an_upgrade_of_the_data_is_refused(run: Run, lay: Callable[..., None], tmp_path: Path) -> None:
    lay("one", str(tmp_path), data=DataFormat(program="postgres", version="17", places=("v",), mark="PG_VERSION"))
    run("releases", directory=str(tmp_path), state="kept")
    lay("two", str(tmp_path))
    (tmp_path / "PG_VERSION").write_text("18\n", encoding="utf-8")
    answer = run("releases", directory=str(tmp_path), state="restored")
    assert f"one: the data in {tmp_path} are of postgres 18" in answer["msg"]
    assert (tmp_path / "stack/compose.yml").read_text() == "two"
    (tmp_path / "PG_VERSION").write_text("17\n", encoding="utf-8")
    assert run("releases", directory=str(tmp_path), state="restored")["changed"] is True

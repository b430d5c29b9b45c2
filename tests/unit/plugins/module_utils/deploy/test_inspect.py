# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of an engine, and that a release that is about to be written anew is only warned of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.deploy import inspect as module
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.failures import Evidence, Failures
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileDigest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.tests.unit import engine as fake


class Stub(Engine):
    def __init__(self, pages: dict[str, Any]) -> None:
        self.pages = pages

    def get(self, resource: str, **_query: Any) -> Any:
        if resource not in self.pages:
            raise EngineError("404")
        return self.pages[resource]


def test_the_image_that_a_reference_means_now() -> None:
    assert module._image_id(Stub({"/images/redis:1/json": {"Id": "sha256:b"}}), "redis:1") == "sha256:b"
    assert module._image_id(Stub({}), "redis:1") == ""


def test_where_volumes_lie(tmp_path: Path) -> None:
    listed = [{"Labels": {"com.docker.compose.volume": "data"}, "Options": {"device": "/elsewhere"}}, {"Labels": None, "Options": None}]
    found = module._volumes(Stub({"/volumes": {"Volumes": listed}}), "ziggie", {"data": str(tmp_path), "gone": "/not/there"})
    data = found["data"]
    assert (data.device, data.released) == ("/elsewhere", str(tmp_path))
    assert 0 < (data.free or 0) <= (data.size or 0)
    assert found["gone"] == module.VolumePlace(device="", released="/not/there")
    assert module._volumes(Stub({"/volumes": {"Volumes": None}}), "ziggie", {}) == {}


def test_a_release_that_failed_and_has_not_come_up_since_is_known_by_its_files(tmp_path: Path) -> None:
    stack = tmp_path / "stack"
    (stack / "config").mkdir(parents=True)
    found = {"compose.yml": b"1", "config/a": b"2"}
    files = [FileDigest.of(f"{stack}/{path}", content, "0644") for path, content in found.items()]
    # What is no part of what is kept does not count.
    files.append(FileDigest.of("/etc/systemd/system/some.timer", b"", "0644"))
    assert module._failed_before(stack, files) == ""
    why = ["The critical tier did not become healthy.", "a: exited with exit code 3, never restarted; the last lines of its log:\n    oh"]
    Failures(tmp_path / "failed").keep(found, why, Evidence(), 100.0)
    assert module._failed_before(stack, files) == (
        "this very release failed on 1970-01-01 00:01:40 UTC: The critical tier did not become healthy. "
        "a: exited with exit code 3, never restarted"
    )
    assert module._failed_before(stack, files[1:]) == ""
    for path, content in found.items():
        (stack / path).write_bytes(content)
    Archive(tmp_path / "releases", stack).keep(200.0, 10)
    assert module._failed_before(stack, files) == ""


def test_a_release_that_is_about_to_be_written_anew_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text("{", encoding="utf-8")
    warnings: list[str] = []
    with fake.running(tmp_path) as engine:
        question = module.Question(directory=tmp_path, project="ziggie", socket=engine.path, desired={})
        assert module.inspect(question, warn=warnings.append)["containers"] == []
    [warning] = warnings
    assert warning.endswith("run the site playbook again.")

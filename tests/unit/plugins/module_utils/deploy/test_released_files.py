# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a release: what was changed since, and what containers have not seen."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import released_files
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import LiveState, Release, fingerprint
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileDigest, changed, differing, silent, stale
from ansible_collections.ziggie.stack.tests.unit.samples import container, released


def test_a_file_with_another_content_is_named(tmp_path: Path) -> None:
    (tmp_path / "config/it").mkdir(parents=True)
    for name, content in (("a.conf", "as released\n"), ("b.conf", "by hand\n")):
        (tmp_path / "config/it" / name).write_text(content, encoding="utf-8")
    parts = {f"config/it/{name}": fingerprint("as released\n") for name in ("a.conf", "b.conf", "gone.conf")}
    assert changed(released(parts={**parts, "image": "it:1"}), tmp_path) == ("config/it/b.conf", "config/it/gone.conf")
    assert changed(released(), tmp_path) == ()


def test_a_secret_that_is_newer_than_the_container(tmp_path: Path) -> None:
    for name, age in (("old", 1000), ("new", 3000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (age, age))
    # The oldest of several containers decides.
    containers = [container("old", created=2000.5), container("new", created=2000.5), container("new", created=3600.0)]
    services = {name: released(name, secrets=(name,)) for name in ("old", "new", "absent")}
    assert stale(services, containers, tmp_path) == ["new"]


def test_a_live_state_that_is_not_written_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "it.prom"
    release = Release(live_state=LiveState(project="shop", file=str(file), backups={}))
    assert silent(release, 1000)
    file.touch()
    os.utime(file, (800, 800))
    assert not silent(release, 980)
    assert silent(release, 981)
    assert not silent(Release(), 1000)


@pytest.fixture(name="release")
def _release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[FileDigest]:
    """Lay out a release of two files. Only root can give files to root."""
    monkeypatch.setattr(released_files.atomic.Ownership, "holds", lambda self, path: stat.S_IMODE(path.stat().st_mode) == self.mode)
    for name in ("compose.yml", "config/a.conf"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        path.chmod(0o644)
    return [FileDigest.of(str(tmp_path / name), name.encode(), "0644") for name in ("compose.yml", "config/a.conf")]


def test_a_release_that_lies_as_it_should_differs_in_nothing(tmp_path: Path, release: list[FileDigest]) -> None:
    assert differing(release, [str(tmp_path / "config")]) == []


def test_content_mode_absence_and_strangers_are_differences(tmp_path: Path, release: list[FileDigest]) -> None:
    (tmp_path / "compose.yml").write_text("other")
    (tmp_path / "config/a.conf").chmod(0o600)
    (tmp_path / "config/stranger").touch()
    absent = FileDigest.of(str(tmp_path / "absent"), b"", "0644")
    found = differing([*release, absent], [str(tmp_path / "config")])
    assert [(change.action, Path(change.path).name) for change in found] == [
        ("write", "compose.yml"),
        ("write", "a.conf"),
        ("write", "absent"),
        ("remove", "stranger"),
    ]


def test_an_exclusive_directory_that_is_absent_holds_nothing(tmp_path: Path) -> None:
    assert differing([], [str(tmp_path / "none")]) == []

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a release: what was changed since, and what containers have not seen."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.deploy.files import changed, silent, stale
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import fingerprint


def test_a_file_with_another_content_is_named(tmp_path: Path) -> None:
    (tmp_path / "config/it").mkdir(parents=True)
    for name, content in (("a.conf", "as released\n"), ("b.conf", "by hand\n")):
        (tmp_path / "config/it" / name).write_text(content, encoding="utf-8")
    parts = {f"config/it/{name}": fingerprint("as released\n") for name in ("a.conf", "b.conf", "gone.conf")}
    assert changed({"parts": {**parts, "image": "it:1"}}, tmp_path) == ["config/it/b.conf", "config/it/gone.conf"]
    assert changed({}, tmp_path) == []


def test_a_secret_that_is_newer_than_the_container(tmp_path: Path) -> None:
    for name, age in (("old", 1000), ("new", 3000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (age, age))
    inspected = [
        {"Created": "1970-01-01T00:33:20.5Z", "Config": {"Labels": {"com.docker.compose.service": service}}} for service in ("old", "new")
    ]
    # The oldest of several containers decides.
    inspected.append({**inspected[1], "Created": "1970-01-01T01:00:00Z"})
    services = {name: {"secrets": [name]} for name in ("old", "new", "absent")}
    assert stale(services, inspected, tmp_path) == ["new"]


def test_a_live_state_that_is_not_written_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "it.prom"
    release = {"live_state": {"file": str(file)}}
    assert silent(release, 1000)
    file.touch()
    os.utime(file, (800, 800))
    assert not silent(release, 980)
    assert silent(release, 981)
    assert not silent({"services": {}}, 1000)

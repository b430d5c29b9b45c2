# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup's options reach the core."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

from ansible_collections.ziggie.stack.plugins.lookup.adopt import LookupModule


def test_options_reach_the_core(tmp_path: Path) -> None:
    compose = tmp_path / "compose.yml"
    compose.write_text("services:\n  web: {image: nginx:1.30.4, privileged: true}\n  extra: {image: x:1, profiles: [more]}\n")
    options = {
        "capacity": {"memory": "4g", "cpus": 2},
        "policy": {"reserve": {"memory": "1g"}},
        "profiles": ["more"],
        "accepted": {"ZB162": "it is a test"},
        "catalogue": str(tmp_path / "catalogue"),
        "host": {},
    }
    adopt = LookupModule()
    with mock.patch.object(adopt, "set_options"), mock.patch.object(adopt, "get_option", side_effect=options.__getitem__):
        found = adopt.run([str(compose)])[0]
    assert found["budget"]["pool"]["memory"] == 3 * 1024**3
    assert set(found["budget"]["services"]) == {"web", "extra"}
    assert [finding["severity"] for finding in found["findings"] if finding["code"] == "ZB162"] == ["accepted"]
    assert sorted(Path(fragment["path"]).relative_to(tmp_path).as_posix() for fragment in found["fragments"]) == [
        "catalogue/services/extra.yml",
        "catalogue/services/web.yml",
        "catalogue/stack.yml",
    ]

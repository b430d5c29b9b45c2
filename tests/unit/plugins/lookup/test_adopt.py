# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup's options reach the core."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleLookupError
from ansible_collections.ziggie.stack.plugins.lookup.adopt import LookupModule


def test_options_reach_the_core(tmp_path: Path) -> None:
    compose = tmp_path / "compose.yml"
    web = "{image: nginx:1.30.4, privileged: true, mem_limit: $M, pids_limit: '${P}'}"
    compose.write_text(f"services:\n  web: {web}\n  extra: {{image: x:1, profiles: [more]}}\n")
    (tmp_path / "one.env").write_text("M=200m\nP=1\n")
    options: dict[str, Any] = {
        "capacity": {"memory": "4g", "cpus": 2},
        "policy": {"reserve": {"memory": "1g"}},
        "profiles": ["more"],
        "accepted": {"ZB162": "it is a test"},
        "catalog": str(tmp_path / "catalog"),
        "host": {},
        "values": {"P": 77},
        "audit": {},
        "audit_file": None,
        "env_files": [str(tmp_path / "one.env")],
    }
    adopt = LookupModule()
    with mock.patch.object(adopt, "set_options"), mock.patch.object(adopt, "get_option", side_effect=options.__getitem__):
        # As Ansible calls it: an option must not have the name of one of its own parameters.
        (found,) = adopt.run([str(compose)], variables={}, **options)
    assert found["budget"]["pool"]["memory"] == 3 * 1024**3
    assert set(found["budget"]["services"]) == {"web", "extra"}
    share = found["budget"]["services"]["web"]
    assert (share["memory"]["limit"], share["pids"]) == (200 * 1024**2, 77)
    assert [finding["severity"] for finding in found["findings"] if finding["code"] == "ZB162"] == ["accepted"]
    assert sorted(Path(fragment["path"]).relative_to(tmp_path).as_posix() for fragment in found["fragments"]) == [
        "catalog/services/extra.yml",
        "catalog/services/web.yml",
        "catalog/stack.yml",
    ]


def test_a_file_that_is_no_audit_is_a_sentence(tmp_path: Path) -> None:
    for content in ("[]", "{", '{"audit": {}}', '{"audit": {"format": 9}}'):
        (tmp_path / "audit.json").write_text(content)
        adopt = LookupModule()
        options = {"audit": {}, "audit_file": str(tmp_path / "audit.json"), "host": {}, "capacity": {}, "policy": {}, "accepted": {}}
        options |= {"catalog": "", "profiles": [], "values": {}, "env_files": []}
        with (
            mock.patch.object(adopt, "set_options"),
            mock.patch.object(adopt, "get_option", side_effect=options.__getitem__),
            pytest.raises(AnsibleLookupError, match=r"audit\.json: expected a file that ziggie\.stack\.audit wrote"),
        ):
            adopt.run(["compose.yml"], variables={})

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine is found as the docker command finds it."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.observe.sockets import find, usable

DEFAULT, ROOTLESS = "/var/run/docker.sock", "/run/user/1000/docker.sock"


def serve(root: Path, *paths: str) -> None:
    for path in paths:
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(place))


def context(home: Path, name: str, host: str) -> None:
    meta = home / ".docker/contexts/meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}), encoding="utf-8")
    (home / ".docker/config.json").write_text(json.dumps({"currentContext": name}), encoding="utf-8")


def test_the_default_comes_first_and_the_other_engine_is_named(tmp_path: Path) -> None:
    serve(tmp_path, DEFAULT, ROOTLESS)
    found = find("", environment={}, home=tmp_path, root=tmp_path)
    assert (found.chosen, found.others) == (DEFAULT, (ROOTLESS,))


def test_a_rootless_engine_alone_is_found(tmp_path: Path) -> None:
    serve(tmp_path, ROOTLESS)
    found = find("", environment={}, home=tmp_path, root=tmp_path)
    assert (found.chosen, found.others) == (ROOTLESS, ())


def test_what_is_asked_for_comes_before_the_environment_and_that_before_the_context(tmp_path: Path) -> None:
    serve(tmp_path, DEFAULT)
    context(tmp_path, "mine", "unix:///context.sock")
    environment = {"DOCKER_HOST": "unix:///environment.sock"}
    assert find("/asked.sock", environment=environment, home=tmp_path, root=tmp_path).chosen == "/asked.sock"
    assert find("", environment=environment, home=tmp_path, root=tmp_path).chosen == "/environment.sock"
    assert find("", environment={}, home=tmp_path, root=tmp_path).chosen == "/context.sock"
    assert find("", environment={"DOCKER_CONTEXT": "default"}, home=tmp_path, root=tmp_path).chosen == DEFAULT


@pytest.mark.parametrize("far", ["tcp://10.0.0.1:2376", "ssh://user@host"])
def test_an_engine_of_another_host_is_refused(tmp_path: Path, far: str) -> None:
    with pytest.raises(ValueError, match="not on this host"):
        find("", environment={"DOCKER_HOST": far}, home=tmp_path, root=tmp_path)
    context(tmp_path, "far", far)
    with pytest.raises(ValueError, match="context 'far'"):
        find("", environment={}, home=tmp_path, root=tmp_path)


def test_a_context_without_an_endpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'gone' has no endpoint"):
        find("", environment={"DOCKER_CONTEXT": "gone"}, home=tmp_path, root=tmp_path)


def test_no_socket_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no engine socket at"):
        usable(str(tmp_path / "none.sock"))

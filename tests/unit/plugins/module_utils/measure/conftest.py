# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene whose containers answer from what a test gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.settings.subject import Subject, UnknownError
from ansible_collections.ziggie.stack.plugins.module_utils.measure.scene import Scene, Tuned

Answer = Any


@pytest.fixture(name="scene")
def _scene(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scene]:
    """Make a scene of one running service of a tuner; its container says `said`, or does not answer."""

    def scene(engine: str, said: str = "", *, pages: Callable[..., Any] | None = None, several: bool = False, **container: Any) -> Scene:
        subject = mock.create_autospec(Subject, instance=True)
        for method in (subject.run, subject.execute):
            method.return_value = said
            method.side_effect = None if said else UnknownError("no answer after 5 s")
        subject.fetch.side_effect = pages
        monkeypatch.setattr(Scene, "subject", lambda *_given, **_named: subject)
        inspected = {
            "Id": "c1",
            "Config": {"Labels": {"com.docker.compose.service": "it"}, **container.pop("config", {})},
            "State": {"Running": True, "Pid": 7, **container},
        }
        labels = {"com.docker.compose.service": "it", "com.docker.compose.container-number": "2"}
        beside = [{**inspected, "Id": "c2", "Config": {"Labels": labels}}] if several else []
        return Scene(inspected=[inspected, *beside], tunings={"it": Tuned(tuner=engine)}, project="ziggie", socket="/none")

    return scene

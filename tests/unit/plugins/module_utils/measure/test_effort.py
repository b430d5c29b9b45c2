# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a validation that disturbs nobody costs: commands inside containers, counted."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest import mock

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.settings.subject import Subject, UnknownError
from ansible_collections.ziggie.stack.plugins.module_utils.measure import exporters, figures, logins, probes
from ansible_collections.ziggie.stack.plugins.module_utils.measure.scene import Scene, Tuned, together

TUNERS = ("postgres", "redis", "mongodb", "pgbouncer", "prometheus", "nginx", "node", "python")
DATABASES = 3


def stack(size: int) -> Scene:
    services = [f"service-{number}" for number in range(size)]
    inspected = [
        {
            "Id": name,
            "Config": {"Labels": {"com.docker.compose.service": name}, "Healthcheck": {"Test": ["CMD", "true"]}},
            "State": {"Running": True, "Pid": 7},
        }
        for name in services
    ]
    tunings = {name: Tuned(tuner=tuner) for name, tuner in zip(services, TUNERS, strict=False)}
    return Scene(inspected=inspected, tunings=tunings, project="ziggie", socket="/none")


@pytest.fixture(name="subject")
def _subject(monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
    subject = mock.create_autospec(Subject, instance=True)
    subject.run.return_value = subject.execute.return_value = "{}"
    subject.fetch.side_effect = UnknownError("nobody")
    monkeypatch.setattr(Scene, "subject", lambda *_given, **_named: subject)
    return subject


@pytest.mark.parametrize("size", [8, 27, 60])
def test_one_command_for_each_probe_and_two_for_each_database(subject: mock.Mock, size: int) -> None:
    scene = stack(size)
    parts: dict[str, Any] = {"probes": probes, "logins": logins, "exporters": exporters, "figures": figures}
    found = together({name: partial(part.measure, scene) for name, part in parts.items()})
    assert list(found) == list(parts)
    assert subject.execute.call_count == size
    assert subject.run.call_count == 2 * DATABASES
    assert subject.fetch.call_count <= 2


def test_what_goes_wrong_in_one_of_several_is_not_lost() -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        together({"probes": dict, "figures": broken, "logins": dict})

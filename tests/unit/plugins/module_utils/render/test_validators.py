# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the monitoring are checked by the image that will read them."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.render.generated import documents
from ansible_collections.ziggie.stack.plugins.module_utils.render.validators import validator


def test_what_prometheus_and_alertmanager_read_is_checked(catalogue: dict[str, Any], solved: dict[str, Any]) -> None:
    checked = [path for path in documents(solved, catalogue, {}) if validator(path, catalogue)]
    assert checked == ["config/prometheus/prometheus.yml", "config/prometheus/alerts.yml", "config/alertmanager/alertmanager.yml"]


def test_the_checker_is_of_the_version_that_is_deployed(catalogue: dict[str, Any]) -> None:
    command = validator("config/prometheus/alerts.yml", catalogue)
    assert command is not None
    assert command[:2] == ["docker", "run"]
    assert command[-3:] == [catalogue["services"]["prometheus"]["image"], "check", "rules"]


def test_without_the_service_there_is_no_checker(catalogue: dict[str, Any]) -> None:
    assert validator("config/prometheus/alerts.yml", {"services": {}}) is None
    assert validator("config/redis/redis.conf", catalogue) is None

# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the monitoring are checked by the image that will read them."""

from __future__ import annotations

from typing import Any

from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import Settings
from ansible_collections.ziggie.stack.plugins.module_utils.render.monitoring import documents
from ansible_collections.ziggie.stack.plugins.module_utils.render.validators import validator
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import alert_groups


def test_what_prometheus_and_alertmanager_read_is_checked(catalog: dict[str, Any], solved: dict[str, Any]) -> None:
    checked = [path for path in documents(solved, catalog, Settings.of({}), groups=alert_groups()) if validator(path, catalog)]
    assert checked == ["config/prometheus/prometheus.yml", "config/prometheus/alerts.yml", "config/alertmanager/alertmanager.yml"]


def test_the_checker_is_of_the_version_that_is_deployed(catalog: dict[str, Any]) -> None:
    command = validator("config/prometheus/alerts.yml", catalog)
    assert command is not None
    assert command[:2] == ["docker", "run"]
    assert command[-3:] == [catalog["services"]["prometheus"]["image"], "check", "rules"]


def test_without_the_service_there_is_no_checker(catalog: dict[str, Any]) -> None:
    assert validator("config/prometheus/alerts.yml", {"services": {}}) is None
    assert validator("config/redis/redis.conf", catalog) is None
